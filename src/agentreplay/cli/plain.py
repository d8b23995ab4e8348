"""Stored values as JSON shows them: every field by its name, none left out.

Times and lengths of time in nanoseconds are strings, and so is every integer beyond 2**53: most readers of
JSON would round them.
"""

import math
import typing
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, cast

import msgspec

from agentreplay.core.search import passages
from agentreplay.model.search import Hit
from agentreplay.model.session import SessionRow
from agentreplay.model.span import SpanRow
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import Usage

__all__ = ["Plain", "plain", "plain_hit", "plain_session", "plain_span"]

Plain = Any
"""None, bool, int, float, str, a list of these or a dict from str to these."""

_LARGEST = 1 << 53


def plain(value: object) -> Plain:
    """The value, made of what JSON knows."""
    match value:
        case None | str() | bool():
            return value
        case int():
            return value if abs(value) <= _LARGEST else str(value)
        case float():
            return value if math.isfinite(value) else None
        case msgspec.Struct():
            return _fields(value)
        case Mapping():
            return {str(key): plain(item) for key, item in cast("Mapping[object, object]", value).items()}
        case list() | tuple():
            return [plain(item) for item in cast("Sequence[object]", value)]
        case _:
            raise TypeError(f"JSON does not know {type(value).__name__}")


def plain_session(row: SessionRow) -> dict[str, Plain]:
    """A session with its summary, and what follows from both: status, start, end and duration."""
    session = _fields(row.session)
    session.update(status=row.status, started=_time(row.started), ended=_time(row.ended))
    return {**session, "duration": _time(row.summary.duration), "summary": plain(row.summary)}


def plain_span(span: SpanRow) -> dict[str, Plain]:
    """A span as lists show it, with its duration."""
    return {**_fields(span), "duration": _time(span.duration)}


def plain_hit(hit: Hit) -> dict[str, Plain]:
    """What was found; the snippet once as text and once in passages, which tell the words asked for."""
    parts = list(passages(hit.snippet))
    return {
        "span": plain_span(hit.span),
        "score": plain(hit.score),
        "snippet": "".join(part.text for part in parts),
        "passages": [{"text": part.text, "matches": part.matches} for part in parts],
        "content": hit.content,
    }


def _fields(value: msgspec.Struct) -> dict[str, Plain]:
    if isinstance(value, Usage):
        return dict(_buckets(value))
    times = _times(type(value))
    return {
        name: _time(getattr(value, name)) if name in times else plain(getattr(value, name))
        for name in value.__struct_fields__
    }


@lru_cache(maxsize=1)
def _buckets(usage: Usage) -> dict[str, Plain]:
    """Most spans used nothing, so the one before is kept."""
    return {
        **{name: plain(getattr(usage, name)) for name in usage.__struct_fields__},
        "total": plain(usage.total),
    }


def _time(nanoseconds: int | None) -> str | None:
    return None if nanoseconds is None else str(nanoseconds)


@cache
def _times(kind: type[msgspec.Struct]) -> frozenset[str]:
    """The fields that hold nanoseconds, by their types; of a duration added up the name tells."""
    hints = typing.get_type_hints(kind)
    return frozenset(
        name for name, hint in hints.items() if name == "duration" or Nanoseconds in (hint, *typing.get_args(hint))
    )
