"""What a framework says is under way becomes spans; what it says wrongly does no harm."""

from collections.abc import Callable

import pytest

import agentreplay
from agentreplay.playback.tape import TOOL
from agentreplay.sdk import recorder
from agentreplay.sdk.frameworks import runs as module
from agentreplay.sdk.frameworks.runs import Runs
from tests.sdk.home import Home, record


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError("no words")


def parents(home: Home, story: Callable[[Runs], None]) -> dict[str, str]:
    """The name of the parent of each span that a story of runs makes."""

    def framework() -> None:
        story(Runs("a framework"))

    spans = home.spans(record(framework))
    names = {span.span_id: span.name for span in spans}
    return {span.name: names[span.parent_id] for span in spans if span.parent_id}


def test_a_run_lies_in_its_parent_whatever_else_is_going_on(home: Home) -> None:
    def story(runs: Runs) -> None:
        runs.begin(1, "planner", "agent", agent="planner")
        runs.begin(2, "search", "tool", parent=1)
        runs.begin(3, "read", "tool", parent=1)
        runs.end(2)
        with agentreplay.span("within read"):
            runs.end(3)
        runs.end(1)

    assert parents(home, story) == {
        "planner": "framework",
        "search": "planner",
        "read": "planner",
        "within read": "read",
    }


def test_what_is_passed_over_gives_its_place_to_its_parent(home: Home) -> None:
    def story(runs: Runs) -> None:
        runs.begin("graph", "graph", "agent")
        runs.pass_over("hidden", "graph")
        runs.begin("node", "node", parent="hidden")
        runs.end("node")
        runs.end("hidden")
        runs.end("graph")

    assert parents(home, story) == {"graph": "framework", "node": "graph"}


def test_what_it_is_told_is_kept_and_inherited(home: Home) -> None:
    def framework() -> None:
        runs = Runs("a framework")
        runs.begin("a", "someone", "agent", agent="someone", iteration=2, told={"given": object, "nothing": None})
        runs.begin("t", "weather", "tool", parent="a", told={"input": {"city": "Paris"}})
        runs.end("t", KeyError("Paris"), {"output": ["none"]})
        runs.rename("a", "somebody", "agent", "somebody")
        runs.end("a")

    spans = {span.name: span for span in home.spans(record(framework))}
    tool, agent = spans["weather"], spans["somebody"]
    assert (tool.kind, tool.tool, tool.agent, tool.iteration, tool.status) == ("tool", "weather", "someone", 2, "error")
    assert tool.attributes == {"input": {"city": "Paris"}, "output": ["none"], TOOL: "main#1"}
    assert agent.agent == "somebody"
    assert set(agent.attributes) == {"given"}


def test_a_framework_that_is_not_what_it_was_is_left_to_the_seams_and_told_once(home: Home) -> None:
    def story(runs: Runs) -> None:
        runs.begin(1, "before")
        for _ in range(2):
            runs.begin(2, Unspeakable())
        runs.end(1)
        runs.begin(3, "after")
        runs.end(3)

    assert parents(home, story) == {"before": "framework"}
    assert [count for kind, count in recorder.troubles.items() if "a framework" in kind] == [1]


def test_ends_of_what_never_began_are_nothing(home: Home) -> None:
    def story(runs: Runs) -> None:
        runs.end("nothing")
        runs.rename("nothing", "something", "step")
        runs.pass_over("child", "nothing")
        runs.begin("child of nothing", "alone", parent="nothing")
        runs.end("child of nothing")

    assert parents(home, story) == {"alone": "framework"}
    assert not recorder.troubles


def test_what_never_ends_is_not_kept_for_ever(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 3)
    runs = Runs("a framework")

    def framework() -> None:
        for number in range(10):
            runs.begin(number, f"run {number}")

    record(framework)
    assert len(runs._spans) == len(runs._outside) == 3
