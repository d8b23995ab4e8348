"""Stored values as JSON shows them: every field by its name, none left out.

Times and lengths of time in nanoseconds, positions and revisions are strings, and so is every integer beyond
2**53: most readers of JSON would round them. `agentreplay.core.shape` tells the same of types.
"""

import base64
import math
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, cast

import msgspec

from agentreplay.core.search import passages
from agentreplay.model.fact import FactPosition
from agentreplay.model.ids import Position
from agentreplay.model.search import Hit
from agentreplay.model.session import SessionRow
from agentreplay.model.span import SpanRow
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import spelled_out

__all__ = ["BYTES", "Plain", "long_numbers", "plain", "plain_hit", "plain_session", "plain_span"]

Plain = Any
"""None, bool, int, float, str, a list of these or a dict from str to these."""

BYTES = "$bytes"
"""Bytes are shown as a map with this one key: base64 of them."""

_LARGEST = 1 << 53
_long_numbers: dict[type, frozenset[str]] = {}
_NOTHING = dict.fromkeys((*Usage.__struct_fields__, "total"), 0)
_LONG: set[object] = {FactPosition, Nanoseconds, Position}


def plain(value: object) -> Plain:  # noqa: C901, PLR0911, PLR0912  # a closed choice
    """The value, made of what JSON knows."""
    # A page has thousands of values, and nearly all are of these types: to ask for one of them is quick.
    kind: type[object] = type(value)
    if kind is str:
        return spelled_out(cast("str", value))
    if kind is int:
        return value if -_LARGEST <= cast("int", value) <= _LARGEST else str(value)
    if value is None or kind is bool:
        return value
    if kind is dict:
        return {
            key if type(key) is str and key.isascii() else _key(key): plain(item)
            for key, item in cast("dict[object, object]", value).items()
        }
    if kind is Usage:
        return _buckets(cast("Usage", value))
    match value:
        case str():
            return spelled_out(value)
        case int():
            return value if abs(value) <= _LARGEST else str(value)
        case float():
            return value if math.isfinite(value) else None
        case SessionRow():
            return plain_session(value)
        case SpanRow():
            return plain_span(value)
        case Hit():
            return plain_hit(value)
        case msgspec.Struct():
            return _fields(value, value.__struct_fields__)
        case Mapping():
            return {_key(key): plain(item) for key, item in cast("Mapping[object, object]", value).items()}
        case list() | tuple():
            names: Sequence[str] | None = getattr(cast("object", value), "_fields", None)
            if names is not None:
                return _fields(cast("object", value), names)
            return [plain(item) for item in cast("Sequence[object]", value)]
        case bytes():
            return {BYTES: base64.b64encode(value).decode()}
        case _ if is_dataclass(value):
            return _fields(value, [field.name for field in fields(value)])
        case _:
            raise TypeError(f"JSON does not know {type(value).__name__}")


def plain_session(row: SessionRow) -> dict[str, Plain]:
    """A session with its summary, and what follows from both: status, start, end and duration."""
    session = _fields(row.session, row.session.__struct_fields__)
    session.update(status=row.status, started=_text(row.started), ended=_text(row.ended))
    return {**session, "duration": _text(row.summary.duration), "summary": plain(row.summary)}


def plain_span(span: SpanRow) -> dict[str, Plain]:
    """A span, light or whole, with its duration."""
    if type(span) is not SpanRow:
        return {**_fields(span, span.__struct_fields__), "duration": _text(span.duration)}
    # Written out, because of these there are up to a hundred thousand in one answer. Names are valid Unicode.
    return {
        "tenant": span.tenant,
        "project": span.project,
        "session": span.session,
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "start": str(span.start),
        "parent_id": span.parent_id,
        "kind": span.kind,
        "name": span.name,
        "end": _text(span.end),
        "seq": span.seq,
        "status": span.status,
        "agent": span.agent,
        "iteration": plain(span.iteration),
        "model": span.model,
        "provider": span.provider,
        "tool": span.tool,
        "usage": _buckets(span.usage),
        "cost": span.cost,
        "duration": _text(span.duration),
    }


def plain_hit(hit: Hit) -> dict[str, Plain]:
    """What was found; the snippet once as text and once in passages, which tell the words asked for."""
    parts = list(passages(hit.snippet))
    return {
        "span": plain_span(hit.span),
        "score": plain(hit.score),
        "snippet": spelled_out("".join(part.text for part in parts)),
        "passages": [{"text": spelled_out(part.text), "matches": part.matches} for part in parts],
        "content": hit.content,
    }


def long_numbers(kind: type) -> frozenset[str]:
    """The fields that hold nanoseconds or positions, by their types; of sums and clocks the name tells."""
    known = _long_numbers.get(kind)
    if known is None:
        known = _long_numbers[kind] = _find_long_numbers(kind)
    return known


def _find_long_numbers(kind: type) -> frozenset[str]:
    return frozenset(
        name
        for name, hint in typing.get_type_hints(kind).items()
        if name in {"duration", "revision"} or not _LONG.isdisjoint({hint, *typing.get_args(hint)})
    )


def _fields(value: object, names: Sequence[str]) -> dict[str, Plain]:
    long = long_numbers(type(value))
    return {name: _text(getattr(value, name)) if name in long else plain(getattr(value, name)) for name in names}


def _key(key: object) -> str:
    return spelled_out(key if isinstance(key, str) else str(key))


def _buckets(usage: Usage) -> dict[str, Plain]:
    if usage is NO_USAGE:
        return dict(_NOTHING)
    total = usage.total
    buckets = {**msgspec.structs.asdict(usage), "total": total}
    # None of them is more than all together.
    return buckets if total <= _LARGEST else {name: plain(number) for name, number in buckets.items()}


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
