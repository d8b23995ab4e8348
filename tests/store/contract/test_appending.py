"""What a store promises about appending."""

import math
from collections.abc import Callable
from itertools import permutations
from threading import Thread
from typing import Any

import msgspec
import pytest

from agentreplay.errors import BatchInvalid, ValueInvalid
from agentreplay.model.batch import Batch
from agentreplay.model.content import Kept
from agentreplay.model.context import ContextLink
from agentreplay.model.ids import ContextId, Position, SessionId
from agentreplay.model.query import SessionFilter, SpanFilter
from agentreplay.model.span import Span
from agentreplay.model.summary import summarise
from agentreplay.model.time import SECOND
from agentreplay.model.usage import Usage
from agentreplay.store.memory import MemoryStore
from agentreplay.store.protocol import Store
from agentreplay.testing import DURATION, Maker, batch_of
from tests.store.observation import (
    Probe,
    all_changes,
    all_sessions,
    all_spans,
    append,
    assert_same_answers,
    fails_with,
    measures,
    observe,
    session_key,
    told,
)

EARLIEST = -(1 << 63)
LATEST = (1 << 63) - 1


def test_what_was_appended_is_there_after_draining(store: Store, make: Maker) -> None:
    span, content = make.span(), make.content()

    append(store, batch_of(make.session(), span, content))

    assert told(store.spans.get(span.key)) == told(span)
    assert store.sessions.get(session_key(span)) is not None
    assert store.contents.get(make.tenant, content.hash) == content


def test_an_empty_batch_is_harmless(store: Store) -> None:
    append(store, Batch())

    assert store.statistics().spans == 0


def assert_nothing_is_there(store: Store, make: Maker, batch: Batch) -> None:
    store.drain()
    assert store.statistics().spans == store.statistics().contents == store.statistics().links == 0
    assert observe(store, make.tenant, Probe.of([batch])) == observe(MemoryStore(), make.tenant, Probe.of([batch]))
    assert all_changes(store) == []


def test_a_value_that_cannot_be_kept_refuses_the_whole_batch(store: Store, make: Maker) -> None:
    talk = make.conversation("hello")
    batch = batch_of(make.session(), make.span(), talk, make.span(attributes={"a": object()}))

    fails_with(ValueInvalid, lambda: store.append(batch))

    assert_nothing_is_there(store, make, batch)


def test_a_content_that_has_not_its_hash_refuses_the_whole_batch(store: Store, make: Maker) -> None:
    damaged = msgspec.structs.replace(make.content(), data=b"something else")
    batch = batch_of(make.span(), make.content(), damaged)

    fails_with(BatchInvalid, lambda: store.append(batch))

    assert_nothing_is_there(store, make, batch)


def test_a_link_that_has_not_its_id_refuses_the_whole_batch(store: Store, make: Maker) -> None:
    talk = make.conversation("hello")
    batch = batch_of(make.span(), talk, ContextLink(id=ContextId("ab" * 16), message=talk.links[0].message))

    fails_with(BatchInvalid, lambda: store.append(batch))

    assert_nothing_is_there(store, make, batch)


def test_appending_again_changes_nothing(store: Store, make: Maker) -> None:
    talk, content = make.conversation("hello", "hi"), make.content("kept")
    root = make.span(attributes={"nan": math.nan, "zero": -0.0}, kept=(Kept(role="answer", hash=content.hash),))
    batch = batch_of(make.session(), root, make.span(root, context=talk.ref, end=None), talk, content)
    append(store, batch)
    probe = Probe.of([batch], ["hello", "kept"])
    before, statistics = observe(store, make.tenant, probe), store.statistics(deep=True)

    append(store, batch, batch_of(*batch.spans), batch)

    assert_same_answers(observe(store, make.tenant, probe), before)
    assert [found.sessions for found in measures(store, make.tenant)] == [1]
    again = store.statistics(deep=True)
    assert again.conflicts == 0
    assert (again.contents, again.links) == (statistics.contents, statistics.links)
    assert again.held_bytes == statistics.held_bytes


def test_a_span_twice_in_a_batch_is_one_span(store: Store, make: Maker) -> None:
    opened = make.span(end=None)
    closed = opened.close(opened.start)

    append(store, batch_of(opened, closed, opened, closed))

    row = store.sessions.get(session_key(opened))
    assert row is not None
    assert row.summary == summarise([closed])
    assert store.statistics().conflicts == 0


def test_the_order_of_batches_makes_no_difference(new_store: Callable[[], Store], make: Maker) -> None:
    """Exporters flush in any order: ends before beginnings, children before parents, links before links."""
    talk, content = make.conversation("apple", "pear", "plum"), make.content("cherry")
    root = make.span(kind="agent", end=None)
    call = make.span(root, kind="llm", context=talk.ref, usage=Usage(input=7), model="m")
    tool = make.span(call, kind="tool", tool="grep", status="error", kept=(Kept(role="answer", hash=content.hash),))
    batches = [
        batch_of(make.session(revision=2, labels={"a": "new"}), root, *talk.links[2:], *talk.contents[:1]),
        batch_of(make.session(revision=1, labels={"a": "old"}), root.close(DURATION, "error"), content),
        batch_of(tool, *talk.links[:1]),
        batch_of(call, make.span(call, end=None), *talk.links[1:2], *talk.contents[1:]),
    ]
    probe = Probe.of(batches, ["apple", "pear", "plum", "cherry", "work"])
    expected = new_store()
    append(expected, *batches)

    for order in permutations(batches):
        store = new_store()
        append(store, *order)

        assert_same_answers(observe(store, make.tenant, probe), observe(expected, make.tenant, probe))
        assert store.statistics().conflicts == 0


def test_closing_fills_the_end(store: Store, make: Maker) -> None:
    opened = make.span(end=None, status="unset", attributes={"a": 1})
    closed = msgspec.structs.replace(opened.close(DURATION), attributes={"a": 1, "b": 2})

    append(store, batch_of(opened))
    append(store, batch_of(closed))

    row = store.sessions.get(session_key(opened))
    assert told(store.spans.get(opened.key)) == told(closed)
    assert row is not None
    assert row.summary == summarise([closed])
    assert [found.spans for found in measures(store, make.tenant)] == [1]


def test_an_open_span_is_not_measured(store: Store, make: Maker) -> None:
    append(store, batch_of(make.span(end=None)))

    assert list(measures(store, make.tenant)) == []


def test_a_late_beginning_does_not_open_what_is_closed(store: Store, make: Maker) -> None:
    closed = make.span(attributes={"a": 1})
    opened = msgspec.structs.replace(closed, end=None, attributes={}, status="unset", name="other")

    append(store, batch_of(closed))
    append(store, batch_of(opened))

    assert told(store.spans.get(closed.key)) == told(closed)
    assert store.statistics().conflicts == 0


def test_of_two_beginnings_the_later_counts(store: Store, make: Maker) -> None:
    first = make.span(end=None, name="first", tool="a")
    later = msgspec.structs.replace(first, name="later", tool="b")

    append(store, batch_of(first))
    append(store, batch_of(later))

    row = store.sessions.get(session_key(first))
    assert told(store.spans.get(first.key)) == told(later)
    assert row is not None
    assert row.summary == summarise([later])
    assert store.statistics().conflicts == 0


@pytest.mark.parametrize(
    "change", [{"end": 1 << 60}, {"status": "error"}, {"attributes": {"a": True}}, {"kept": ()}], ids=str
)
def test_a_contradiction_changes_nothing_and_is_counted(store: Store, make: Maker, change: dict[str, Any]) -> None:
    content = make.content()
    closed = make.span(attributes={"a": 1}, kept=(Kept(role="answer", hash=content.hash),))
    append(store, batch_of(closed, content))
    before = observe(store, make.tenant, Probe())

    append(store, batch_of(msgspec.structs.replace(closed, **change)))

    assert_same_answers(observe(store, make.tenant, Probe()), before)
    assert store.statistics().conflicts == 1


def test_a_span_told_at_another_place_does_not_contradict(store: Store, make: Maker) -> None:
    """The place is the writer's own; one that starts anew may count differently."""
    span = make.span(seq=3)

    append(store, batch_of(span))
    append(store, batch_of(msgspec.structs.replace(span, seq=5)))

    assert store.statistics().conflicts == 0


def test_closing_may_correct_everything(store: Store, make: Maker) -> None:
    """The end of a span is told by whoever knows best; even where it belongs may have been a guess."""
    other, root = make.span(), make.span()
    guess: dict[str, Any] = {"kind": "tool", "iteration": 9, "model": "m", "usage": Usage(input=5), "cost": 7}
    opened = make.span(root, end=None, status="error", **guess)
    closed = make.span(
        trace_id=opened.trace_id,
        span_id=opened.span_id,
        session=make.new_session_id(),
        start=root.start - 5 * SECOND,
        kind="llm",
        iteration=2,
        usage=Usage(output=1),
    )

    append(store, batch_of(other, root, opened))
    append(store, batch_of(closed))

    expected = MemoryStore()
    expected.append(batch_of(other, root, closed))
    assert_same_answers(observe(store, make.tenant, Probe()), observe(expected, make.tenant, Probe()))


def test_a_session_whose_only_span_was_told_to_be_elsewhere_is_gone(store: Store, make: Maker) -> None:
    opened = make.span(session="guess", end=None)
    closed = msgspec.structs.replace(opened.close(DURATION), session=SessionId("told"))

    append(store, batch_of(opened))
    append(store, batch_of(closed))

    assert store.sessions.get(session_key(opened)) is None
    assert all_sessions(store, SessionFilter(tenant=make.tenant)) == ["told"]
    assert store.statistics().sessions == 1


def test_a_summary_that_shrinks_when_a_span_is_closed_is_still_exact(store: Store, make: Maker) -> None:
    root = make.span(start=100 * SECOND)
    opened = make.span(root, start=1, end=None, iteration=9)
    closed = msgspec.structs.replace(opened, start=101 * SECOND, end=102 * SECOND, iteration=None)

    append(store, batch_of(root, opened))
    append(store, batch_of(closed))

    row = store.sessions.get(session_key(root))
    assert row is not None
    assert row.summary == summarise([root, closed])


def test_of_a_session_the_highest_revision_counts(store: Store, make: Maker) -> None:
    tellings = [make.session(revision=revision, name=name) for revision, name in [(2, "b"), (3, "c"), (1, "a")]]

    append(store, *map(batch_of, tellings))
    append(store, batch_of(make.session(revision=3, name="again")))

    row = store.sessions.get(tellings[0].key)
    assert row is not None
    assert row.session == tellings[1]


def test_what_the_caller_changes_later_is_not_changed_in_the_store(store: Store, make: Maker) -> None:
    attributes = {"list": [1]}
    span = make.span(attributes=attributes)
    before = told(span)
    append(store, batch_of(span))

    attributes["list"].append(2)
    returned = store.spans.get(span.key)
    assert returned is not None
    returned.attributes.clear()

    assert told(store.spans.get(span.key)) == before


@pytest.mark.parametrize(
    ("start", "end"),
    [(EARLIEST, EARLIEST), (LATEST, LATEST), (EARLIEST, LATEST), (LATEST, EARLIEST), (-1, 0), (0, None)],
)
def test_any_time_is_kept(store: Store, make: Maker, start: int, end: int | None) -> None:
    usual, strange = make.span(), make.span(start=start, end=end)

    append(store, batch_of(usual, strange))

    row = store.sessions.get(session_key(strange))
    assert told(store.spans.get(strange.key)) == told(strange)
    assert [found.key for found in store.spans.read(session_key(usual))] == [
        span.key for span in sorted([usual, strange], key=lambda span: span.start)
    ]
    assert {found.key for found in all_spans(store, SpanFilter(tenant=make.tenant))} == {
        usual.key,
        strange.key,
    }
    assert row is not None
    assert row.summary == summarise([usual, strange])


def test_many_threads_append_at_once(store: Store, make: Maker) -> None:
    spans = [[make.span(name=f"thread {thread}") for _ in range(20)] for thread in range(4)]

    def write(mine: list[Span]) -> None:
        for span in mine:
            store.append(batch_of(span))

    threads = [Thread(target=write, args=(mine,)) for mine in spans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.drain()

    assert {row.key for row in all_spans(store, SpanFilter(tenant=make.tenant))} == {
        span.key for mine in spans for span in mine
    }
    row = store.sessions.get(session_key(spans[0][0]))
    assert row is not None
    assert row.summary.spans == 80
    assert store.changes(Position(0)).items


def test_nothing_waits_after_draining(store: Store, make: Maker) -> None:
    store.append(batch_of(make.span()))

    left = store.drain()

    assert (left.bytes, left.damaged) == (0, ())
    assert store.lag().bytes == 0


def test_closing_twice_is_harmless(store: Store, make: Maker) -> None:
    append(store, batch_of(make.span()))

    store.close()
    store.close()
