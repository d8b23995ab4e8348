"""Measures: series over time, percentiles, breakdowns, top lists and unique counts of finished spans."""

from typing import Annotated

from msgspec import Meta

from agentreplay.core.inputs import parse_moment
from agentreplay.core.measure import Order, ranked, window
from agentreplay.errors import QueryInvalid
from agentreplay.model.measure import Dimension, Grain, Measure, MeasureQuery
from agentreplay.model.page import Page
from agentreplay.model.time import DAY, Nanoseconds
from agentreplay.server.asking import Place
from agentreplay.server.routing import reads
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "measure"]

_USUAL_PERIOD = 7 * DAY
_Time = Annotated[str | None, Meta(description="2h, 7d, today, 2026-03-31T14:00Z, or nanoseconds.")]
_Only = Annotated[str | None, Meta(description="Only spans with this one.")]


@reads("/measures", tag="measures", summary="Measure spans, tokens, cost and durations")
def measure(  # noqa: PLR0913, PLR0917  # each parameter comes by its name
    service: Service,
    place: Place,
    since: _Time = None,
    until: _Time = None,
    grain: Annotated[Grain, Meta(description="Split by time, in UTC.")] = "all",
    by: Annotated[list[Dimension] | None, Meta(description="Split by this; may be given again.")] = None,
    agent: _Only = None,
    model: _Only = None,
    provider: _Only = None,
    tool: _Only = None,
    kind: _Only = None,
    status: _Only = None,
    order: Annotated[Order, Meta(description="Most of this first, or in the order of time.")] = "time",
    limit: Annotated[int, Meta(ge=1, le=100_000, description="How many at most.")] = 10_000,
) -> Page[Measure]:
    """Of finished spans that started in the period, by default the last 7 days.

    Counts and sums are exact. Percentiles lie within 1 % of the exact ones, and so do counts of sessions.
    """
    end = _moment("until", until, service) or Nanoseconds(service.now() + 1)
    first, last = window(_moment("since", since, service) or Nanoseconds(end - _USUAL_PERIOD), end, grain)
    wanted: dict[Dimension, str | None] = {
        "agent": agent, "model": model, "provider": provider, "tool": tool, "kind": kind, "status": status,
    }  # fmt: skip
    query = MeasureQuery(
        tenant=place.tenant,
        project=place.project,
        since=first,
        until=last,
        grain=grain,
        by=tuple(dict.fromkeys(by or ())),
        only={name: value for name, value in wanted.items() if value is not None},
    )
    return Page(items=tuple(ranked(service.store.measure(query), order, limit)))


def _moment(name: str, text: str | None, service: Service) -> Nanoseconds | None:
    if text is None:
        return None
    try:
        return Nanoseconds(parse_moment(text, service.now))
    except ValueError as error:
        raise QueryInvalid(problem=f"{name}: {error}") from error


HANDLERS = (measure,)
