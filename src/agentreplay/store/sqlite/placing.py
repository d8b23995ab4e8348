"""Gives the spans of a session their places: by start, without gaps, whatever the order of arrival."""

from collections.abc import Sequence

import apsw

from agentreplay.store.sqlite.places import Place, order_key
from agentreplay.store.sqlite.queries import queries

__all__ = ["renumber"]

_SQL = queries("write")


def renumber(connection: apsw.Connection, session: int, fresh: Sequence[Place]) -> list[int]:
    """The seq of each new span, given in order; stored spans behind the first of them move up.

    What this costs is bounded by the number of spans that come after the first new one.
    """
    last = connection.execute(_SQL["last_place"], (session,)).fetchone()
    if last is None:
        return list(range(1, len(fresh) + 1))
    if order_key(*last[1:]) < fresh[0]:
        return list(range(last[0] + 1, last[0] + 1 + len(fresh)))
    behind: list[tuple[Place, int, int]] = []
    before = 0
    for number, seq, *key in connection.execute(_SQL["places_backwards"], (session,)):
        place = order_key(*key)
        if place < fresh[0]:
            before = seq
            break
        behind.append((place, number, seq))
    return _merge(connection, before, behind[::-1], fresh)


def _merge(
    connection: apsw.Connection, before: int, behind: Sequence[tuple[Place, int, int]], fresh: Sequence[Place]
) -> list[int]:
    numbers: list[int] = []
    moved: list[tuple[int, int]] = []
    seq, at = before, 0
    for place, number, was in behind:
        while at < len(fresh) and fresh[at] < place:
            seq += 1
            numbers.append(seq)
            at += 1
        seq += 1
        if seq != was:
            moved.append((seq, number))
    numbers += range(seq + 1, seq + 1 + len(fresh) - at)
    connection.executemany(_SQL["move_span"], moved)
    return numbers
