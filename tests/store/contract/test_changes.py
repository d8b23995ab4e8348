"""What a store promises about its change feed: it tells of everything, in order, and never skips."""

from threading import Event, Thread

from agentreplay.model.change import Change
from agentreplay.model.ids import Position
from agentreplay.model.receipt import Target
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span, SpanKey
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import all_changes, append, session_key

BEGINNING = Position(0)


def spans_in(changes: list[Change]) -> list[SpanKey]:
    return [change.span for change in changes if change.what == "span" and change.span is not None]


def sessions_in(changes: list[Change], what: str = "session") -> list[SessionKey]:
    return [change.session for change in changes if change.what == what]


def end_of(store: Store) -> Position:
    changes = all_changes(store)
    return changes[-1].position if changes else BEGINNING


def test_nothing_happened_in_an_empty_store(store: Store) -> None:
    assert store.changes(BEGINNING).items == ()
    assert store.changes(BEGINNING).position == BEGINNING


def test_every_span_and_every_session_that_was_told_appears(store: Store, make: Maker) -> None:
    spans = [make.span(session=f"session {number % 3}") for number in range(10)]
    append(store, *map(batch_of, spans), batch_of(make.session()))

    changes = all_changes(store)

    assert spans_in(changes) == [span.key for span in spans]
    assert make.session().key in sessions_in(changes)
    assert {change.span: change.session for change in changes if change.span} == {
        span.key: session_key(span) for span in spans
    }


def test_whoever_asks_behind_a_position_hears_only_what_is_new(store: Store, make: Maker) -> None:
    append(store, batch_of(make.span()))
    position = end_of(store)
    assert all_changes(store, position) == []
    assert store.changes(position).position >= position

    later = make.span()
    append(store, batch_of(later))

    assert spans_in(all_changes(store, position)) == [later.key]


def test_a_portion_is_no_larger_than_asked(store: Store, make: Maker) -> None:
    append(store, batch_of(*[make.span() for _ in range(10)]))

    first = store.changes(BEGINNING, limit=4)

    assert len(first.items) == 4
    assert first.position == first.items[-1].position


def test_a_span_that_is_closed_appears_again(store: Store, make: Maker) -> None:
    opened, other = make.span(end=None), make.span()
    append(store, batch_of(opened, other))
    position = end_of(store)

    append(store, batch_of(opened.close(opened.start)))

    assert spans_in(all_changes(store, position)) == [opened.key]
    assert set(spans_in(all_changes(store))) == {opened.key, other.key}


def test_a_session_told_anew_appears_again(store: Store, make: Maker) -> None:
    append(store, batch_of(make.session()))
    position = end_of(store)

    append(store, batch_of(make.session(revision=1, status="completed")))

    assert sessions_in(all_changes(store, position)) == [make.session().key]


def test_a_deleted_session_is_told_and_its_spans_are_not(store: Store, make: Maker) -> None:
    gone, kept = make.span(session="gone"), make.span()
    append(store, batch_of(make.session(id="gone"), gone, kept))
    position = end_of(store)

    store.delete(Target(tenant=make.tenant, project=make.project, session=gone.session))

    assert sessions_in(all_changes(store, position), "session deleted") == [session_key(gone)]
    assert spans_in(all_changes(store)) == [kept.key]
    assert session_key(gone) not in sessions_in(all_changes(store))


def test_a_deleted_project_is_told_and_nothing_else_of_it(store: Store, make: Maker) -> None:
    gone, kept = make.span(project="gone"), make.span()
    append(store, batch_of(make.session(project="gone"), gone, kept))
    position = end_of(store)

    store.delete(Target(tenant=make.tenant, project=gone.project))

    deleted = sessions_in(all_changes(store, position), "project deleted")
    assert [(key.tenant, key.project) for key in deleted] == [(make.tenant, gone.project)]
    assert spans_in(all_changes(store)) == [kept.key]
    assert {key.project for key in sessions_in(all_changes(store))} <= {make.project}


def test_a_session_that_lost_a_trace_appears_again(store: Store, make: Maker) -> None:
    gone, kept = make.span(), make.span()
    append(store, batch_of(gone, kept))
    position = end_of(store)

    store.delete(Target(tenant=make.tenant, project=make.project, trace_id=gone.trace_id))

    assert session_key(kept) in sessions_in(all_changes(store, position))
    assert spans_in(all_changes(store)) == [kept.key]


def test_a_session_that_lost_its_last_trace_is_told_as_deleted(store: Store, make: Maker) -> None:
    span = make.span()
    append(store, batch_of(span))
    position = end_of(store)

    store.delete(Target(tenant=make.tenant, project=make.project, trace_id=span.trace_id))

    assert sessions_in(all_changes(store, position), "session deleted") == [session_key(span)]


def test_a_span_that_lost_its_payload_appears_again(store: Store, make: Maker) -> None:
    talk = make.conversation("hello")
    span = make.span(context=talk.ref)
    append(store, batch_of(span, make.span(), talk))
    position = end_of(store)

    store.delete(Target(tenant=make.tenant, project=make.project, trace_id=span.trace_id, span_id=span.span_id))

    assert span.key in spans_in(all_changes(store, position))


def test_a_reader_misses_nothing_while_threads_write(store: Store, make: Maker) -> None:
    spans = [[make.span() for _ in range(25)] for _ in range(4)]
    written = Event()
    seen: list[SpanKey] = []

    def read() -> None:
        position, last_round = BEGINNING, False
        while True:
            store.drain()
            portion = store.changes(position, limit=7)
            seen.extend(change.span for change in portion.items if change.span is not None)
            position = portion.position
            if not portion.items and last_round:
                return
            last_round = written.is_set()

    def write(mine: list[Span]) -> None:
        for span in mine:
            store.append(batch_of(span))

    threads = [Thread(target=write, args=(mine,)) for mine in spans]
    reader = Thread(target=read)
    for thread in [reader, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    written.set()
    reader.join()

    assert sorted(seen) == sorted(span.key for mine in spans for span in mine)


def test_the_position_is_that_of_the_last_change(store: Store, make: Maker) -> None:
    assert store.position() == BEGINNING

    append(store, batch_of(make.span()))
    assert store.position() == end_of(store)

    before = store.position()
    store.delete(Target(tenant=make.span().tenant, project=make.span().project))
    assert store.position() == end_of(store) > before
