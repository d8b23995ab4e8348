"""Programs written with the frameworks people use: all is there, in the right tree, once; it replays and forks."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.slow.frameworks import ENVIRONMENTS, Recorded, forks_at_tools, kept, look, look_without_hooks, recorded
from tests.slow.frameworks_apart import APART

pytestmark = pytest.mark.slow

NOT_YET = {"crewai_agent", "dspy_agent"}
"""Those whose frameworks cannot be installed beside Python 3.14 or newer."""

FORKED_AT_TOOLS = [
    "adk_agent",
    "agno_agent",
    "autogen_agent",
    "crewai_agent",
    "dspy_agent",
    "haystack_agent",
    "langgraph_agent",
    "llama_index_agent",
    "openai_agent",
    "pydantic_agent",
    "semantic_kernel_agent",
    "smolagents_agent",
    "strands_agent",
]


def skip_what_cannot_be_installed(program: str) -> None:
    if program in NOT_YET and sys.version_info >= (3, 14):
        pytest.skip("the framework cannot be installed beside this Python")


# Those of both tests stand at the same places, so that pytest lets both follow each other and records once for them.
@pytest.fixture(scope="module")
def recording(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    program: str = request.param
    skip_what_cannot_be_installed(program)
    with recorded(program, tmp_path_factory.mktemp(program)) as found:
        yield found


@pytest.mark.parametrize("recording", [*FORKED_AT_TOOLS, *sorted(ENVIRONMENTS.keys() - FORKED_AT_TOOLS)], indirect=True)
def test_all_is_there_in_its_place_once_and_replays_and_forks(recording: Recorded) -> None:
    """The table in docs/frameworks.md is made of the same; what the program says is what it says alone."""
    seen = look(recording)

    assert seen == kept()[recording.program]
    for needed in ("messages", "tokens", "cost", "replays", "forks"):
        assert seen["seen"][needed], needed


@pytest.mark.parametrize("program", sorted(APART))
def test_those_who_ask_no_model_over_http_are_seen_as_the_table_says(program: str, tmp_path: Path) -> None:
    assert APART[program](tmp_path) == kept()[program]["seen"]


@pytest.mark.parametrize("recording", FORKED_AT_TOOLS, indirect=True)
def test_a_fork_begins_at_a_tool(recording: Recorded) -> None:
    """One tool is given something else, another finds something else, and the model is told so."""
    assert forks_at_tools(recording) == [True, True]


@pytest.mark.parametrize("program", sorted(ENVIRONMENTS))
def test_a_program_goes_on_where_no_hook_fits_its_framework(program: str, tmp_path: Path) -> None:
    """It says what it says alone, and its calls are recorded and served all the same."""
    skip_what_cannot_be_installed(program)

    seen = look_without_hooks(program, tmp_path)

    assert seen == dict.fromkeys(("as ever", "told once", "recorded", "replays"), True)
