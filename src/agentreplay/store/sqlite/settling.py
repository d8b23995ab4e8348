"""Changes stored spans when others tell more about them: their session, or what of them counts.

A span that is changed goes to a new position, and all that is derived from it is brought up to date.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import apsw

from agentreplay.store.sqlite.derive import rederive_session
from agentreplay.store.sqlite.keeping import Keeping
from agentreplay.store.sqlite.measuring import Rollups
from agentreplay.store.sqlite.numbering import Numbering
from agentreplay.store.sqlite.prepared import PreparedSpan
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.rollup import AnyWord, SameNumber, gather, session_text
from agentreplay.store.sqlite.rows import unpack_body, unpack_held, unpack_shape

__all__ = ["StoredSpan", "settle", "spans_where"]

_SQL = queries("write")


class StoredSpan(NamedTuple):
    """A stored span that is to change."""

    number: int
    row: PreparedSpan
    """With the store's own numbers."""
    words: str
    context: int | None
    held: list[int]


def spans_where(connection: apsw.Connection, where: str, bindings: Sequence[Any]) -> list[StoredSpan]:
    """The stored spans that satisfy a condition, in the order of arrival."""
    rows = connection.execute(_SQL["settled_spans"].replace(":conditions", where), bindings)
    return [_stored(row) for row in rows]


def settle(
    connection: apsw.Connection,
    rollups: Rollups,
    changes: Sequence[tuple[StoredSpan, PreparedSpan]],
    position: int,
    left: Collection[int] = (),
) -> int:
    """Give each span another row, and derive its session anew, and those that were left; returns the last position.

    A session of which nothing is left, no span and no telling, is gone, and the change feed says so.
    """
    sessions = {*left, *[row.session for stored, after in changes for row in (stored.row, after)]}
    names = {number: _session(connection, number) for number in sorted(sessions)}
    texts = {number: session_text(*named) for number, named in names.items()}
    for stored, after in changes:
        position += 1
        if stored.words:
            connection.execute(_SQL["forget_attributes"], (stored.number, stored.words))
            connection.execute(_SQL["index_attributes"], (position, stored.words))
        connection.execute(_SQL["bring_body"], (position, stored.number))
        columns = (position, after.session, after.cost, after.usage, after.repeats, stored.number)
        connection.execute(_SQL["bring_span"], columns)
    rollups.subtract(gather(AnyWord(), texts, [stored.row for stored, _ in changes])[1])
    added = gather(AnyWord(), texts, [after for _, after in changes])[1]
    rollups.add(added, SameNumber(), SameNumber())
    numbering, keeping = Numbering(connection), Keeping(connection)
    moved = [stored for stored, after in changes if stored.row.session != after.session]
    suspects = {content for stored in moved for content in stored.held}
    for context in {stored.context for stored in moved if stored.context is not None}:
        suspects.update(keeping.messages(context))
    for session, named in names.items():
        rederive_session(connection, numbering, keeping, session, suspects)
        if connection.execute(_SQL["session_key"], (session,)).get is None:
            position += 1
            connection.execute(_SQL["add_deletion"], (position, *named))
    return position


def _session(connection: apsw.Connection, number: int) -> tuple[str, str, str]:
    _, tenant, project, key = next(connection.execute(_SQL["session_key"], (number,)))
    return tenant, project, key


def _stored(row: Sequence[Any]) -> StoredSpan:
    number, data, names, *columns, context, held, follows, repeats = row
    span = PreparedSpan._make([*columns, None, b"", [], "", bool(follows), repeats])
    words = unpack_body(data).words(unpack_shape(names))
    return StoredSpan(number, span, words, context, unpack_held(held))
