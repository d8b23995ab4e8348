"""Leaves out of the log of a state what no state that is kept needs."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence

import apsw

from agentreplay.model.fact import Compacted, FactPosition, Operation
from agentreplay.store.sqlite.facts_commit import POSITION
from agentreplay.store.sqlite.facts_pictures import repaint
from agentreplay.store.sqlite.facts_rows import (
    operations_of,
    pack,
    pack_numbers,
    pack_operation,
    plain,
    unpack_numbers,
)
from agentreplay.store.sqlite.numbering import Counter
from agentreplay.store.sqlite.queries import queries

__all__ = ["compact", "rewrite", "rewrite_parts", "sweep"]

_SQL = queries("facts")


def compact(
    connection: apsw.Connection,
    state: int,
    left: tuple[int, Sequence[int]],
    before: FactPosition,
    keeping: Sequence[FactPosition],
) -> Compacted:
    """See Facts.compact; within the caller's transaction. `left` is the horizon, and the positions kept before it."""
    horizon, kept = left
    available = [place for place in keeping if place >= horizon or place in kept]
    horizon = max(horizon, min(before, Counter.read(connection, POSITION)))
    places = sorted({*(place for place in available if place < horizon), horizon})
    needed = set(_needed(connection, state, places))
    removed = rewrite(connection, state, horizon, lambda done: (done.key, done.version) in needed)
    connection.execute(_SQL["set_horizon"], (horizon, pack_numbers(places[:-1]), state))
    if removed:
        connection.execute(_SQL["drop_pictures"], (state, 0, horizon))
        repaint(connection, state)
    return Compacted(operations=removed, horizon=FactPosition(horizon))


def rewrite(connection: apsw.Connection, state: int, until: int, is_kept: Callable[[Operation], bool]) -> int:
    """Leave out of the log up to a position all other operations, and say how many went."""
    return sum(_rewrite(connection, state, row, is_kept) for row in _log(connection, state, until))


def rewrite_parts(
    connection: apsw.Connection, state: int, places: Iterable[tuple[int, int]], is_kept: Callable[[Operation], bool]
) -> int:
    """Leave out of these parts of the log, each named by its position and number, all other operations."""
    removed = 0
    for position, part in places:
        [(codec, data, _)] = connection.execute(_SQL["part"], (state, position, part))
        removed += _rewrite(connection, state, (position, part, codec, data), is_kept)
    return removed


def _rewrite(
    connection: apsw.Connection, state: int, row: tuple[int, int, int, bytes], is_kept: Callable[[Operation], bool]
) -> int:
    position, part, codec, data = row
    operations = operations_of(plain(codec, data))
    rest = [done for done in operations if is_kept(done)]
    if len(rest) == len(operations):
        return 0
    gone = [(state, done.key, done.version) for done in operations if not is_kept(done)]
    connection.executemany(_SQL["drop_version"], gone)
    if rest:
        packed = pack([pack_operation(done) for done in rest])
        connection.execute(_SQL["replace_part"], (*packed, state, position, part))
    else:
        connection.execute(_SQL["drop_part"], (state, position, part))
        sweep(connection, position)
    return len(gone)


def sweep(connection: apsw.Connection, position: int) -> None:
    """Forget a transaction when nothing is left of it."""
    row = connection.execute(_SQL["transaction"], (position,)).fetchone()
    if row is None:
        return
    states = unpack_numbers(row[2])
    if all(connection.execute(_SQL["is_written"], (state, position)).get is None for state in states):
        connection.execute(_SQL["drop_transaction"], (position,))


def _needed(connection: apsw.Connection, state: int, places: Sequence[int]) -> Iterator[tuple[str, int]]:
    """The versions that hold at one of the places."""
    last: tuple[int, str, int, int] | None = None
    for row in connection.execute(_SQL["all_versions"], (state, places[-1])):
        fact, _, _, position = row
        # The version before holds up to this one; a place between the two needs it.
        if last is not None and (last[0] != fact or bisect_left(places, last[3]) < bisect_left(places, position)):
            yield last[1:3]
        last = row
    if last is not None:
        yield last[1:3]


def _log(connection: apsw.Connection, state: int, until: int) -> Iterator[tuple[int, int, int, bytes]]:
    """Stretch by stretch, because what was read may be rewritten before the rest is."""
    position, part = 0, -1
    while rows := list(connection.execute(_SQL["log_up_to"], (state, position, part, until))):
        yield from rows
        position, part, *_ = rows[-1]
