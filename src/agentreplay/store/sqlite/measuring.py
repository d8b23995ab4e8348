"""Keeps the rollups: adds what spans measure, and takes it away again."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, Final

import apsw

from agentreplay.model.sketch import Distinct, Quantiles, hash64
from agentreplay.model.time import MINUTE
from agentreplay.model.values import decode, encode
from agentreplay.store.sqlite.prepared import Rollup
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.rollup import ANY, WIDTHS, Numbers, add_counts, from_wide, session_text, to_wide

__all__ = ["Counts", "Rollups"]

_SQL = queries("write")
_REMEMBERED = 20_000
_KEYS: Final = 9
"""So many fields of a rollup say what it is of; the others are its counts."""

Counts = tuple[int, int, int | str, int | str, bytes | None, bytes, bytes]
"""Spans, errors, duration, cost, usage, quantiles and sessions of a rollup, as they lie in the store."""


_Key = tuple[int, ...]
"""Project, grain, bucket and what else a rollup goes by, in the numbers of the store."""


class _Stored:
    """A rollup of the store, opened up to be added to."""

    __slots__ = ("cost", "duration", "errors", "quantiles", "sessions", "spans", "usage")

    def __init__(self, counts: Counts) -> None:
        self.spans, self.errors = counts[0], counts[1]
        self.duration, self.cost = from_wide(counts[2]), from_wide(counts[3])
        self.usage = decode(counts[4], list[int]) if counts[4] is not None else None
        self.quantiles = Quantiles.from_bytes(counts[5])
        self.sessions = Distinct.from_bytes(counts[6])

    def add(self, rollup: Rollup) -> None:
        self.spans += rollup.spans
        self.errors += rollup.errors
        self.duration += from_wide(rollup.duration)
        self.cost += from_wide(rollup.cost)
        if rollup.usage is not None:
            self.usage = add_counts(self.usage, decode(rollup.usage, list[int]))
        self.quantiles.merge(Quantiles.from_bytes(rollup.quantiles))
        self.sessions.merge(Distinct.from_bytes(rollup.sessions))

    @property
    def counts(self) -> Counts:
        return (
            self.spans, self.errors, to_wide(self.duration), to_wide(self.cost),
            encode(self.usage) if self.usage is not None else None, self.quantiles.to_bytes(),
            self.sessions.to_bytes(),
        )  # fmt: skip


class _Filled(dict[_Key, bool]):
    """Whether anything is stored for a project, a grain and a bucket: what is new has mostly buckets of its own."""

    def __init__(self, connection: apsw.Connection) -> None:
        super().__init__()
        self._connection = connection

    def __missing__(self, bucket: _Key) -> bool:
        found = self[bucket] = self._connection.execute(_SQL["any_rollup"], bucket).get is not None
        return found


class Rollups:
    """The rollups of this store. Valid inside a write transaction; `forget` after a rollback.

    What is added is written with all that is added to it in the same transaction: to write a sketch takes longer than
    to add to it, and the same hours and days are added to again and again.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self.forget()

    def forget(self) -> None:
        """Remember nothing any more."""
        self._open: OrderedDict[_Key, _Stored] = OrderedDict()
        self._begin()

    def _begin(self) -> None:
        """Nothing is unwritten."""
        self._filled = _Filled(self._connection)
        self._told: dict[_Key, list[Rollup]] = {}
        self._grown: dict[_Key, _Stored] = {}
        self._rows: list[tuple[Any, ...]] = []
        self._changes: list[tuple[Any, ...]] = []

    def add(self, rollups: Iterable[Rollup], projects: Numbers, words: Numbers) -> None:
        """Add what these rollups count; their numbers of projects and words are looked up in what is given.

        In `words`, None and ANY have numbers too. `sum` adds it up and `write` writes it down.
        """
        told, filled = self._told, self._filled
        for rollup in rollups:
            project, grain, bucket, kind, status, agent, model, provider, tool, *_ = rollup
            key = (
                projects[project], grain, bucket, words[kind], status, words[agent], words[model], words[provider],
                words[tool],
            )  # fmt: skip
            if key in told:
                told[key].append(rollup)
                continue
            told[key] = [rollup]
            stored = self._open.get(key)
            if stored is None and filled[key[:3]]:
                found = self._connection.execute(_SQL["find_rollup"], key).fetchone()
                if found is not None:
                    stored = _Stored(found)
                    if grain:
                        # Hours and days are added to in later transactions too, a minute once or twice.
                        self._open[key] = stored
            if stored is not None:
                self._grown[key] = stored
        while len(self._open) > _REMEMBERED:
            self._open.popitem(last=False)

    def sum(self) -> None:
        """Add up what was added, which asks nothing of the store. `write` comes next."""
        for key, rollups in self._told.items():
            stored = self._grown.get(key)
            if stored is not None:
                for rollup in rollups:
                    stored.add(rollup)
                self._changes.append((*stored.counts, *key))
                continue
            first, *rest = rollups
            counts: Counts = first[_KEYS:]
            if rest:
                fresh = _Stored(counts)
                for rollup in rest:
                    fresh.add(rollup)
                counts = fresh.counts
            self._rows.append((*key, *counts))
        self._told = {}

    def write(self) -> None:
        """Write down what was added."""
        self.sum()
        self._connection.executemany(_SQL["add_rollup"], self._rows)
        self._connection.executemany(_SQL["put_rollup"], self._changes)
        self._begin()

    def subtract(self, rollups: Iterable[Rollup]) -> None:
        """Take away what these rollups count; their spans must be gone already. Numbers are the store's.

        Unique sessions cannot be taken away from a sketch: a minute asks its remaining spans, an hour its minutes
        and a day its hours.
        """
        self.write()
        self.forget()
        _subtract(self._connection, rollups)


def _subtract(connection: apsw.Connection, rollups: Iterable[Rollup]) -> None:
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
            to_wide(from_wide(stored[2]) - from_wide(rollup.duration)),
            to_wide(from_wide(stored[3]) - from_wide(rollup.cost)),
            encode(usage) if usage is not None and any(usage) else None, quantiles.to_bytes(), sessions.to_bytes(),
        )  # fmt: skip
        connection.execute(_SQL["put_rollup"], (*counts, *key))


def _remaining_sessions(connection: apsw.Connection, rollup: Rollup, dimensions: tuple[int, ...]) -> Distinct:
    sessions = Distinct()
    if rollup.grain == 0:
        start = rollup.bucket * MINUTE
        spans = (rollup.project, start, start + MINUTE, rollup.kind, rollup.status, *rollup[5:9])
        for tenant, project, key in connection.execute(_SQL["sessions_in_minute"], spans):
            sessions.add_hash(hash64(session_text(tenant, project, key)))
        return sessions
    finer = WIDTHS[rollup.grain] // WIDTHS[rollup.grain - 1]
    bindings = (rollup.project, rollup.grain - 1, rollup.bucket * finer, (rollup.bucket + 1) * finer)
    if rollup.grain > 1 or ANY not in dimensions:
        query, values = _SQL["finer_sessions"], dimensions
    else:
        # Minutes have no families: an hour's are made of all that match.
        query, values = _SQL["matching_sessions"], tuple(value for one in dimensions for value in (one, one))
    for (data,) in connection.execute(query, (*bindings, *values)):
        sessions.merge(Distinct.from_bytes(data))
    return sessions
