"""A call as people read it. Calls that crossed our own boundary are read over HTTP in tests/server/routes."""

import pytest

from agentreplay.core.exchange import exchange, raw
from agentreplay.errors import ContentMissing
from agentreplay.model.content import Content, Kept
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import append


def test_what_others_recorded_is_told_as_they_told_it(store: Store, make: Maker) -> None:
    asked, answered = Content.of(b'{"query": "order 7"}'), Content.of(b"\xff\x00", "audio/wav")
    kept = (Kept(role="request", hash=asked.hash), Kept(role="answer", hash=answered.hash))
    span = make.span(kind="tool", name="lookup", kept=kept)
    append(store, batch_of(span, asked, answered))

    told = exchange(store, span.key)

    assert (told.recorded, told.operation, told.kept) == (False, "lookup", kept)
    assert told.asked is not None
    assert (told.asked.value, told.asked.bytes) == ({"query": "order 7"}, 20)
    assert told.answered is not None
    assert (told.answered.value, told.answered.media) == (None, "audio/wav")
    assert raw(store, span.key, "answer") == answered


def test_a_payload_that_was_deleted_is_missing(store: Store, make: Maker) -> None:
    span = make.span(kind="llm", attributes={"agentreplay.call": {"path": "main", "ordinal": 1, "digest": ""}})
    append(store, batch_of(span))

    with pytest.raises(ContentMissing):
        exchange(store, span.key)
