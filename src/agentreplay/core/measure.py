"""Measures: a period that a store can measure, and the most expensive first."""

from collections.abc import Callable, Iterable
from typing import Literal

from agentreplay.errors import QueryInvalid
from agentreplay.model.measure import GRAINS, Grain, Measure
from agentreplay.model.time import MINUTE, Nanoseconds

__all__ = ["ORDERS", "Order", "heaviest", "ranked", "window"]


Order = Literal["time", "cost", "tokens", "spans", "errors", "sessions", "duration", "p50", "p90", "p95", "p99"]
ORDERS: dict[str, Callable[[Measure], float]] = {
    "cost": lambda measure: measure.cost,
    "tokens": lambda measure: measure.usage.total,
    "spans": lambda measure: measure.spans,
    "errors": lambda measure: measure.errors,
    "sessions": lambda measure: measure.sessions,
    "duration": lambda measure: measure.duration,
    "p50": lambda measure: measure.percentiles.p50,
    "p90": lambda measure: measure.percentiles.p90,
    "p95": lambda measure: measure.percentiles.p95,
    "p99": lambda measure: measure.percentiles.p99,
}
"""What measures can be ranked by."""


def ranked(measures: Iterable[Measure], order: Order, limit: int | None = None) -> list[Measure]:
    """The so many that have most of something, most first; for `time` the first, in the order of their buckets."""
    found = sorted(measures, key=ORDERS[order], reverse=True) if order != "time" else list(measures)
    return found[:limit]


def window(since: Nanoseconds, until: Nanoseconds, grain: Grain = "all") -> tuple[Nanoseconds, Nanoseconds]:
    """The smallest period of whole buckets that holds all of [since, until).

    Raises QueryInvalid when `until` is not the later one.
    """
    if since >= until:
        raise QueryInvalid(problem="the period ends before it begins: `since` must be earlier than `until`")
    width = GRAINS.get(grain, MINUTE)
    return Nanoseconds(since // width * width), Nanoseconds(-(-until // width) * width)


def heaviest(measures: Iterable[Measure]) -> list[Measure]:
    """Within each bucket the most expensive first; what costs the same by tokens, then by spans."""
    return sorted(
        measures,
        key=lambda measure: (measure.bucket or 0, -measure.cost, -measure.usage.total, -measure.spans),
    )
