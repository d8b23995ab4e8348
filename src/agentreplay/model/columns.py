"""The light spans of a session as columns: a list for each field instead of a row for each span.

A session of a hundred thousand spans is looked at as a whole: as a tree, a timeline, a lane for each agent. What
repeats is told once and pointed at, and a parent is told by its place.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from itertools import count, repeat
from operator import attrgetter
from typing import Any, TypeVar, cast

import msgspec

from agentreplay.model.ids import SpanId
from agentreplay.model.span import SpanRow
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NanoDollars

__all__ = ["Columns", "Words", "columns_of", "durations", "known", "numbered", "places_of"]

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """A column of words: each told once, and for each span which one it is."""

    words: Sequence[str | None]
    """In the order in which they come up first."""
    at: Sequence[int]
    """Empty where all spans have the first word."""


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a session's spans, in their order; each list has an item for each span."""

    first: int
    """The place of the first span in the session; the places go on from there without gaps."""
    start: Sequence[Nanoseconds]
    duration: Sequence[Nanoseconds | None]
    """None while the span is open."""
    span_id: Sequence[SpanId]
    trace_id: Words
    parent: Sequence[int]
    """The place of the parent; 0 where it has none or lies outside of this stretch."""
    outer_parents: dict[int, SpanId]
    """The ids of parents outside of this stretch, by the places of their children."""
    kind: Words
    name: Words
    status: Words
    agent: Words
    model: Words
    provider: Words
    tool: Words
    iteration: Sequence[int | None]
    """Empty where no span has one; likewise `tokens` and `cost`."""
    tokens: Sequence[int]
    """All buckets together."""
    cost: Sequence[NanoDollars | None]


# Whoever makes columns goes through them one by one, in loops of C that leave nothing to collect behind them.


def columns_of(rows: Sequence[SpanRow], first: int) -> Columns:
    """The rows of a session from the place `first` on."""

    def column(name: str) -> list[Any]:
        return list(map(attrgetter(name), rows))

    def words(name: str) -> Words:
        found, at = numbered(column(name))
        return Words(words=found, at=at)

    starts, ids, traces = column("start"), column("span_id"), words("trace_id")
    parent, outer_parents = places_of(ids, column("parent_id"), traces.at, first)
    tokens = [usage.total for usage in column("usage")]
    return Columns(
        first=first,
        start=starts,
        duration=durations(starts, column("end")),
        span_id=ids,
        trace_id=traces,
        parent=parent,
        outer_parents=outer_parents,
        kind=words("kind"),
        name=words("name"),
        status=words("status"),
        agent=words("agent"),
        model=words("model"),
        provider=words("provider"),
        tool=words("tool"),
        iteration=known(column("iteration")),
        tokens=tokens if any(tokens) else [],
        cost=known(column("cost")),
    )


def numbered(column: Sequence[K]) -> tuple[list[K], list[int]]:
    """What stands in the column, each once, and for each item which one it is; nothing where there is only one."""
    if column and column.count(column[0]) == len(column):
        return [column[0]], []
    numbers: defaultdict[K, int] = defaultdict(count().__next__)
    at = list(map(numbers.__getitem__, column))
    return list(numbers), at


def durations(starts: Sequence[int], ends: Sequence[int | None]) -> list[Nanoseconds | None]:
    """How long each took; None while it is open, 0 where a clock went backwards."""
    found = [
        None if end is None else end - start if end > start else 0 for start, end in zip(starts, ends, strict=True)
    ]
    return cast("list[Nanoseconds | None]", found)


def known(column: Sequence[T | None]) -> Sequence[T | None]:
    """The column, or nothing where all in it is unknown."""
    return [] if column.count(None) == len(column) else column


def places_of(
    ids: Sequence[K], parents: Sequence[K | None], traces: Sequence[int], first: int
) -> tuple[list[int], dict[int, K]]:
    """The place of each parent, and by the places of their children the ids of parents that are not among them.

    `traces` tells which trace each span is of; it is empty where there is only one, as in most sessions.
    """
    keys: Iterable[object] = zip(traces, ids, strict=True) if traces else ids
    places: dict[object, int] = dict(zip(keys, count(first), strict=False))
    sought: Iterable[object] = zip(traces, parents, strict=True) if traces else parents
    found = list(map(places.get, sought, repeat(0)))
    if found.count(0) == parents.count(None):
        return found, {}
    outer = {
        place: parent
        for place, parent, known_place in zip(count(first), parents, found, strict=False)
        if not known_place and parent is not None
    }
    return found, outer
