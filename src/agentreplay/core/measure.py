"""Measures: a period that a store can measure, and the most expensive first."""

from collections.abc import Iterable

from agentreplay.errors import QueryInvalid
from agentreplay.model.measure import GRAINS, Grain, Measure
from agentreplay.model.time import MINUTE, Nanoseconds

__all__ = ["heaviest", "window"]


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
