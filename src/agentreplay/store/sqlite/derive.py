"""Derives anew what follows from the spans of a session: places, summary, and who holds which content."""

from collections.abc import Iterable

import apsw

from agentreplay.model.session import SessionRow
from agentreplay.model.span import SpanRow
from agentreplay.model.summary import summarise
from agentreplay.store.sqlite.keeping import Keeping
from agentreplay.store.sqlite.numbering import Numbering
from agentreplay.store.sqlite.places import order_key
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.reading import Names, read_rows
from agentreplay.store.sqlite.telling import Tellings, load

__all__ = ["rederive_session"]

_SQL = queries("write")


def rederive_session(  # noqa: PLR0913 - connection, numbering and keeping are the one store
    connection: apsw.Connection,
    numbering: Numbering,
    keeping: Keeping,
    session: int,
    suspects: Iterable[int] = (),
    *,
    afresh: bool = False,
) -> None:
    """Derive a session anew; `suspects` are contents that one of its spans held and may hold no longer.

    A session of which nothing is left, no span and no telling, goes. With `afresh`, nothing that was derived
    before is there any more.
    """
    row = connection.execute(_SQL["session_key"], (session,)).fetchone()
    if row is None:
        return
    project, tenant, name, key = row
    _place(connection, session)
    before = load(connection, session, tenant, name, key)
    if afresh:
        before = before._replace(started=None)
    summary = summarise(_spans(connection, session))
    row = SessionRow(session=before.row.session, summary=summary)
    tellings = Tellings(connection, numbering)
    if summary.spans or before.is_told:
        tellings.put((project, session), before, before._replace(row=row))
    else:
        tellings.drop((project, session), before)
    tellings.flush()
    keeping.hold_again(session, suspects)


def _spans(connection: apsw.Connection, session: int) -> Iterable[SpanRow]:
    return read_rows(connection, Names(lambda: connection), "WHERE session = ?", (session,))


def _place(connection: apsw.Connection, session: int) -> None:
    """Number the spans anew, in order and without gaps."""
    rows = [
        (order_key(start, told_seq, trace, span_id), number, seq)
        for number, _, span_id, told_seq, start, seq, _, trace, _ in connection.execute(
            _SQL["session_spans"], (session,)
        )
    ]
    rows.sort()
    moved = [(place, number) for place, (_, number, seq) in enumerate(rows, 1) if place != seq]
    connection.executemany(_SQL["move_span"], moved)
