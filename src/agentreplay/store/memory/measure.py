"""Measures of a memory store: every span is looked at for every question, and nothing is estimated."""

from collections.abc import Sequence

from agentreplay.model.measure import Dimension, Measure, MeasureQuery, Percentiles, bucket_start
from agentreplay.model.sketch import exact_quantile
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NO_USAGE, NanoDollars
from agentreplay.store.memory.state import State, session_of

__all__ = ["measure"]

_Group = tuple[Nanoseconds | None, tuple[str | None, ...]]


def measure(state: State, query: MeasureQuery) -> list[Measure]:
    """The measures that were asked for, ordered by bucket and then by dimensions, an absent value first."""
    groups: dict[_Group, list[Span]] = {}
    for span in state.spans.values():
        if _is_wanted(span, query):
            bucket = None if query.grain == "all" else bucket_start(span.start, query.grain)
            groups.setdefault((bucket, tuple(getattr(span, name) for name in query.by)), []).append(span)
    return [_measure(group, query.by, groups[group]) for group in sorted(groups, key=_order)]


def _is_wanted(span: Span, query: MeasureQuery) -> bool:
    return (
        span.tenant == query.tenant
        and query.project in (None, span.project)
        and span.end is not None
        and query.since <= span.start < query.until
        and all(getattr(span, name) == value for name, value in query.only.items())
    )


def _order(group: _Group) -> tuple[int, list[tuple[bool, str]]]:
    bucket, values = group
    return (bucket or 0, [(value is not None, value or "") for value in values])


def _measure(group: _Group, by: Sequence[Dimension], spans: Sequence[Span]) -> Measure:
    bucket, values = group
    durations = sorted(span.duration or 0 for span in spans)
    usage = NO_USAGE
    for span in spans:
        usage += span.usage
    return Measure(
        bucket=bucket,
        dimensions=dict(zip(by, values, strict=True)),
        spans=len(spans),
        errors=sum(span.status == "error" for span in spans),
        duration=sum(durations),
        usage=usage,
        cost=NanoDollars(sum(span.cost or 0 for span in spans)),
        percentiles=Percentiles(
            p50=_quantile(durations, 0.5),
            p90=_quantile(durations, 0.9),
            p95=_quantile(durations, 0.95),
            p99=_quantile(durations, 0.99),
        ),
        sessions=len({session_of(span) for span in spans}),
    )


def _quantile(ordered: Sequence[int], share: float) -> float:
    return float(exact_quantile(ordered, share) or 0)
