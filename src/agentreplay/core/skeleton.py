"""What the policy `structure` keeps of messages and bodies: their shape, and no text.

A text becomes `[text:<length>]`, bytes become `[bytes:<length>]`. Keys, numbers, booleans, nulls, the order and the
nesting stay. So do the values of the fields named below, where they are single words: roles, types, ids, models,
tools. Nothing is kept below what a tool is given and returns, because there every field is data.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import cast

import msgspec

from agentreplay.errors import ValueInvalid
from agentreplay.model.values import Value

__all__ = ["KEPT_FIELDS", "TOOL_FIELDS", "skeleton", "skeleton_of_data", "skeleton_of_text"]

KEPT_FIELDS = frozenset(
    "role type object kind status model name tool tool_name toolName provider finish_reason finishReason stop_reason"
    " stopReason id call_id tool_call_id tool_use_id toolUseId response_id previous_response_id media_type mime_type"
    " mimeType service_tier event".split()
)
"""Fields whose value is kept, where it is one word."""
TOOL_FIELDS = frozenset(
    "arguments args input output result results response parameters_json metadata data params attributes".split()
)
"""Fields below which nothing is kept when they hold a mapping: what tools are given and return."""

_Clean = Callable[[str], str]
_DEEPEST = 500


def skeleton(value: Value, clean: _Clean) -> Value:
    """The structure of a value; `clean` takes secrets out of keys and of what is kept."""
    return _bare(value, clean, is_word=False, is_free=False, depth=0)


def skeleton_of_text(text: str) -> str:
    """What stands for a text."""
    return text if not text or _mark().fullmatch(text) else f"[text:{len(text)}]"


def skeleton_of_data(data: bytes, clean: _Clean, *, is_textual: bool) -> bytes:
    """The structure of a body in JSON, of a stream of JSON lines or of server-sent events; else only its length."""
    if not data or _mark().fullmatch(data[:40].decode("latin-1")):
        return data
    if not is_textual:
        return b"[bytes:%d]" % len(data)
    whole = _json(data, clean)
    if whole is not None:
        return whole
    return b"\n".join(_line(line, clean) for line in data.split(b"\n"))


def _line(line: bytes, clean: _Clean) -> bytes:
    field, colon, rest = line.partition(b":")
    if colon and field == b"data":
        inner = rest.strip()
        return b"data: " + (inner if inner == b"[DONE]" else _json(inner, clean) or _length(inner))
    if colon and field == b"event" and _word().fullmatch(rest.strip().decode("latin-1")):
        return line
    bare = line.strip()
    return line if not bare else _json(bare, clean) or _length(bare)


def _length(data: bytes) -> bytes:
    return skeleton_of_text(data.decode("utf-8", "replace")).encode()


def _json(data: bytes, clean: _Clean) -> bytes | None:
    try:
        return msgspec.json.encode(skeleton(msgspec.json.decode(data), clean))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _bare(value: Value, clean: _Clean, *, is_word: bool, is_free: bool, depth: int) -> Value:
    if depth > _DEEPEST:
        raise ValueInvalid(what="a value", problem=f"it is nested more than {_DEEPEST} levels deep")
    match value:
        case str():
            return clean(value) if is_word and _word().fullmatch(value) else skeleton_of_text(value)
        case bytes():
            return b"[bytes:%d]" % len(value) if not _mark().fullmatch(value[:40].decode("latin-1")) else value
        case list() | tuple():
            items = cast("list[Value]", value)
            return [_bare(item, clean, is_word=False, is_free=is_free, depth=depth + 1) for item in items]
        case Mapping():
            return {
                clean(key) if isinstance(key, str) else key: _bare(
                    item,
                    clean,
                    is_word=not is_free and key in KEPT_FIELDS,
                    is_free=is_free or (key in TOOL_FIELDS and isinstance(item, Mapping)),
                    depth=depth + 1,
                )
                for key, item in cast("dict[Value, Value]", value).items()
            }
        case _:
            return value


@cache
def _mark() -> re.Pattern[str]:
    return re.compile(r"\[(?:text|bytes):\d+\]")


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"[\w.:/@+-]{1,128}", re.ASCII)
