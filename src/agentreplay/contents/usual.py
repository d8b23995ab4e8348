"""Most of what is kept as JSON is usual: nothing in it has to be taken out, replaced or spelled in a way of our own.

To find that out takes one look at each value, and then the fastest encoder there is may write it.
"""

from collections.abc import Iterable
from typing import cast

import msgspec

__all__ = ["ESCAPE", "MARKERS", "REFERENCE", "SHORTEST_MEDIA", "usual_json"]

MARKERS = frozenset({"cache_control", "cachePoint"})
"""Keys of what wanders from message to message."""
REFERENCE = "$content"
ESCAPE = "$escaped"
SHORTEST_MEDIA = 1024
"""A text that is shorter stays where it is, even if it is base64."""

_SPECIAL = MARKERS | {REFERENCE, ESCAPE}
_NAMES = frozenset({str})
"""What the keys of a map are."""
_DEEPEST = 12
_MANY = 16
"""Of more numbers than these, as in a vector, one is sure to be spelled differently."""
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_encode = msgspec.json.Encoder().encode


def usual_json(value: object) -> bytes | None:
    """The value as compact JSON, byte by byte as the standard library writes it; None where a closer look is due."""
    try:
        return _encode(value) if _is_usual(value, _DEEPEST) else None
    except UnicodeEncodeError:
        return None


def _is_usual(value: object, depth: int) -> bool:  # noqa: PLR0911 - a closed choice
    kind = type(value)
    if kind is str:
        return len(cast("str", value)) < SHORTEST_MEDIA or _is_prose(cast("str", value))
    if kind is dict:
        fields = cast("dict[object, object]", value)
        is_plain = bool(depth) and _SPECIAL.isdisjoint(fields) and _NAMES.issuperset(map(type, fields))
        return is_plain and _are_usual(fields.values(), depth)
    if kind is list:
        items = cast("list[object]", value)
        return bool(depth) and not (len(items) > _MANY and type(items[0]) is float) and _are_usual(items, depth)
    if kind is int:
        return _LEAST <= cast("int", value) <= _MOST
    if kind is float:
        # The two encoders put the exponents of very large and very small numbers differently, and NaN too.
        return _encode(value) == repr(value).encode()
    return value is None or kind is bool


def _are_usual(values: Iterable[object], depth: int) -> bool:
    for value in values:
        # Most values are texts, and to ask that here saves a call for each.
        if type(value) is str:
            if len(value) >= SHORTEST_MEDIA and not _is_prose(value):
                return False
        elif not _is_usual(value, depth - 1):
            return False
    return True


def _is_prose(text: str) -> bool:
    """Whether the text is none of media in base64."""
    return " " in text and not text.startswith("data:")
