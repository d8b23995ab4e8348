"""Measures: counts, sums, percentiles and unique counts of finished spans, by time and by dimension."""

from typing import Literal

import msgspec

from agentreplay.errors import QueryInvalid
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.time import DAY, HOUR, MINUTE, Nanoseconds
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage

__all__ = [
    "DIMENSIONS",
    "GRAINS",
    "Dimension",
    "Grain",
    "Measure",
    "MeasureQuery",
    "Percentiles",
    "bucket_start",
]

Dimension = Literal["project", "agent", "model", "provider", "tool", "kind", "status"]
DIMENSIONS: tuple[Dimension, ...] = ("project", "agent", "model", "provider", "tool", "kind", "status")

Grain = Literal["minute", "hour", "day", "all"]
GRAINS: dict[Grain, Nanoseconds] = {"minute": MINUTE, "hour": HOUR, "day": DAY}


def bucket_start(time: Nanoseconds, grain: Grain) -> Nanoseconds:
    """The start of the minute, hour or day (UTC) the time lies in."""
    width = GRAINS[grain]
    return Nanoseconds(time // width * width)


class MeasureQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to measure: finished spans that started in [since, until), in buckets of `grain`, split by `by`.

    Both times must lie on whole minutes. `only` narrows a dimension to one value.
    """

    tenant: TenantId
    project: ProjectId | None = None
    since: Nanoseconds
    until: Nanoseconds
    grain: Grain = "all"
    by: tuple[Dimension, ...] = ()
    only: dict[Dimension, str] = {}

    def __post_init__(self) -> None:
        if self.since % MINUTE or self.until % MINUTE or self.since >= self.until:
            raise QueryInvalid(problem="`since` and `until` must be whole minutes, and `since` the earlier one")
        width = GRAINS.get(self.grain, MINUTE)
        if self.since % width or self.until % width:
            raise QueryInvalid(problem=f"`since` and `until` must be the start of a whole {self.grain}")


class Percentiles(msgspec.Struct, frozen=True, kw_only=True):
    """Durations in nanoseconds below which that share of the spans lies, within 1 %."""

    p50: float
    p90: float
    p95: float
    p99: float


class Measure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The measures of one bucket and one combination of dimensions."""

    bucket: Nanoseconds | None = None
    """The start of the bucket; None when the query had no grain."""
    dimensions: dict[Dimension, str | None] = {}
    spans: int
    errors: int
    duration: int
    """Nanoseconds, of all spans together."""
    usage: Usage = NO_USAGE
    cost: NanoDollars = NanoDollars(0)
    percentiles: Percentiles
    sessions: int
    """Unique sessions, estimated within 1 % rms."""
