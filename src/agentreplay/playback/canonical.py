"""The form in which two requests are compared, so that only what matters makes them differ."""

import json
from collections.abc import Mapping
from typing import cast

from blake3 import blake3

from agentreplay.model.call import Answer, Request
from agentreplay.model.values import Value

__all__ = ["answer_digest", "canonical", "digest", "parse_json"]

_MEANT = frozenset({"range", "if-match", "if-none-match", "anthropic-version", "anthropic-beta", "openai-beta"})
"""The headers that change what is asked. Others tell who asks, through what and when."""


class _Unknown:
    """Stands for a body that nobody has parsed yet."""


_UNKNOWN = _Unknown()


def canonical(request: Request, body: Value = _UNKNOWN) -> Value:
    """The request as one value. Fields of the head that begin with an underscore are told and not compared.

    Whoever has parsed the body already gives what `parse_json` made of it.
    """
    head: dict[str, Value] = {}
    for name, item in request.head.items():
        if name == "headers":
            meant = {key: value for key, value in cast("Mapping[str, Value]", item).items() if key in _MEANT}
            if meant:
                head[name] = meant
        elif not name.startswith("_"):
            head[name] = item
    return {"seam": request.seam, "operation": request.operation, **head, "body": _body(request, body)}


def digest(request: Request, body: Value = _UNKNOWN) -> str:
    """The digest of the canonical form."""
    return blake3(_dump(canonical(request, body))).hexdigest(16)


def answer_digest(answer: Answer) -> str:
    """The digest of what the program saw of an answer: not of when it came."""
    raised = answer.raised
    seen = (answer.head, [raised.module, raised.name, raised.message] if raised else None, answer.complete)
    return blake3(_dump(seen) + b"\n" + answer.body).hexdigest(16)


def parse_json(data: bytes, media: str) -> Value:
    """The value of a JSON body; None when it is none."""
    if data and ("json" in media or not media) and data[:1] in b'{["tfn-0123456789 \n':
        try:
            return json.loads(data)
        except ValueError:
            return None
    return None


def _body(request: Request, value: Value) -> Value:
    if value is _UNKNOWN:
        value = parse_json(request.body, request.media)
    if value is not None:
        return value
    try:
        return request.body.decode()
    except UnicodeDecodeError:
        return {"$bytes": blake3(request.body).hexdigest()}


def _dump(value: Value) -> bytes:
    return _encode(value).encode("utf-8", "surrogatepass")


def _plain(value: object) -> Value:
    return {"$bytes": value.hex()} if isinstance(value, bytes) else repr(value)


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain).encode
