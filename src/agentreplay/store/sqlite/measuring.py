"""Keeps the rollups: adds what spans measure, and takes it away again."""

from collections.abc import Iterable

import apsw

from agentreplay.model.sketch import Distinct, Quantiles, hash64
from agentreplay.model.time import MINUTE
from agentreplay.model.values import decode, encode
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.rollup import WIDTHS, Numbers, Rollup, add_counts, session_text

__all__ = ["Counts", "add_rollups", "from_wide", "merged", "subtract_rollups", "to_wide"]

_SQL = queries("write")
_LARGEST = (1 << 63) - 1

Counts = tuple[int, int, int | str, int | str, bytes | None, bytes, bytes]
"""Spans, errors, duration, cost, usage, quantiles and sessions of a rollup, as they lie in the store."""


def to_wide(value: int) -> int | str:
    """A sum for its column: decimal text where 64 bits do not hold it."""
    return value if -_LARGEST <= value <= _LARGEST else str(value)


def from_wide(value: int | str) -> int:
    """A sum from its column."""
    return int(value)


def add_rollups(
    connection: apsw.Connection, rollups: Iterable[Rollup], projects: Numbers, words: Numbers
) -> None:
    """Add what these rollups count; their numbers of projects and words are places in the given lists."""
    fresh = []
    find = _SQL["find_rollup"]
    for rollup in rollups:
        key = (
            projects[rollup.project], rollup.grain, rollup.bucket, words[rollup.kind], rollup.status,
            _number(rollup.agent, words), _number(rollup.model, words), _number(rollup.provider, words),
            _number(rollup.tool, words),
        )  # fmt: skip
        counts: Counts = (
            rollup.spans, rollup.errors, to_wide(rollup.duration), to_wide(rollup.cost), rollup.usage,
            rollup.quantiles, rollup.sessions,
        )  # fmt: skip
        stored = connection.execute(find, key).fetchone()
        fresh.append((*key, *(counts if stored is None else merged(stored, counts))))
    connection.executemany(_SQL["put_rollup"], fresh)


def merged(one: Counts, other: Counts) -> Counts:
    """Two rollups of different spans as one."""
    quantiles, sessions = Quantiles.from_bytes(one[5]), Distinct.from_bytes(one[6])
    quantiles.merge(Quantiles.from_bytes(other[5]))
    sessions.merge(Distinct.from_bytes(other[6]))
    usage = one[4] or other[4]
    if one[4] is not None and other[4] is not None:
        usage = encode(add_counts(decode(one[4], list[int]), decode(other[4], list[int])))
    return (
        one[0] + other[0],
        one[1] + other[1],
        to_wide(from_wide(one[2]) + from_wide(other[2])),
        to_wide(from_wide(one[3]) + from_wide(other[3])),
        usage,
        quantiles.to_bytes(),
        sessions.to_bytes(),
    )


def subtract_rollups(connection: apsw.Connection, rollups: Iterable[Rollup]) -> None:
    """Take away what these rollups count; their spans must be gone already. Numbers are the store's.

    Unique sessions cannot be taken away from a sketch: a minute asks its remaining spans, an hour its minutes
    and a day its hours.
    """
    for rollup in sorted(rollups, key=lambda one: one.grain):
        dimensions = (rollup.kind, rollup.status, *[number or 0 for number in rollup[5:9]])
        key = (rollup.project, rollup.grain, rollup.bucket, *dimensions)
        stored = connection.execute(_SQL["find_rollup"], key).fetchone()
        if stored is None:
            continue
        if stored[0] <= rollup.spans:
            connection.execute(_SQL["drop_rollup"], key)
            continue
        quantiles = Quantiles.from_bytes(stored[5])
        quantiles.subtract(Quantiles.from_bytes(rollup.quantiles))
        usage = decode(stored[4], list[int]) if stored[4] is not None else None
        if usage is not None and rollup.usage is not None:
            usage = add_counts(usage, [-count for count in decode(rollup.usage, list[int])])
        sessions = _remaining_sessions(connection, rollup, dimensions)
        counts = (
            stored[0] - rollup.spans, stored[1] - rollup.errors,
            to_wide(from_wide(stored[2]) - rollup.duration), to_wide(from_wide(stored[3]) - rollup.cost),
            encode(usage) if usage is not None and any(usage) else None, quantiles.to_bytes(), sessions.to_bytes(),
        )  # fmt: skip
        connection.execute(_SQL["put_rollup"], (*key, *counts))


def _remaining_sessions(connection: apsw.Connection, rollup: Rollup, dimensions: tuple[int, ...]) -> Distinct:
    sessions = Distinct()
    if rollup.grain == 0:
        start = rollup.bucket * MINUTE
        bindings = (rollup.project, start, start + MINUTE, rollup.kind, rollup.status, *rollup[5:9])
        for tenant, project, key in connection.execute(_SQL["sessions_in_minute"], bindings):
            sessions.add_hash(hash64(session_text(tenant, project, key)))
        return sessions
    finer = WIDTHS[rollup.grain] // WIDTHS[rollup.grain - 1]
    bindings = (
        rollup.project,
        rollup.grain - 1,
        rollup.bucket * finer,
        (rollup.bucket + 1) * finer,
        *dimensions,
    )
    for (data,) in connection.execute(_SQL["finer_sessions"], bindings):
        sessions.merge(Distinct.from_bytes(data))
    return sessions


def _number(place: int | None, words: Numbers) -> int:
    return 0 if place is None else words[place]
