"""Any value as one that JSON can hold, so that whatever an emitter sent can be kept as a content."""

import base64
import json
from typing import cast

from agentreplay.contents.usual import usual_json
from agentreplay.model.content import JSON, OCTETS, TEXT, Content
from agentreplay.model.values import Value

__all__ = ["content_of", "plain"]

_DEEPEST = 100
_LARGEST = 1 << 64


def plain(value: Value, depth: int = 0) -> Value:
    """The value in what JSON knows: bytes as base64, integers beyond 64 bits as text.

    What is nested deeper than anybody reads is left out. The attribute itself keeps all of it.
    """
    # This sees every value of every message, so what is most frequent is asked for first.
    if value is None or isinstance(value, str | bool | float):
        return value
    if isinstance(value, dict | list | tuple):
        if depth > _DEEPEST:
            return None
        if isinstance(value, dict):
            fields = cast("dict[object, Value]", value)
            return {str(name): plain(item, depth + 1) for name, item in fields.items()}
        return [plain(item, depth + 1) for item in cast("list[Value]", value)]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return hex(value) if isinstance(value, int) and not -_LARGEST < value < _LARGEST else value


def content_of(value: Value) -> Content:
    """The value as a content: text and bytes as they are, all else as JSON."""
    if isinstance(value, str):
        return Content.of(value.encode("utf-8", "surrogatepass"), TEXT)
    if isinstance(value, bytes):
        return Content.of(value, OCTETS)
    if (usual := usual_json(value)) is not None:
        return Content.of(usual, JSON)
    told = plain(value)
    try:
        data = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        data = json.dumps(told, separators=(",", ":")).encode()
    return Content.of(data, JSON)
