"""`agentreplay doctor SESSION`."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from agentreplay.store.memory import MemoryStore
from tests.desk import ORDERS, Desk

pytestmark = pytest.mark.slow

Run = Callable[..., Result]


@pytest.fixture
def recorded(memory: MemoryStore, desk: Desk) -> Callable[[str], str]:
    """Records a program, and says under which id."""

    def record(text: str) -> str:
        desk.write("agent.py", text)
        key = desk.record("agent.py")
        desk.hand_over(key, memory)
        return key.session

    return record


def test_a_steady_program_is_said_to_be_steady(run: Run, recorded: Callable[[str], str]) -> None:
    result = run("doctor", recorded(ORDERS))

    assert (result.exit_code, result.stdout) == (0, "steady: both runs did and wrote the same\n")


def test_what_varies_is_named_with_a_hint(run: Run, recorded: Callable[[str], str]) -> None:
    session = recorded(ORDERS + "print(object())")

    result = run("doctor", session)
    document = json.loads(run("doctor", session, "--json").stdout)

    assert result.exit_code == 3
    assert "unsteady: 1 thing differed" in result.stdout
    assert "output stdout\n  first   line 3  " in result.stdout
    assert "an address in memory" in result.stdout
    assert document["exit_code"] == 3
    assert [item["what"] for item in document["items"]] == ["stdout"]


def test_a_program_that_was_edited_is_steady_and_told_to_be_edited(
    run: Run, recorded: Callable[[str], str], desk: Desk
) -> None:
    session = recorded(ORDERS)
    desk.write("agent.py", ORDERS.replace("(7, 8)", "(7, 9)"))

    result = run("doctor", session)

    assert result.exit_code == 0
    assert "it is the code that changed" in result.stderr


def test_a_session_is_not_mended(run: Run) -> None:
    result = run("doctor", "x", "--rebuild")

    assert result.exit_code == 2
    assert "about the store" in result.stderr
