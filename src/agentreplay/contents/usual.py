"""Most of what is kept as JSON is usual: nothing in it has to be taken out, replaced or spelled in a way of our own.

To find that out takes one look at each value, and then the fastest encoder there is may write it.
"""

import msgspec

from agentreplay.model.values import Value

__all__ = ["ESCAPE", "MARKERS", "REFERENCE", "SHORTEST_MEDIA", "usual_json"]

MARKERS = frozenset({"cache_control", "cachePoint"})
"""Keys of what wanders from message to message."""
REFERENCE = "$content"
ESCAPE = "$escaped"
SHORTEST_MEDIA = 1024
"""A text that is shorter stays where it is, even if it is base64."""

_SPECIAL = MARKERS | {REFERENCE, ESCAPE}
_DEEPEST = 12
_MANY = 16
"""Of more numbers than these, as in a vector, one is sure to be spelled differently."""
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_encode = msgspec.json.Encoder().encode


def usual_json(value: Value) -> bytes | None:
    """The value as compact JSON, byte by byte as the standard library writes it; None where a closer look is due."""
    try:
        return _encode(value) if _is_usual(value, _DEEPEST) else None
    except UnicodeEncodeError:
        return None


def _is_usual(value: Value, depth: int) -> bool:  # noqa: C901, PLR0911 - a closed choice
    kind = type(value)  # pyright: ignore[reportUnknownVariableType]  # of anything
    if kind is dict:
        if not depth or not _SPECIAL.isdisjoint(value):
            return False
        for key, item in value.items():
            # Most values are short texts, and to ask that here saves a call for each.
            is_short = type(item) is str and len(item) < SHORTEST_MEDIA
            if type(key) is not str or not (is_short or _is_usual(item, depth - 1)):
                return False
        return True
    if kind is list:
        if not depth or (len(value) > _MANY and type(value[0]) is float):
            return False
        # Not all(): a generator for each list costs more than what it asks.
        for item in value:  # noqa: SIM110
            if not _is_usual(item, depth - 1):
                return False
        return True
    if kind is str:
        return len(value) < SHORTEST_MEDIA or (" " in value and not value.startswith("data:"))
    if kind is int:
        return bool(_LEAST <= value <= _MOST)
    if kind is float:
        # The two encoders put the exponents of very large and very small numbers differently, and NaN too.
        return _encode(value) == repr(value).encode()
    return value is None or kind is bool
