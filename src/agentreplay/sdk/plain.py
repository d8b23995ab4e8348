"""Values of Python as JSON that becomes the same values again.

A tape may come from a stranger: only plain data, and data classes, enumerations and models of classes that the
program itself has imported, are ever made of it. What is none of these cannot be kept.
"""

import base64
import dataclasses
import datetime
import decimal
import enum
import json
import sys
import uuid
from collections.abc import Callable, Mapping
from typing import Any, cast

from agentreplay.model.values import Value

__all__ = ["NotPlain", "freeze", "sketch", "thaw"]

_TYPE = "$type"
_DEEPEST = 100


class NotPlain(Exception):  # as all our errors
    """The value cannot be kept."""


_SIMPLE: dict[type, tuple[Callable[[Any], Value], Callable[[Any], Any]]] = {
    bytes: (lambda value: base64.b64encode(value).decode(), base64.b64decode),
    datetime.datetime: (datetime.datetime.isoformat, datetime.datetime.fromisoformat),
    datetime.date: (datetime.date.isoformat, datetime.date.fromisoformat),
    decimal.Decimal: (str, decimal.Decimal),
    uuid.UUID: (str, uuid.UUID),
    complex: (str, complex),
}
_NAMES = {kind.__name__: kind for kind in _SIMPLE}


def freeze(value: object) -> bytes:
    """The value as JSON. Raises NotPlain."""
    return json.dumps(_freeze(value, 0), separators=(",", ":")).encode()


def thaw(data: bytes) -> Any:
    """The value again. Raises NotPlain when a class it needs is not there."""
    return _thaw(json.loads(data))


def sketch(value: object, depth: int = 0) -> Value:
    """The value as JSON, as far as it goes: of what cannot be kept the type is told."""
    try:
        return _freeze(value, depth)
    except NotPlain:
        pass
    if isinstance(value, Mapping):
        return {str(key): sketch(item, depth + 1) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple) and depth < _DEEPEST:
        return [sketch(item, depth + 1) for item in cast("list[object]", value)]
    return {_TYPE: f"{type(value).__module__}:{type(value).__qualname__}"}


def _freeze(value: Any, depth: int) -> Value:
    kind = type(value)
    if value is None or kind in {bool, int, float, str}:
        return value
    if depth > _DEEPEST:
        raise NotPlain("it is nested too deep")
    if kind is list:
        return [_freeze(item, depth + 1) for item in value]
    if kind is dict and all(type(key) is str for key in value):
        fields = {key: _freeze(item, depth + 1) for key, item in value.items()}
        return {_TYPE: "dict", "fields": fields} if _TYPE in value else fields
    if kind is dict:
        return {_TYPE: "items", "items": [[_freeze(part, depth + 1) for part in item] for item in value.items()]}
    if kind in {tuple, set, frozenset}:
        items = [_freeze(item, depth + 1) for item in value]
        return {_TYPE: kind.__name__, "items": items if kind is tuple else sorted(items, key=json.dumps)}
    if kind in _SIMPLE:
        return {_TYPE: kind.__name__, "value": _SIMPLE[kind][0](value)}
    return _freeze_instance(value, kind, depth)


def _freeze_instance(value: Any, kind: type, depth: int) -> Value:
    name = f"{kind.__module__}:{kind.__qualname__}"
    if _found(name) is not kind:
        raise NotPlain(f"{name} cannot be found again")
    if isinstance(value, enum.Enum):
        return {_TYPE: name, "value": _freeze(value.value, depth + 1)}
    fields = _fields_of(value)
    if fields is None:
        raise NotPlain(f"a {name} cannot be kept")
    return {_TYPE: name, "fields": {field: _freeze(item, depth + 1) for field, item in fields.items()}}


def _fields_of(value: Any) -> Mapping[str, Any] | None:
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if _is_model(type(value)):
        return {**vars(value), **(value.__pydantic_extra__ or {})}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return cast("Mapping[str, Any]", value._asdict())
    return None


def _is_model(kind: type) -> bool:
    pydantic = sys.modules.get("pydantic")
    return pydantic is not None and issubclass(kind, pydantic.BaseModel)


def _thaw(value: Value) -> Any:
    if isinstance(value, list):
        return [_thaw(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _TYPE not in value:
        return {key: _thaw(item) for key, item in value.items()}
    name = value[_TYPE]
    if name == "dict":
        return {key: _thaw(item) for key, item in value["fields"].items()}
    if name == "items":
        return {_thaw(key): _thaw(item) for key, item in value["items"]}
    if name in {"tuple", "set", "frozenset"}:
        return {"tuple": tuple, "set": set, "frozenset": frozenset}[name](_thaw(item) for item in value["items"])
    if name in _NAMES:
        return _SIMPLE[_NAMES[name]][1](value["value"])
    return _thaw_instance(name, value)


def _thaw_instance(name: str, value: Mapping[str, Value]) -> Any:
    kind = _found(name)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(_thaw(value["value"]))
    fields = {field: _thaw(item) for field, item in value.get("fields", {}).items()}
    if isinstance(kind, type) and _is_model(kind):
        return cast("Any", kind).model_construct(**fields)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        made = object.__new__(kind)
        for field, item in fields.items():
            object.__setattr__(made, field, item)
        return made
    if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return cast("Any", kind)(**fields)
    raise NotPlain(f"the class {name} is not there, or is no plain data")


def _found(name: str) -> object:
    module, _, path = name.partition(":")
    found: object = sys.modules.get(module)
    for part in path.split("."):
        found = getattr(found, part, None)
    return found
