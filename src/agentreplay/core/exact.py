"""Values as JSON that becomes exactly the same values again.

What JSON has no sign for is a map with one key that begins with a dollar: `{"$bytes": base64}`, `{"$integer": digits}`
beyond 2**53, `{"$float": "nan"}`, `{"$text": base64}` of text that is not valid Unicode. A map that looks like one of
these itself stands in `{"$map": …}`.
"""

import base64
import binascii
import math
from collections.abc import Callable
from typing import cast

from agentreplay.core.plain import BYTES, Plain
from agentreplay.errors import ValueInvalid
from agentreplay.model.fact import DEEPEST
from agentreplay.model.values import Value, is_list, is_map

__all__ = ["read_exact", "spell_exact"]

_INTEGER, _FLOAT, _TEXT, _MAP = "$integer", "$float", "$text", "$map"
_LARGEST = 1 << 53
_MOST_DIGITS = 4_000


def spell_exact(value: Value) -> Plain:  # noqa: PLR0911  # a closed choice
    """The value, made of what JSON knows."""
    match value:
        case None | bool():
            return value
        case int():
            return value if abs(value) <= _LARGEST else {_INTEGER: _digits(value)}
        case float():
            return value if math.isfinite(value) else {_FLOAT: str(value)}
        case str():
            return value if _is_whole(value) else {_TEXT: _base64(value.encode("utf-8", "surrogatepass"))}
        case bytes():
            return {BYTES: _base64(value)}
        case list() | tuple():
            return [spell_exact(item) for item in cast("list[Value]", value)]
        case _:
            return _spell_map(cast("dict[str, Value]", value))


def read_exact(told: Plain, depth: int = 0) -> Value:
    """The value that `spell_exact` spelled; raises ValueInvalid for what it does not write."""
    if depth > DEEPEST:
        raise ValueInvalid(what="the value", problem=f"it is nested more than {DEEPEST} levels deep")
    if is_list(told):
        return [read_exact(item, depth + 1) for item in told]
    if not is_map(told):
        return told
    if len(told) == 1:
        ((name, item),) = told.items()
        if name == _MAP and is_map(item):
            return {_read_name(key): read_exact(part, depth + 1) for key, part in item.items()}
        if name in _READERS:
            try:
                return _READERS[name](item)
            except (ValueError, TypeError, binascii.Error) as error:
                raise ValueInvalid(what=f"the value {{{name}: …}}", problem=str(error)) from error
    return {_read_name(key): read_exact(item, depth + 1) for key, item in told.items()}


def _spell_map(value: dict[str, Value]) -> Plain:
    told = {_spell_name(key): spell_exact(item) for key, item in value.items()}
    return {_MAP: told} if len(told) == 1 and next(iter(told)).startswith("$") else told


# A key must be text: one that is no valid Unicode is spelled so that nothing else is.
_BROKEN_NAME = "$text:"


def _spell_name(name: str) -> str:
    if _is_whole(name) and not name.startswith(_BROKEN_NAME):
        return name
    return _BROKEN_NAME + _base64(name.encode("utf-8", "surrogatepass"))


def _read_name(name: str) -> str:
    if not name.startswith(_BROKEN_NAME):
        return name
    try:
        return base64.b64decode(name.removeprefix(_BROKEN_NAME), validate=True).decode("utf-8", "surrogatepass")
    except ValueError as error:
        raise ValueInvalid(what=f"the key {name[:40]!r}", problem=str(error)) from error


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _digits(value: int) -> str:
    # Python refuses to spell integers of more than 4,300 digits in decimal.
    return str(value) if abs(value) < 1 << (3 * _MOST_DIGITS) else hex(value)


def _read_integer(text: str) -> int:
    return int(text, 16 if text.lstrip("-").startswith("0x") else 10)


_READERS: dict[str, Callable[[str], Value]] = {
    BYTES: lambda text: base64.b64decode(text, validate=True),
    _INTEGER: _read_integer,
    _FLOAT: float,
    _TEXT: lambda text: base64.b64decode(text, validate=True).decode("utf-8", "surrogatepass"),
}
