"""Answers questions about measures from the rollups, so that they cost buckets and not spans."""

from collections.abc import Iterator, Sequence
from typing import Any

from agentreplay.model.measure import GRAINS, Dimension, Measure, MeasureQuery, Percentiles
from agentreplay.model.sketch import Distinct, Quantiles
from agentreplay.model.span import STATUSES
from agentreplay.model.time import DAY, HOUR, Nanoseconds
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage
from agentreplay.model.values import decode
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.readers import Reader
from agentreplay.store.sqlite.rollup import ANY, WIDTHS, add_counts, from_wide

__all__ = ["measure"]

_SQL = queries("measures")
_COLUMNS: tuple[Dimension, ...] = ("kind", "status", "agent", "model", "provider", "tool")
_GRAIN_NUMBERS = {width: number for number, width in enumerate(WIDTHS)}
_FIELDS = Usage.__struct_fields__
_SHARES = (0.5, 0.9, 0.95, 0.99)


class _Sum:
    """Rollups being added up."""

    def __init__(self) -> None:
        self.spans = self.errors = self.duration = self.cost = 0
        self.usage: list[int] | None = None
        self.quantiles = Quantiles()
        self.sessions = Distinct()

    def add(self, counts: Sequence[Any]) -> None:
        spans, errors, duration, cost, usage, quantiles, sessions = counts
        self.spans += spans
        self.errors += errors
        self.duration += from_wide(duration)
        self.cost += from_wide(cost)
        if usage is not None:
            self.usage = add_counts(self.usage, decode(usage, list[int]))
        self.quantiles.merge(Quantiles.from_bytes(quantiles))
        self.sessions.merge(Distinct.from_bytes(sessions))

    def measure(self, bucket: Nanoseconds | None, dimensions: dict[Dimension, str | None]) -> Measure:
        p50, p90, p95, p99 = [found or 0.0 for found in self.quantiles.quantiles(_SHARES)]
        return Measure(
            bucket=bucket,
            dimensions=dimensions,
            spans=self.spans,
            errors=self.errors,
            duration=self.duration,
            usage=Usage(**dict(zip(_FIELDS, self.usage, strict=False))) if self.usage else NO_USAGE,
            cost=NanoDollars(self.cost),
            percentiles=Percentiles(p50=p50, p90=p90, p95=p95, p99=p99),
            sessions=self.sessions.estimate(),
        )


def measure(reader: Reader, query: MeasureQuery) -> list[Measure]:
    """See Store.measure."""
    sums: dict[tuple[Nanoseconds | None, tuple[str | None, ...]], _Sum] = {}
    for project in reader.projects(query.tenant, query.project):
        name = reader.names.projects[project][1]
        if query.only.get("project", name) != name:
            continue
        for bucket, row in _rollups(reader, query, project):
            found = _dimensions(reader, row) | {"project": name}
            if all(found[dimension] == value for dimension, value in query.only.items()):
                key = (bucket, tuple(found[dimension] for dimension in query.by))
                sums.setdefault(key, _Sum()).add(row[7:])
    ordered = sorted(sums, key=lambda key: (key[0] or 0, [(text is not None, text or "") for text in key[1]]))
    return [sums[key].measure(key[0], dict(zip(query.by, key[1], strict=True))) for key in ordered]


def _dimensions(reader: Reader, row: Sequence[Any]) -> dict[Dimension, str | None]:
    kind, status, *others = row[1:7]
    words = reader.names.words
    texts: list[str | None] = [words[kind] if kind > 0 else None, STATUSES[status] if status >= 0 else None]
    texts += [words[number] if number > 0 else None for number in others]
    return dict(zip(_COLUMNS, texts, strict=True))


def _rollups(reader: Reader, query: MeasureQuery, project: int) -> Iterator[tuple[Nanoseconds | None, Sequence[Any]]]:
    """The rollups of the asked time, each with the bucket of the answer it belongs to."""
    stretches = (
        _cover(query.since, query.until) if query.grain == "all" else [(GRAINS[query.grain], query.since, query.until)]
    )
    for width, since, until in stretches:
        grain = _GRAIN_NUMBERS[width]
        stretch = {"project": project, "grain": grain, "since": since // width, "until": until // width}
        for row in reader.connection.execute(_statement(query, grain), stretch):
            yield None if query.grain == "all" else Nanoseconds(row[0] * width), row


def _statement(query: MeasureQuery, grain: int) -> str:
    """Asks for the rollups to add up: those of one dimension where the question is of one, else all combinations."""
    asked = [column for column in _COLUMNS if column in {*query.by, *query.only}]
    if grain == 0 or len(asked) > 1:
        return _SQL["rollups"].replace(":family", f"kind > {ANY} AND status > {ANY}")
    family = " AND ".join(f"{column} {'>' if column in asked else '='} {ANY}" for column in _COLUMNS)
    # The kind is the first dimension in the key, and all combinations have one.
    return _SQL["rollups" if "kind" in asked else "rollups_of_family"].replace(":family", family)


def _cover(since: int, until: int) -> Iterator[tuple[Nanoseconds, int, int]]:
    """A stretch of whole minutes as few stretches of days, hours and minutes."""
    minute = WIDTHS[0]
    inner_hours = (-(-since // HOUR) * HOUR, until // HOUR * HOUR)
    if inner_hours[0] >= inner_hours[1]:
        yield minute, since, until
        return
    yield minute, since, inner_hours[0]
    inner_days = (-(-inner_hours[0] // DAY) * DAY, inner_hours[1] // DAY * DAY)
    if inner_days[0] >= inner_days[1]:
        yield HOUR, *inner_hours
    else:
        yield HOUR, inner_hours[0], inner_days[0]
        yield DAY, *inner_days
        yield HOUR, inner_days[1], inner_hours[1]
    yield minute, inner_hours[1], until
