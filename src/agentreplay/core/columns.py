"""The light spans of a session as columns: lean enough for a hundred thousand at once.

What repeats is told once and pointed at, times are told relative to one of them, and a parent is told by its
place. docs/api.md explains how they are read.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Any

import msgspec

from agentreplay.core.plain import plain
from agentreplay.model.ids import SpanId, TraceId
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanRow
from agentreplay.model.usage import NO_USAGE

__all__ = ["SpanColumns", "Words", "columns_of"]


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """A column of words: each told once, and for each span which one it is."""

    words: list[str | None]
    at: list[int]
    """Empty where all spans have the first word."""


class SpanColumns(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a session's spans, in their order; each list has an item for each span."""

    tenant: str
    project: str
    session: str
    first: int
    """The place of the first span in the session; the places go on from there without gaps."""
    count: int
    base: str
    """What `start` is relative to: nanoseconds since the epoch, as decimal text."""
    start: list[int | str]
    """Nanoseconds after `base`; text where it is more than 2**53."""
    duration: list[int | str | None]
    """Nanoseconds, likewise; None while the span is open."""
    span_id: list[str]
    trace_id: Words
    parent: list[int]
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
    iteration: list[int | None]
    """Empty where no span has one; likewise `tokens` and `cost`."""
    tokens: list[int]
    """All buckets together."""
    cost: list[int | None]


_LARGEST = 1 << 53

_ROW = attrgetter(
    "start", "end", "span_id", "trace_id", "parent_id", "kind", "name", "status", "agent", "model", "provider", "tool",
    "iteration", "cost", "usage",
)  # fmt: skip


def columns_of(key: SessionKey, rows: Sequence[SpanRow], first: int) -> SpanColumns:
    """The rows of a session from the place `first` on."""
    (
        starts, ends, ids, traces, parents, kinds, names, statuses, agents, models, providers, tools, iterations, costs,
        usages,
    ) = zip(*map(_ROW, rows), strict=True) if rows else repeat((), 15)  # fmt: skip
    base = starts[0] if starts else 0
    lengths = zip(starts, ends, strict=True)
    places, outer = _parents(traces, ids, parents, first)
    return SpanColumns(
        tenant=key.tenant,
        project=key.project,
        session=key.session,
        first=first,
        count=len(rows),
        base=str(base),
        start=_small([start - base for start in starts]),
        duration=_small([None if end is None else max(0, end - start) for start, end in lengths]),
        span_id=list(ids),
        trace_id=_words(traces),
        parent=places,
        outer_parents=outer,
        kind=_words(kinds),
        name=_words(names),
        status=_words(statuses),
        agent=_words(agents),
        model=_words(models),
        provider=_words(providers),
        tool=_words(tools),
        iteration=_known(iterations),
        tokens=_tokens(usages),
        cost=_known(costs),
    )


def _words(column: Iterable[str | None]) -> Words:
    items = list(column)
    numbers = {word: number for number, word in enumerate(dict.fromkeys(items))}
    at = [] if len(numbers) <= 1 else [numbers[word] for word in items]
    return Words(words=list(numbers), at=at)


def _small(numbers: list[Any]) -> list[Any]:
    """The numbers, of which those are text that most readers of JSON would round."""
    is_small = max((number for number in numbers if number is not None), default=0) <= _LARGEST
    return numbers if is_small else [plain(number) for number in numbers]


def _known(column: Sequence[Any]) -> list[Any]:
    return [] if column.count(None) == len(column) else list(column)


def _tokens(usages: Sequence[Any]) -> list[int]:
    tokens = [0 if usage is NO_USAGE else usage.total for usage in usages]
    return tokens if any(tokens) else []


def _parents(
    traces: Sequence[TraceId], ids: Sequence[SpanId], parents: Sequence[SpanId | None], first: int
) -> tuple[list[int], dict[int, SpanId]]:
    """The place of each parent, and the ids of those that have none here."""
    places: dict[Any, int]
    if len(set(traces)) <= 1:
        places = dict(zip(ids, range(first, first + len(ids)), strict=True))
        found = [0 if parent is None else places.get(parent, 0) for parent in parents]
    else:
        places = dict(zip(zip(traces, ids, strict=True), range(first, first + len(ids)), strict=True))
        above = zip(traces, parents, strict=True)
        found = [0 if one[1] is None else places.get(one, 0) for one in above]
    outer = {
        place: parent
        for place, parent, known in zip(range(first, first + len(ids)), parents, found, strict=True)
        if not known and parent is not None
    }
    return found, outer
