"""The changes of a collection, the newest first."""

import pytest

from agentreplay.core.memory_log import changes
from agentreplay.core.plain import plain
from agentreplay.errors import CursorInvalid
from agentreplay.model.fact import Author
from agentreplay.model.ids import SessionId, SpanId, TraceId
from agentreplay.model.page import Cursor, PageRequest
from agentreplay.store.memory import MemoryStore
from tests.store.remembering import NOTES, OF_AGENT, keep, take_out

AUTHOR = Author(session=SessionId("one"), trace_id=TraceId("a" * 32), span_id=SpanId("b" * 16))


def test_each_change_says_what_it_came_to_and_who_made_it() -> None:
    store = MemoryStore()
    first = keep(store, {"a": "one", "b": "two"}, author=AUTHOR)
    keep(store, {"a": "not of this collection"}, OF_AGENT)
    last = take_out(store, "a")

    told = [plain(one) for one in changes(store.facts, NOTES, PageRequest()).items]

    assert [(one["position"], one["written"], one["removed"]) for one in told] == [
        (str(last.position), 0, 1),
        (str(first.position), 2, 0),
    ]
    assert [one["author"] and one["author"]["span_id"] for one in told] == [None, "b" * 16]


def test_pages_go_on_where_the_one_before_ended() -> None:
    store = MemoryStore()
    done = [keep(store, {"a": str(number)}).position for number in range(5)]

    first = changes(store.facts, NOTES, PageRequest(limit=3))
    rest = changes(store.facts, NOTES, PageRequest(limit=3, after=first.next))

    assert [one.position for one in (*first.items, *rest.items)] == done[::-1]
    assert rest.next is None
    assert changes(store.facts, OF_AGENT, PageRequest()).items == ()
    with pytest.raises(CursorInvalid):
        changes(store.facts, NOTES, PageRequest(after=Cursor("x")))
