"""Sessions and spans in few words: what is not known is left out, times and money are such as people write them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from agentreplay.model.session import SessionRow
from agentreplay.model.span import SpanKey, SpanRow
from agentreplay.model.usage import Usage

__all__ = ["brief_session", "brief_span", "buckets", "dollars", "moment", "name_of", "seconds", "without_nothing"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DOLLAR = _SECOND = 1_000_000_000
_MOST_NAMES = 8


def brief_session(row: SessionRow) -> dict[str, Any]:
    """A session as lists tell it."""
    told, summary = row.session, row.summary
    return without_nothing({
        "session": told.id,
        "project": told.project,
        "name": told.name,
        "agent": told.agent,
        "status": row.status,
        "source": told.source,
        "started": moment(row.started),
        "seconds": seconds(summary.duration),
        "spans": summary.spans,
        "errors": summary.errors,
        "tokens": summary.usage.total,
        "usd": dollars(summary.cost),
        "models": list(summary.models)[:_MOST_NAMES],
        "tools": list(summary.tools)[:_MOST_NAMES],
        "labels": told.labels,
        "forked_from": None if told.origin is None else {"session": told.origin.session, "step": told.origin.seq},
    })  # fmt: skip


def brief_span(row: SpanRow) -> dict[str, Any]:
    """A span as lists tell it."""
    return without_nothing({
        "span": name_of(row.key),
        "step": row.seq,
        "kind": row.kind,
        "name": row.name,
        "status": "open" if row.end is None else None if row.status == "unset" else row.status,
        "seconds": None if row.duration is None else seconds(row.duration),
        "agent": row.agent,
        "model": row.model,
        "tool": row.tool if row.tool != row.name else None,
        "tokens": row.usage.total,
        "usd": None if row.cost is None else dollars(row.cost),
    })  # fmt: skip


def name_of(key: SpanKey) -> str:
    """The name under which a span is asked for."""
    return f"{key.trace_id}/{key.span_id}"


def buckets(usage: Usage) -> dict[str, int]:
    """The buckets that hold tokens."""
    return {name: number for name, number in zip(usage.__struct_fields__, usage.counts, strict=True) if number}


def moment(nanoseconds: int) -> str:
    """A point in time in UTC, to the millisecond."""
    try:
        found = _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        return f"{nanoseconds} ns"
    return found.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(nanoseconds: float) -> float:
    """A length of time, to the microsecond."""
    return round(nanoseconds / _SECOND, 6)


def dollars(nano_dollars: int) -> float:
    """Money."""
    return nano_dollars / _DOLLAR


def without_nothing(told: dict[str, Any]) -> dict[str, Any]:
    """Without what is unknown or empty, and without counts of nothing. Nothing paid is told: it is not the unknown."""
    return {name: value for name, value in told.items() if value or isinstance(value, bool | float)}
