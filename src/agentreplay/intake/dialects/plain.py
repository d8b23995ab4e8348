"""Any value as one that JSON can hold, so that whatever an emitter sent can be kept as a content."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import cast

from agentreplay.model.content import JSON, OCTETS, TEXT, Content
from agentreplay.model.values import Value

__all__ = ["content_of", "plain"]

_DEEPEST = 100
_LARGEST = 1 << 64


def plain(value: Value, depth: int = 0) -> Value:
    """The value in what JSON knows: bytes as base64, integers beyond 64 bits as text.

    What is nested deeper than anybody reads is left out. The attribute itself keeps all of it.
    """
    match value:
        case Mapping() | list() | tuple() if depth > _DEEPEST:
            told: Value = None
        case Mapping():
            fields = cast("Mapping[object, Value]", value)
            told = {str(name): plain(item, depth + 1) for name, item in fields.items()}
        case list() | tuple():
            told = [plain(item, depth + 1) for item in cast("Sequence[Value]", value)]
        case bytes():
            told = base64.b64encode(value).decode()
        case int() if not -_LARGEST < value < _LARGEST:
            told = hex(value)
        case _:
            told = value
    return told


def content_of(value: Value) -> Content:
    """The value as a content: text and bytes as they are, all else as JSON."""
    if isinstance(value, str):
        return Content.of(value.encode("utf-8", "surrogatepass"), TEXT)
    if isinstance(value, bytes):
        return Content.of(value, OCTETS)
    told = plain(value)
    try:
        data = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        data = json.dumps(told, separators=(",", ":")).encode()
    return Content.of(data, JSON)
