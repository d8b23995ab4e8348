"""The spans of a session as columns, as JSON tells them: lean enough for a hundred thousand at once.

Times are told relative to one of them. docs/api.md explains how they are read.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from agentreplay.core.plain import plain
from agentreplay.model.columns import Columns, Words
from agentreplay.model.ids import SpanId
from agentreplay.model.session import SessionKey

__all__ = ["SpanColumns", "told_columns"]


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
    start: Sequence[int | str]
    """Nanoseconds after `base`; text where it is more than 2**53."""
    duration: Sequence[int | str | None]
    """Nanoseconds, likewise; None while the span is open."""
    span_id: Sequence[str]
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
    iteration: Sequence[int | str | None]
    """Empty where no span has one; likewise `tokens` and `cost`."""
    tokens: Sequence[int]
    """All buckets together."""
    cost: Sequence[int | None]


_LARGEST = 1 << 53


def told_columns(key: SessionKey, columns: Columns) -> SpanColumns:
    """Columns of this session, with the times relative to the first of them."""
    starts = columns.start
    base = starts[0] if starts else 0
    # They ascend, so that the last is the longest.
    is_short = not starts or starts[-1] - base <= _LARGEST
    since = [start - base for start in starts]
    return SpanColumns(
        tenant=key.tenant,
        project=key.project,
        session=key.session,
        first=columns.first,
        count=len(starts),
        base=str(base),
        start=since if is_short else [plain(number) for number in since],
        duration=_small(columns.duration),
        span_id=columns.span_id,
        trace_id=columns.trace_id,
        parent=columns.parent,
        outer_parents=columns.outer_parents,
        kind=columns.kind,
        name=columns.name,
        status=columns.status,
        agent=columns.agent,
        model=columns.model,
        provider=columns.provider,
        tool=columns.tool,
        iteration=_small(columns.iteration),
        tokens=columns.tokens,
        cost=columns.cost,
    )


def _small(numbers: Sequence[int | None]) -> Sequence[Any]:
    """The numbers, of which those are text that most readers of JSON would round."""
    largest, smallest = max(filter(None, numbers), default=0), min(filter(None, numbers), default=0)
    return numbers if smallest >= -_LARGEST and largest <= _LARGEST else [plain(number) for number in numbers]
