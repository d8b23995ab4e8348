"""Values of Python as JSON that becomes the same values again.

A tape may come from a stranger: only plain data, and data classes, enumerations and models of classes that the
program itself has imported, are ever made of it. What is none of these cannot be kept.
"""

import base64
import dataclasses
import datetime  # noqa: ICN001  # one of the types by its full name
import decimal
import enum
import json
import sys
import uuid
from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import Any, TypeGuard, cast

import msgspec

from agentreplay.model.values import Value
from agentreplay.sdk.raising import find_type

__all__ = ["NotPlain", "freeze", "from_json", "json_bytes", "sketch", "thaw", "to_json"]

_TYPE = "$type"
_DEEPEST = 100
_MOST_CONTAINERS = 1_000_000
_SKETCHED_DEEP = 20
_SKETCHED = 2_000
_TEXT = {str}
_LEAVES = {str, int, bool, type(None)}
_encode = msgspec.json.Encoder().encode


class NotPlain(Exception):
    """The value cannot be kept."""


_SIMPLE: dict[type, tuple[Callable[[Any], Value], Callable[[Any], Any]]] = {
    bytes: (lambda value: base64.b64encode(value).decode(), base64.b64decode),
    datetime.datetime: (datetime.datetime.isoformat, datetime.datetime.fromisoformat),
    datetime.date: (datetime.date.isoformat, datetime.date.fromisoformat),
    decimal.Decimal: (str, decimal.Decimal),
    uuid.UUID: (str, uuid.UUID),
    complex: (str, complex),
    float: (str, float),  # those that JSON has no sign for
}
_NAMES = {kind.__name__: kind for kind in _SIMPLE}
_COLLECTIONS: dict[str, Callable[[Iterable[Any]], Any]] = {"tuple": tuple, "set": set, "frozenset": frozenset}


def freeze(value: object) -> bytes:
    """The value as JSON. Raises NotPlain, whatever the value does when it is looked at."""
    return json_bytes(value if _is_flat(value) else to_json(value))


def to_json(value: object, most: int = _MOST_CONTAINERS) -> Value:
    """The value made of what JSON knows, with at most so many containers in it. Raises as `freeze` does."""
    try:
        return _Freezing(most).freeze(value, 0)
    except NotPlain:
        raise
    except Exception as error:
        raise NotPlain(f"{type(value).__qualname__}: {type(error).__name__}") from error


def thaw(data: bytes) -> Any:
    """The value again. Raises NotPlain when it holds what none of ours wrote, or a class it needs is not there."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotPlain(f"the kept value makes none: {error}") from error
    return from_json(value)


def from_json(value: Value) -> Any:
    """The value again that `to_json` took apart. Raises as `thaw` does."""
    try:
        return _thaw(value)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as error:
        raise NotPlain(f"the kept value makes none: {error}") from error


def sketch(value: object) -> Value:
    """The value as JSON, as far as it goes: of what cannot be kept the type is told. Never raises."""
    try:
        return to_json(value)
    except NotPlain:
        return _Sketch().of(value, 0)


def json_bytes(value: Value) -> bytes:
    """What `to_json` made as the text of JSON, fields in their order. Raises NotPlain."""
    try:
        return _encode(value)
    except (OverflowError, ValueError):  # a large integer, half a character
        pass
    try:
        return json.dumps(value, separators=(",", ":")).encode()
    except ValueError as error:
        raise NotPlain(str(error)) from error


def _is_flat(value: object) -> TypeGuard[dict[str, Value]]:
    """Whether it is JSON as it stands: names with a leaf each, as most arguments and answers are."""
    if type(value) is not dict:
        return False
    fields = cast("Mapping[object, object]", value)
    return (
        _TEXT.issuperset(map(type, fields)) and _LEAVES.issuperset(map(type, fields.values())) and _TYPE not in fields
    )


class _Sketch:
    """A value of which only so much is told that telling it takes no time."""

    def __init__(self) -> None:
        self._left = _SKETCHED

    def of(self, value: object, depth: int) -> Value:
        self._left -= 1
        kind = type(value)
        if value is None or kind in {bool, int, str}:
            return value
        if self._left > 0 and depth < _SKETCHED_DEEP:
            try:
                if isinstance(value, Mapping):
                    items = list(cast("Mapping[object, object]", value).items())[: self._left]
                    return {str(key): self.of(item, depth + 1) for key, item in items}
                if isinstance(value, list | tuple):
                    return [self.of(item, depth + 1) for item in cast("list[object]", value)[: self._left]]
                return to_json(value)
            except Exception:  # noqa: BLE001, S110  # what a value does when it is looked at is its own affair
                pass
        return {_TYPE: f"{kind.__module__}:{kind.__qualname__}"}


class _Freezing:
    """One value on its way to JSON. What it shares is written again each time, so there is a limit."""

    def __init__(self, most: int) -> None:
        self._left = most

    def freeze(self, told: object, depth: int) -> Value:  # noqa: PLR0911  # one for each kind of value
        value: Any = told
        kind = type(told)
        if kind in _LEAVES:
            return value
        if kind is float:
            return value if isfinite(value) else {_TYPE: "float", "value": str(value)}
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            raise NotPlain("it is nested too deep, or too large")
        below = depth + 1
        if kind is list:
            return [self.freeze(item, below) for item in value]
        if kind is dict:
            return self._mapping(value, below)
        if kind in {tuple, set, frozenset}:
            items = [self.freeze(item, below) for item in value]
            return {_TYPE: kind.__name__, "items": items if kind is tuple else sorted(items, key=json.dumps)}
        if kind in _SIMPLE:
            return {_TYPE: kind.__name__, "value": _SIMPLE[kind][0](value)}
        return self._instance(value, kind, below)

    def _mapping(self, value: dict[Any, Any], depth: int) -> Value:
        for key in value:
            if type(key) is not str:
                items = [[self.freeze(part, depth) for part in item] for item in value.items()]
                return {_TYPE: "items", "items": items}
        # Most are leaves, for which a call each would be most of the work.
        fields = {key: item if type(item) in _LEAVES else self.freeze(item, depth) for key, item in value.items()}
        return {_TYPE: "dict", "fields": fields} if _TYPE in value else fields

    def _instance(self, value: Any, kind: type, depth: int) -> Value:
        name = f"{kind.__module__}:{kind.__qualname__}"
        if _found(name) is not kind:
            raise NotPlain(f"{name} cannot be found again")
        if isinstance(value, enum.Enum):
            return {_TYPE: name, "value": self.freeze(value.value, depth)}
        fields = _fields_of(value)
        if fields is None:
            raise NotPlain(f"a {name} cannot be kept")
        return {_TYPE: name, "fields": {field: self.freeze(item, depth) for field, item in fields.items()}}


def _fields_of(value: Any) -> Mapping[str, Any] | None:
    kind = cast("Any", type(value))
    if dataclasses.is_dataclass(kind):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(kind)}
    if _is_model(kind):
        return {**vars(value), **(value.__pydantic_extra__ or {})}
    if issubclass(kind, tuple) and hasattr(value, "_asdict"):
        return cast("Mapping[str, Any]", value._asdict())
    return None


def _is_model(kind: type) -> bool:
    pydantic = sys.modules.get("pydantic")
    return pydantic is not None and issubclass(kind, pydantic.BaseModel)


def _thaw(value: Value) -> Any:  # noqa: PLR0911  # as above
    if _is_list(value):
        return [_thaw(item) for item in value]
    if not _is_mapping(value):
        return value
    told = value
    if _TYPE not in told:
        return {key: _thaw(item) for key, item in told.items()}
    name = told[_TYPE]
    if name == "dict":
        return {key: _thaw(item) for key, item in told["fields"].items()}
    if name == "items":
        return {_thaw(key): _thaw(item) for key, item in told["items"]}
    if name in _COLLECTIONS:
        return _COLLECTIONS[name](_thaw(item) for item in told["items"])
    if name in _NAMES:
        return _SIMPLE[_NAMES[name]][1](told["value"])
    return _thaw_instance(name, told)


def _thaw_instance(name: str, told: Mapping[str, Value]) -> Any:
    """Only the fields a class declares are set, and no constructor of it is run."""
    kind = _found(name)
    if kind is None:
        raise NotPlain(f"the class {name} is not there")
    if issubclass(kind, enum.Enum):
        return _member(kind, _thaw(told["value"]))
    fields = {field: _thaw(item) for field, item in told.get("fields", {}).items()}
    if _is_model(kind):
        return kind.model_construct(**fields)
    if dataclasses.is_dataclass(kind):
        declared = {field.name for field in dataclasses.fields(kind)}
        if not fields.keys() <= declared:
            raise NotPlain(f"{name} has no fields {', '.join(sorted(fields.keys() - declared))}")
        made: Any = object.__new__(kind)
        for field, item in fields.items():
            object.__setattr__(made, field, item)
        return made
    names: tuple[str, ...] | None = getattr(kind, "_fields", None)
    if issubclass(kind, tuple) and names is not None:
        return tuple.__new__(cast("Any", kind), [fields[field] for field in names])
    raise NotPlain(f"the class {name} is no plain data")


def _member(kind: type[enum.Enum], value: Any) -> enum.Enum:
    if issubclass(kind, enum.Flag):
        return kind(value)
    for member in kind:
        if type(member.value) is type(value) and member.value == value:
            return member
    raise NotPlain(f"{kind.__qualname__} has no member {value!r}")


def _is_list(value: object) -> TypeGuard[list[Value]]:
    return isinstance(value, list)


def _is_mapping(value: object) -> TypeGuard[dict[str, Value]]:
    return isinstance(value, dict)


def _found(name: str) -> type[Any] | None:
    """A class of a module that is imported already. Nothing is asked of the module, which might import more."""
    module, _, path = name.partition(":")
    return find_type(module, path)
