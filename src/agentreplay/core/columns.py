"""The light spans of a session as columns: lean enough for a hundred thousand at once.

What repeats is told once and pointed at, times are told relative to one of them, and a parent is told by its
place. docs/api.md explains how they are read.
"""

from collections.abc import Iterable, Sequence
from itertools import count
from operator import attrgetter
from typing import Any

import msgspec

from agentreplay.core.plain import plain
from agentreplay.model.ids import SpanId, TraceId
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanRow
from agentreplay.model.usage import NO_USAGE, Usage

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


def columns_of(key: SessionKey, rows: Sequence[SpanRow], first: int) -> SpanColumns:
    """The rows of a session from the place `first` on."""
    # Column by column and in loops of C; whole rows as tuples would keep the garbage collector busy for as long again.

    def column(name: str) -> list[Any]:
        return list(map(attrgetter(name), rows))

    starts, ids, traces = column("start"), column("span_id"), column("trace_id")
    base = starts[0] if rows else 0
    places, outer = _parents(traces, ids, column("parent_id"), first)
    return SpanColumns(
        tenant=key.tenant,
        project=key.project,
        session=key.session,
        first=first,
        count=len(rows),
        base=str(base),
        start=_small([start - base for start in starts]),
        duration=_small(list(map(_duration, starts, column("end")))),
        span_id=ids,
        trace_id=_words(traces),
        parent=places,
        outer_parents=outer,
        kind=_words(column("kind")),
        name=_words(column("name")),
        status=_words(column("status")),
        agent=_words(column("agent")),
        model=_words(column("model")),
        provider=_words(column("provider")),
        tool=_words(column("tool")),
        iteration=_known(column("iteration")),
        tokens=_tokens(column("usage")),
        cost=_known(column("cost")),
    )


def _duration(start: int, end: int | None) -> int | None:
    return None if end is None else end - start if end > start else 0


def _words(column: Sequence[str | None]) -> Words:
    numbers = dict(zip(dict.fromkeys(column), count(), strict=False))
    return Words(words=list(numbers), at=list(map(numbers.__getitem__, column)) if len(numbers) > 1 else [])


def _small(numbers: list[Any]) -> list[Any]:
    """The numbers, of which those are text that most readers of JSON would round."""
    is_small = max((number for number in numbers if number is not None), default=0) <= _LARGEST
    return numbers if is_small else [plain(number) for number in numbers]


def _known(column: list[Any]) -> list[Any]:
    return [] if column.count(None) == len(column) else column


def _tokens(usages: Sequence[Usage]) -> list[int]:
    tokens = [0 if usage is NO_USAGE else usage.total for usage in usages]
    return tokens if any(tokens) else []


def _numbered(keys: Iterable[object], first: int) -> dict[object, int]:
    return dict(zip(keys, count(first), strict=False))


def _parents(
    traces: Sequence[TraceId], ids: Sequence[SpanId], parents: Sequence[SpanId | None], first: int
) -> tuple[list[int], dict[int, SpanId]]:
    """The place of each parent, and the ids of those that have none here."""
    # Of one trace, as most sessions are, the ids alone will do.
    is_one = len(set(traces)) <= 1
    places = _numbered(ids if is_one else zip(traces, ids, strict=True), first)
    found = [places.get(one, 0) for one in (parents if is_one else zip(traces, parents, strict=True))]
    if found.count(0) == parents.count(None):
        return found, {}
    outer = {
        place: parent
        for place, parent, known in zip(count(first), parents, found, strict=False)
        if not known and parent is not None
    }
    return found, outer
