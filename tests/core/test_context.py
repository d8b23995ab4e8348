"""Contexts as people read them."""

from typing import Any

from agentreplay.core.context import changes, messages
from agentreplay.model.span import Span
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import append


def call(store: Store, make: Maker, *texts: str, **fields: Any) -> Span:
    spoken = make.conversation(*texts)
    span = make.span(kind="llm", context=spoken.ref, **fields)
    append(store, batch_of(span, spoken))
    return span


def told(store: Store, span: Span) -> list[tuple[str, int]]:
    turn = changes(store, span.key)
    assert turn is not None
    return [(step.kind, step.count) for step in turn.steps]


def test_a_call_goes_on_from_the_one_before(store: Store, make: Maker) -> None:
    call(store, make, "a", "b")
    second = call(store, make, "a", "b", "c")

    assert told(store, second) == [("same", 2), ("added", 1)]


def test_what_was_dropped_and_changed_is_told(store: Store, make: Maker) -> None:
    first = call(store, make, "a", "b", "c", "d")
    second = call(store, make, "a", "x", "c")

    turn = changes(store, second.key)

    assert turn is not None
    assert turn.previous is not None
    assert turn.previous.span_id == first.span_id
    assert [step.kind for step in turn.steps] == ["same", "changed", "same", "dropped"]
    assert turn.steps[1].differences == ({"path": "content", "expected": "b", "got": "x"},)


def test_agents_side_by_side_have_conversations_of_their_own(store: Store, make: Maker) -> None:
    call(store, make, "plan", "yes")
    call(store, make, "write", "yes")
    again = call(store, make, "plan", "yes", "on")

    assert told(store, again) == [("same", 2), ("added", 1)]


def test_the_first_call_of_a_conversation_goes_on_from_none(store: Store, make: Maker) -> None:
    call(store, make, "a")
    call(store, make, "b", session="another")
    third = call(store, make, "b")

    turn = changes(store, third.key)

    assert turn is not None
    assert turn.previous is None
    assert [step.kind for step in turn.steps] == ["added"]


def test_a_message_whose_content_is_gone_is_missing_and_the_others_are_not(store: Store, make: Maker) -> None:
    spoken = make.conversation("a", "b")
    span = make.span(kind="llm", context=spoken.ref)
    append(store, batch_of(span, *spoken.links, spoken.contents[0]))

    read = messages(store, span.key)

    assert read is not None
    assert [(one.message, one.is_missing) for one in read.messages] == [
        ({"role": "user", "content": "a"}, False),
        (None, True),
    ]
