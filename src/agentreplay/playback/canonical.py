"""The form in which two requests are compared, so that only what matters makes them differ.

JSON is compared by its meaning: neither spaces nor the order of fields count; of a form the parts count, and not what
is put between them. Everything else counts byte by byte.
"""

import json
import re
from collections.abc import Iterable
from functools import cache

from blake3 import blake3

from agentreplay.contents.forms import read_form
from agentreplay.model.call import Answer, Request
from agentreplay.model.values import Value, is_list, is_map

__all__ = ["UNPARSED", "answer_digest", "canonical", "digest", "dump", "parse_json"]

_MEANT = frozenset({"range", "if-match", "if-none-match", "anthropic-version", "anthropic-beta", "openai-beta"})
"""The headers that change what is asked. Others tell who asks, through what and when."""

_OURS = frozenset({"seam", "operation", "body", "form", "text", "bytes"})
_BEGINNINGS = frozenset(b'{["tfn-0123456789NI \t\r\n')
_RULE = rb"\[redacted:[a-z0-9-]{1,32}:(?=[0-9a-f]{6}\])"
_DEEPEST = 200
"""Levels of JSON that are taken apart. What is nested deeper is no message, and would end in a RecursionError."""


class _Unparsed:
    pass


UNPARSED = _Unparsed()
"""Stands for a body that nobody has parsed yet."""


@cache
def _rule() -> re.Pattern[bytes]:
    return re.compile(_RULE)


def canonical(request: Request, body: Value = UNPARSED) -> dict[str, Value]:
    """The request as one value. Fields of the head that begin with an underscore are told and not compared.

    Whoever has parsed the body already gives what `parse_json` made of it.
    """
    fields: dict[str, Value] = {"seam": request.seam, "operation": request.operation}
    for name, item in request.head.items():
        if name == "headers":
            if meant := _meant(item):
                fields[name] = meant
        elif not name.startswith("_"):
            fields[f"head.{name}" if name in _OURS else name] = item
    return fields | _body(request, body)


def digest(request: Request, body: Value = UNPARSED) -> str:
    """The digest of the canonical form. It does not matter which rule took a secret out: what stands around it in an
    answer that is served may announce it, where the program that passes it on writes it bare.
    """
    whole = dump(canonical(request, body))
    if b"[redacted:" in whole:
        whole = _rule().sub(b"[redacted:", whole)
    return blake3(whole).hexdigest(16)


def answer_digest(answer: Answer) -> str:
    """The digest of what the program saw of an answer: not of when it came, or of how long it took."""
    raised = answer.raised
    head = {name: item for name, item in answer.head.items() if not name.startswith("_")}
    seen = (head, [raised.module, raised.name, raised.message] if raised else None, answer.complete)
    return blake3(dump(seen) + b"\n" + answer.body).hexdigest(16)


def parse_json(data: bytes, media: str) -> Value:
    """The value of a JSON body; None when it is none, is `null`, or is nested too deep."""
    if not data or data[0] not in _BEGINNINGS or (media and "json" not in media):
        return None
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    may_be_deep = data.count(b"[") + data.count(b"{") > _DEEPEST
    return None if may_be_deep and _is_deep(value) else value


def dump(value: Value) -> bytes:
    """Equal bytes for equal values, whatever the order of their fields."""
    return _encode(value).encode()


def _body(request: Request, value: Value) -> dict[str, Value]:
    """The body under a name that says what it is: a text is never taken for the JSON that means it."""
    if value is UNPARSED:
        value = parse_json(request.body, request.media)
    if value is not None:
        return {"body": value}
    if (form := read_form(request.body, request.media)) is not None:
        return {"form": [[part.head, blake3(part.data).hexdigest()] for part in form.parts]}
    try:
        return {"text": request.body.decode()} if request.body else {}
    except UnicodeDecodeError:
        return {"bytes": blake3(request.body).hexdigest()}


def _meant(headers: Value) -> dict[str, Value]:
    """The headers that count, from a mapping or from pairs; of several by one name all count."""
    pairs: Iterable[tuple[str, Value]] = headers.items() if is_map(headers) else headers
    found: dict[str, Value] = {}
    for name, value in pairs:
        key = name.lower()
        if key in _MEANT:
            found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def _is_deep(value: Value) -> bool:
    layer: list[Value] = [value]
    for _ in range(_DEEPEST):
        layer = [item for outer in layer for item in _inside(outer)]
        if not layer:
            return False
    return True


def _inside(value: Value) -> Iterable[Value]:
    return value.values() if is_map(value) else value if is_list(value) else ()


def _plain(value: object) -> Value:
    return {"$bytes": value.hex()} if isinstance(value, bytes) else repr(value)


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain).encode
