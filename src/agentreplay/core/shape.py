"""The types of what `agentreplay.core.plain` makes of stored values: what a schema of the JSON follows from."""

import types
import typing
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, NamedTuple, NewType, Optional, Union, cast, get_args, get_origin

import msgspec
from msgspec import Meta

from agentreplay.core.plain import long_numbers
from agentreplay.core.search import Passage
from agentreplay.model.page import Page
from agentreplay.model.search import Hit
from agentreplay.model.session import Session, SessionRow, SessionStatus, Summary
from agentreplay.model.span import SpanRow
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import Usage

__all__ = ["Number", "Time", "shape"]

Time = Annotated[str, Meta(description="Nanoseconds since the epoch in UTC, or the length of a stretch of time.")]
Number = Annotated[str, Meta(description="An integer as decimal text.")]


class _Field(NamedTuple):
    name: str
    kind: Any


def shape(kind: Any) -> Any:
    """The type that `plain` makes of a value of this type. Equal types have one shape."""
    return _shape(kind)


@cache
def _shape(kind: Any) -> Any:
    if isinstance(kind, NewType):
        return _shape(kind.__supertype__)
    origin = get_origin(kind)
    if origin is not None:
        return _of_generic(kind, origin)
    return _of_class(kind) if isinstance(kind, type) else kind


def _of_generic(kind: Any, origin: Any) -> Any:
    parts = [part if part in {Ellipsis, type(None)} else _shape(part) for part in get_args(kind)]
    if origin is Annotated:
        return parts[0]
    if origin in {Union, types.UnionType}:
        return Union[tuple(parts)]  # noqa: UP007  # a union of what is known only now
    if origin is Page:
        return _record(f"{parts[0].__name__}Page", [_Field("items", list.__class_getitem__(parts[0])), _PAGE_END])
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return dict.__class_getitem__((str, parts[1]))
    if isinstance(origin, type) and issubclass(origin, Sequence):
        items = tuple(dict.fromkeys(part for part in parts if part is not Ellipsis))
        return list.__class_getitem__(Union[items])  # noqa: UP007  # as above
    return kind


def _of_class(kind: Any) -> Any:  # noqa: PLR0911  # a closed choice
    if kind is object:
        return Any
    if kind is SessionRow:
        filled = {"status": SessionStatus, "started": Time, "ended": Optional[Time]}  # noqa: UP045  # it runs on 3.11
        told = [field._replace(kind=filled.get(field.name, field.kind)) for field in _fields(Session)]
        return _record("Session", [*told, _Field("duration", Time), _Field("summary", _shape(Summary))])
    if kind is Hit:
        passages = _Field("passages", list.__class_getitem__(_shape(Passage)))
        return _record("Hit", [*_fields(Hit), passages])
    if issubclass(kind, SpanRow):
        return _record(kind.__name__, [*_fields(kind), _Field("duration", Optional[Time])])  # noqa: UP045  # as above
    if kind is Usage:
        return _record("Usage", [*_fields(kind), _Field("total", int)])
    if kind is bytes:
        return dict[str, str]
    return _record(kind.__name__, _fields(kind)) if _has_fields(kind) else kind


def _has_fields(kind: Any) -> bool:
    return issubclass(kind, msgspec.Struct | tuple) or hasattr(kind, "__dataclass_fields__")


_PAGE_END = _Field("next", str | None)


def _fields(kind: type) -> list[_Field]:
    long = long_numbers(kind)
    hints = typing.get_type_hints(kind)
    # Of a tuple with names the hints are its fields, and of a dataclass too.
    names = cast("Sequence[str]", getattr(kind, "__struct_fields__", list(hints)))
    return [_Field(name, _long(hints[name]) if name in long else _shape(hints[name])) for name in names]


def _long(hint: Any) -> Any:
    kind = Time if hint is int or Nanoseconds in {hint, *get_args(hint)} else Number
    return Optional[kind] if type(None) in get_args(hint) else kind  # noqa: UP045  # as above


def _record(name: str, fields: Sequence[_Field]) -> Any:
    return _struct(name, tuple(fields))


@cache
def _struct(name: str, fields: tuple[_Field, ...]) -> Any:
    return msgspec.defstruct(name, [(field.name, field.kind) for field in fields], module=__name__, kw_only=True)
