"""What others left open is interrupted when nothing was heard of it for long enough, and not before."""

from agentreplay.core.quiet import QUIET, give_up
from agentreplay.model.session import Session, SessionRow
from agentreplay.model.span import Span
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of


def row(store: MemoryStore, session: Session) -> SessionRow:
    found = store.sessions.get(session.key)
    assert found is not None
    return found


def left_open(store: MemoryStore, make: Maker, source: str = "otlp") -> tuple[Session, Span]:
    session, span = make.session(source=source), make.span(end=None)
    store.append(batch_of(session, span))
    return session, span


def test_a_quiet_session_with_open_spans_is_interrupted_where_it_stopped(make: Maker) -> None:
    store = MemoryStore()
    session, span = left_open(store, make)

    assert give_up(store, make.tenant, Nanoseconds(span.start + QUIET)) == []
    assert row(store, session).status == "running"
    assert give_up(store, make.tenant, Nanoseconds(span.start + QUIET + 1)) == [session.key]
    assert (row(store, session).status, row(store, session).ended) == ("interrupted", span.start)
    assert give_up(store, make.tenant, Nanoseconds(span.start + 2 * QUIET)) == []


def test_what_is_heard_later_counts_again(make: Maker) -> None:
    store = MemoryStore()
    session, span = left_open(store, make)
    give_up(store, make.tenant, Nanoseconds(span.start + 2 * QUIET))

    closed = span.close(Nanoseconds(span.start + SECOND))
    store.append(batch_of(closed))

    assert (row(store, session).status, row(store, session).ended) == ("completed", closed.end)


def test_the_sessions_of_recorders_are_not_meant(make: Maker) -> None:
    """Their lives are known otherwise."""
    store = MemoryStore()
    session, span = left_open(store, make, source="sdk")

    assert give_up(store, make.tenant, Nanoseconds(span.start + 2 * QUIET)) == []
    assert row(store, session).status == "running"
