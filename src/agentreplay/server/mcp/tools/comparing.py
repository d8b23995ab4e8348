"""Figures for other agents: what differs between two sessions, and measures over many."""

from collections import Counter
from typing import Annotated

from msgspec import Meta

from agentreplay.core.compare import Told, Where
from agentreplay.core.compare import compare_sessions as compared
from agentreplay.core.inputs import parse_moment
from agentreplay.core.measure import Order, ranked, window
from agentreplay.errors import QueryInvalid
from agentreplay.model.measure import Dimension, Grain, Measure, MeasureQuery
from agentreplay.model.time import DAY, Nanoseconds
from agentreplay.server.mcp.arguments import After, Limit, Project, SessionName, following, place_of
from agentreplay.server.mcp.brief import buckets, dollars, moment, seconds, without_nothing
from agentreplay.server.mcp.fitting import Listing
from agentreplay.server.mcp.reach import Reach

__all__ = ["compare_sessions", "measures"]

_USUAL_PERIOD = 7 * DAY
_Time = Annotated[str | None, Meta(description="As 2h, 7d, today, or 2026-03-31T14:00Z.")]
_By = Annotated[list[Dimension], Meta(description="Split by these.")]
_Only = Annotated[dict[Dimension, str], Meta(description='Only spans with these, as {"model": "gpt-5-mini"}.')]


def compare_sessions(  # noqa: PLR0913, PLR0917  # each argument comes by its name
    reach: Reach,
    before: SessionName,
    after: SessionName,
    limit: Limit = 20,
    cursor: After = None,
    project: Project = None,
) -> Listing:
    """Compare two sessions call by call: the first item is where they part, each says what differs in two calls."""
    found = compared(reach.store, reach.session_key(before, project), reach.session_key(after, project))
    parted = [told for told in found.items if told.kind != "same"]
    start = place_of(cursor)
    head = {"same": found.same, "calls": Counter(told.kind for told in found.items), "outputs": found.outputs}
    return Listing(head, [_pair(told) for told in parted[start : start + limit]], following(start, parted))


def measures(  # noqa: PLR0913, PLR0917  # each argument comes by its name
    reach: Reach,
    since: _Time = None,
    until: _Time = None,
    grain: Annotated[Grain, Meta(description="Split by time, in UTC.")] = "all",
    by: _By = [],  # noqa: B006  # msgspec copies it
    only: _Only = {},  # noqa: B006  # as above
    order: Annotated[Order, Meta(description="Most of this first, or in the order of time.")] = "cost",
    limit: Limit = 50,
    cursor: After = None,
    project: Project = None,
) -> Listing:
    """Measure finished spans: counts, errors, tokens, cost and durations, by default of the last 7 days."""
    end = _moment(reach, "until", until) or Nanoseconds(reach.now() + 1)
    first, last = window(_moment(reach, "since", since) or Nanoseconds(end - _USUAL_PERIOD), end, grain)
    query = MeasureQuery(
        tenant=reach.tenant,
        project=reach.within(project),
        since=first,
        until=last,
        grain=grain,
        by=tuple(dict.fromkeys(by)),
        only=only,
    )
    start = place_of(cursor)
    rows = ranked(reach.store.measure(query), order)
    head = {"since": moment(first), "until": moment(last)}
    return Listing(head, [_measure(row) for row in rows[start : start + limit]], following(start, rows))


def _pair(told: Told) -> dict[str, object]:
    return without_nothing({
        "what": told.kind,
        "call": told.label,
        "before_step": told.before,
        "after_step": told.after,
        "before_span": _name(told.before_span),
        "after_span": _name(told.after_span),
        "request": told.request,
        "answer": told.answer,
    })  # fmt: skip


def _name(where: Where | None) -> str | None:
    return None if where is None else f"{where.trace_id}/{where.span_id}"


def _measure(row: Measure) -> dict[str, object]:
    found = row.percentiles
    return without_nothing({
        "from": None if row.bucket is None else moment(row.bucket),
        **{str(name): value for name, value in row.dimensions.items()},
        "spans": row.spans,
        "errors": row.errors,
        "sessions": row.sessions,
        "usd": dollars(row.cost),
        "usage": buckets(row.usage),
        "seconds": {name: seconds(getattr(found, name)) for name in found.__struct_fields__},
    })  # fmt: skip


def _moment(reach: Reach, name: str, text: str | None) -> Nanoseconds | None:
    if text is None:
        return None
    try:
        return Nanoseconds(parse_moment(text, reach.now))
    except ValueError as error:
        raise QueryInvalid(problem=f"{name}: {error}") from error
