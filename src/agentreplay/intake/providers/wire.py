"""Reading other people's JSON: whatever it holds, the answer has the type asked for, and nothing is raised."""

import json
import re
from collections.abc import Iterable
from typing import cast

import msgspec

from agentreplay.model.values import Value

__all__ = [
    "arguments",
    "arguments_text",
    "count",
    "is_json",
    "mapping",
    "mappings",
    "parse",
    "pieces",
    "sequence",
    "text",
    "to_json",
]

_MOST = 1 << 36
"""Nothing that a call could have used; ten such counts still fit a span."""

_words = re.compile(r"\s*\S+\s*|\s+").findall


def parse(data: bytes | str) -> Value:
    """The value of a JSON text; None when it is no JSON. Bytes that are no UTF-8 are replaced."""
    try:
        return msgspec.json.decode(data)
    except (ValueError, RecursionError):
        pass
    # The slower parser takes what the strict one refuses: NaN, lone surrogates, broken UTF-8.
    try:
        return json.loads(data if isinstance(data, str) else data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def to_json(value: Value) -> bytes:
    """A value as JSON."""
    try:
        return msgspec.json.encode(value)
    except (ValueError, OverflowError, TypeError):
        return json.dumps(value, default=repr, separators=(",", ":")).encode()


def is_json(chunks: Iterable[bytes]) -> bool:
    """Whether these bytes begin as a JSON object or array does, and not as a stream of events."""
    for chunk in chunks:
        if start := chunk.lstrip(b" \t\r\n\xef\xbb\xbf")[:1]:
            return start in b"{["
    return False


def mapping(value: Value) -> dict[str, Value]:
    """The value if it is a map, else an empty one."""
    # Not a cast: this is asked thousands of times a second.
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def sequence(value: Value) -> list[Value]:
    """The value if it is a list, else an empty one."""
    if not isinstance(value, list):
        return []
    # mypy knows what is in a list of anything; pyright wants to be told, and mypy finds a cast too many.
    return value  # pyright: ignore[reportUnknownVariableType]


def mappings(value: Value) -> list[dict[str, Value]]:
    """The maps in a list."""
    return [cast("dict[str, Value]", item) for item in sequence(value) if isinstance(item, dict)]


def text(value: Value) -> str:
    """The value if it is text, else none."""
    return value if isinstance(value, str) else ""


def count(value: Value) -> int:
    """The value if it is a number of tokens, else 0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and value is not True and 0 <= value <= _MOST else 0


def arguments(said: Value) -> Value:
    """What a tool is called with, from JSON in a text; text that is not JSON stays text."""
    if not isinstance(said, str):
        return said
    value = parse(said)
    return said if value is None and said.strip() != "null" else value


def arguments_text(value: Value) -> str:
    """What a tool is called with as text, from which `arguments` makes the value again."""
    if value is None:
        return "{}"
    if isinstance(value, str) and arguments(value) == value:
        return value
    return to_json(value).decode()


def pieces(whole: str) -> list[str]:
    """The text in pieces of about a word, as models stream it."""
    return _words(whole)
