"""Where texts came from."""

import json
from typing import Any

import pytest

from agentreplay.core.provenance import provenance
from agentreplay.errors import QueryInvalid
from agentreplay.model.content import Content, Kept
from agentreplay.model.span import Span
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import append


def call(store: Store, make: Maker, *texts: str, **fields: Any) -> Span:
    spoken = make.conversation(*texts)
    span = make.span(kind="llm", context=spoken.ref, **fields)
    append(store, batch_of(span, spoken))
    return span


def tool(store: Store, make: Maker, result: object, **fields: Any) -> Span:
    content = Content.of(json.dumps(result).encode())
    span = make.span(kind="tool", name="lookup", kept=(Kept(role="answer", hash=content.hash),), **fields)
    append(store, batch_of(span, content))
    return span


def test_a_text_comes_from_the_result_that_held_it_before_any_model_saw_it(store: Store, make: Maker) -> None:
    call(store, make, "Where is it?")
    result = tool(store, make, {"ships": "Friday by QuickShip", "item": "kettle"})
    last = call(store, make, "Where is it?", "It comes on Friday, by QuickShip.", "Friday by QuickShip?")

    found = provenance(store, last.key, "Friday, by Quickship")

    assert found is not None
    assert (found.span.span_id, found.where, found.is_earliest) == (result.span_id, "answer", True)


def test_a_text_that_a_user_said_comes_from_that_message(store: Store, make: Maker) -> None:
    first = call(store, make, "Hello", "Yes?", "My order is the red kettle")
    last = call(store, make, "Hello", "Yes?", "My order is the red kettle", "I look for the red kettle")

    found = provenance(store, last.key, "the red kettle")

    assert found is not None
    assert (found.span.span_id, found.where, found.role, found.place) == (first.span_id, "message", "user", 2)


def test_arguments_in_json_within_json_are_read(store: Store, make: Maker) -> None:
    span = tool(store, make, [{"arguments": json.dumps({"query": "two\nlines of it"})}])

    found = provenance(store, span.key, "two lines of it")

    assert found is not None
    assert found.where == "answer"


def test_neither_other_sessions_nor_what_came_later_count(store: Store, make: Maker) -> None:
    call(store, make, "a secret word", session="another")
    here = call(store, make, "nothing of it")
    tool(store, make, "a secret word")

    assert provenance(store, here.key, "a secret word") is None


def test_a_text_without_words_is_refused(store: Store, make: Maker) -> None:
    span = call(store, make, "a")

    with pytest.raises(QueryInvalid):
        provenance(store, span.key, "…!")
