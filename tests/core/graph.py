"""What the tests of graphs share: a serialiser that counts, and values like those of channels."""

from collections import Counter
from typing import Any

import msgspec

from agentreplay.core.graph_values import Parts, take_apart
from agentreplay.model.values import Value

__all__ = ["Packed", "outlined", "said"]


class Packed:
    """Serialises as LangGraph's usual one does: packed, with the type beside it."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        self.asked["dumps"] += 1
        return ("null", b"") if obj is None else ("msgpack", msgspec.msgpack.encode(obj))

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        self.asked["loads"] += 1
        kind, packed = data
        return None if kind == "null" else msgspec.msgpack.decode(packed)


def said(number: int, length: int = 300) -> dict[str, Any]:
    """A message, unlike those of other numbers."""
    return {"role": "user", "content": f"{number} ".ljust(length, "."), "id": str(number)}


def outlined(value: Any, parts: Parts) -> Value:
    """The outline of a value."""
    return take_apart(value, Packed(), parts)
