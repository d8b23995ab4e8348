"""What is left open is interrupted when it was silent for long enough, until it is heard of again."""

import msgspec

from agentreplay.core.absence import PATIENCE, forgotten, heard, silent
from agentreplay.model.batch import Batch
from agentreplay.model.ids import SessionId
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
    session, span = make.session(source=source, revision=100), make.span(end=None)
    store.append(batch_of(session, span))
    return session, span


def test_a_silent_session_is_interrupted_where_it_stopped(make: Maker) -> None:
    store = MemoryStore()
    session, span = left_open(store, make)

    store.append(silent(store.sessions, [session.key]))

    assert (row(store, session).status, row(store, session).ended) == ("interrupted", span.start)
    assert silent(store.sessions, [session.key]).is_empty


def test_a_session_without_a_span_is_interrupted_too(make: Maker) -> None:
    store = MemoryStore()
    session = make.session()
    store.append(Batch(sessions=(session,)))

    store.append(silent(store.sessions, [session.key]))

    assert row(store, session).status == "interrupted"


def test_a_sign_of_life_a_span_or_a_word_of_the_writer_takes_it_back(make: Maker) -> None:
    for again in ("sign", "span", "word"):
        store = MemoryStore()
        session, span = left_open(store, make)
        store.append(silent(store.sessions, [session.key]))

        match again:
            case "sign":
                store.append(heard(store.sessions, [session.key]))
            case "span":
                store.append(batch_of(make.span(end=None)))
            case _:
                store.append(batch_of(msgspec.structs.replace(session, revision=200)))

        assert row(store, session).status == "running", again
        store.append(batch_of(msgspec.structs.replace(session, revision=300, status="completed")))
        assert row(store, session).status == "completed"
        assert span.end is None


def test_what_is_finished_or_unknown_is_left_alone(make: Maker) -> None:
    store = MemoryStore()
    session = make.session(revision=100, status="completed")
    store.append(Batch(sessions=(session,)))
    unknown = msgspec.structs.replace(session, id=SessionId("unknown")).key

    assert silent(store.sessions, [session.key, unknown]).is_empty
    assert heard(store.sessions, [session.key, unknown]).is_empty


def test_only_after_long_silence_a_session_is_forgotten(make: Maker) -> None:
    store = MemoryStore()
    session, span = left_open(store, make)

    assert forgotten(store.sessions, make.tenant, Nanoseconds(span.start + PATIENCE)) == []
    assert forgotten(store.sessions, make.tenant, Nanoseconds(span.start + PATIENCE + 1)) == [session.key]

    store.append(silent(store.sessions, [session.key]))
    assert forgotten(store.sessions, make.tenant, Nanoseconds(span.start + 2 * PATIENCE)) == []
    closed = span.close(Nanoseconds(span.start + SECOND))
    store.append(batch_of(closed))
    assert (row(store, session).status, row(store, session).ended) == ("completed", closed.end)


def test_the_sessions_of_recorders_are_not_forgotten(make: Maker) -> None:
    """Their lives are known otherwise."""
    store = MemoryStore()
    _, span = left_open(store, make, source="sdk")

    assert forgotten(store.sessions, make.tenant, Nanoseconds(span.start + 2 * PATIENCE)) == []
