"""The threads of graphs as calls: in both colours, told without what is in them, and on replay served."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

import agentreplay
from agentreplay.core.graph_threads import Step, StepKey, Stored
from agentreplay.core.graph_values import Parts, put_together
from agentreplay.sdk import graph_calls
from agentreplay.sdk.graph_calls import Desk, GraphStates
from agentreplay.sdk.state import States
from tests.core.graph import Packed, outlined, said
from tests.sdk.home import Home, record

SECRET = "sk-" + "a1B2c3D4" * 5
MESSAGES = [said(number) for number in range(3)]


@pytest.fixture
def states(home: Home) -> Iterator[GraphStates]:  # where the data folder is
    opened = GraphStates(States(), "langgraph")
    yield opened
    opened.close()


def desk(states: GraphStates, step: str, messages: Any) -> Desk:
    parts = Parts()
    channels = {"messages": outlined(messages, parts)}
    return Desk(states.threads, Step(None, ("msgpack", b"\x80"), ("msgpack", step.encode()), channels), parts)


def messages_in(stored: Stored) -> Any:
    return put_together(stored.step.channels["messages"], Packed(), stored.parts.__getitem__)


def test_both_colours_do_the_same(states: GraphStates) -> None:
    async def later() -> Any:
        await graph_calls.put.later(desk(states, "2", MESSAGES), "one", "", "2", "1", ["messages"])
        return await graph_calls.get.later(Desk(states.threads, messages_in), "one", "", None)

    graph_calls.put.now(desk(states, "1", MESSAGES[:1]), "one", "", "1", None, ["messages"])

    assert asyncio.run(later()) == MESSAGES
    assert graph_calls.get.now(Desk(states.threads, messages_in), "one", "", "1") == MESSAGES[:1]
    assert graph_calls.get.now(Desk(states.threads, messages_in), "one", "", "3") is None
    assert graph_calls.keys.now(Desk(states.threads), None, None) == [["one", "", "2"], ["one", "", "1"]]
    assert graph_calls.threads.now(Desk(states.threads)) == ["one"]


def test_a_replay_is_served_what_was_read_and_keeps_nothing(states: GraphStates, home: Home) -> None:
    def run() -> Any:
        graph_calls.put.now(desk(states, "1", [*MESSAGES, SECRET]), "one", "", "1", None, ["messages"])
        return graph_calls.get.now(Desk(states.threads, messages_in), "one", "", None)[:3]

    session = record(run)
    asked = home.addresses(session)
    states.threads.retain("one", lambda _: False)

    verdict = agentreplay.replay(session, run)

    assert verdict.status == "identical"
    assert states.threads.keys() == []
    assert not any(SECRET in body for body in asked.values())
    assert [name for body in asked.values() for name in ("self", "parts") if name in body] == []


def test_what_is_kept_in_a_recording_is_no_part_of_it(states: GraphStates, home: Home) -> None:
    """Else the thread would lose what it stands on when the session is deleted."""
    with agentreplay.session("work") as session:
        graph_calls.put.now(desk(states, "1", MESSAGES), "one", "", "1", None, ["messages"])
    assert session.id is not None

    found = States().facts.states(home.key(session.id).tenant, home.key(session.id).project, session.id)

    assert found == []
    assert states.threads.get("one", "") is not None
    assert states.threads.keys() == [StepKey("one", "", "1")]
