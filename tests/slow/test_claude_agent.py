"""The Claude Agent SDK with what speaks as Claude Code does: all is there once, and it replays without Claude Code."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agentreplay.model.span import Span
from agentreplay.model.usage import Usage
from tests.sdk.home import Home
from tests.slow.test_programs import PROGRAMS, Desk, python_of

pytestmark = pytest.mark.slow

RUN = Usage(input=160, cache_read=40, output=20)
COST = 792_000
"""Of a run, in nano-dollars: 160 tokens at 3, 40 from the cache at 0.3, 20 at 15 per million."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("claude") / "data", "", python_of("programs"))
    recorded = desk.agentreplay("run", "--", desk.python, str(PROGRAMS / "claude_agent.py"))
    assert recorded.returncode == 0, recorded.stderr.decode()
    assert not Home(desk.folder).troubles(desk.last_session())
    assert recorded.stdout.split(b"\n")[:3] == [b"sunny in Paris", b"no line goes to Rome", b"Go by train."]
    return desk


@pytest.fixture(scope="module")
def session(desk: Desk) -> str:
    return desk.last_session()


@pytest.fixture(scope="module")
def home(desk: Desk) -> Home:
    return Home(desk.folder)


def children(spans: Sequence[Span], kind: str) -> dict[str, list[Span]]:
    """The spans of a kind, by the name of the prompt's number they lie below."""
    prompts = [span.span_id for span in spans if span.kind == "llm"]
    return {
        str(number): [span for span in spans if span.parent_id == prompt and span.kind == kind]
        for number, prompt in enumerate(prompts, 1)
    }


def test_each_prompt_is_a_call_with_its_tokens_cost_and_tools(home: Home, session: str) -> None:
    spans = home.spans(session)

    runs = [span for span in spans if span.kind == "llm"]
    assert [(run.provider, run.model, run.usage, run.cost) for run in runs] == [
        ("anthropic", "claude-sonnet-4-5", RUN, COST)
    ] * 3
    tools = children(spans, "tool")
    [weather], [trains] = tools["1"], tools["2"]
    assert (weather.name, weather.attributes["input"], weather.attributes["output"]) == (
        "weather",
        {"city": "Paris"},
        "sunny in Paris",
    )
    assert (trains.name, trains.status, trains.status_message) == ("trains", "error", "no line goes to Rome")
    assert not tools["3"]


def test_what_it_was_started_with_is_kept(home: Home, session: str) -> None:
    greetings = [call for call in home.tape(session).calls if call.request.operation == "initialize"]

    assert len(greetings) == 2
    arguments: Any = greetings[0].request.head["arguments"]
    assert arguments[arguments.index("--system-prompt") + 1] == "You plan journeys."


def test_it_replays_where_there_is_no_claude_code(desk: Desk, session: str) -> None:
    verdict = desk.verdict(session, CLAUDE_CODE="/nowhere/claude")

    assert verdict["status"] == "identical", json.dumps(verdict, indent=1)
    assert verdict["calls"] == verdict["served"] == 11


def test_a_tool_that_finds_something_else_is_noticed(desk: Desk, session: str, tmp_path: Path) -> None:
    changed = (PROGRAMS / "claude_agent.py").read_text(encoding="utf-8").replace("sunny in", "rainy in")
    program = tmp_path / "claude_agent.py"
    program.write_text(changed, encoding="utf-8")

    done = desk.agentreplay("--json", "replay", session, "--", desk.python, str(program))

    told = json.loads(done.stdout[done.stdout.index(b"{") :])
    assert told["status"] == "diverged"
    assert "rainy in Paris" in json.dumps(told)


def test_a_fork_at_the_first_prompt_goes_on_with_claude_code(desk: Desk, home: Home, session: str) -> None:
    first = next(span.seq for span in home.spans(session) if span.kind == "llm")

    forked = desk.agentreplay("fork", session, "--at", str(first))

    assert forked.returncode == 0, forked.stderr.decode()
    assert b"sunny in Paris" in forked.stdout
    calls = [call for call in home.tape(desk.last_session()).calls if call.request.operation == "prompt"]
    assert len(calls) == 3
