"""The messages of JSON-RPC: read from bytes that may be anything, and written."""

from typing import Any, NamedTuple, TypeGuard, cast

import msgspec

__all__ = [
    "INTERNAL_ERROR",
    "INVALID_PARAMS",
    "INVALID_REQUEST",
    "METHOD_NOT_FOUND",
    "PARSE_ERROR",
    "Message",
    "Params",
    "Refused",
    "failed",
    "is_params",
    "read_messages",
    "succeeded",
    "written",
]

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32700, -32600, -32601, -32602, -32603

_MOST_AT_ONCE = 100
"""Messages of one batch."""

Params = dict[str, Any]


class Refused(Exception):
    """A message that is answered with an error of the protocol."""

    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class Message(NamedTuple):
    """A request, or a notification where nobody waits for an answer."""

    method: str
    params: Params
    id: str | int | None = None
    """Of a notification None."""


def read_messages(data: bytes) -> list[Message | Refused]:
    """The messages in these bytes in order; several where they are a batch, as protocol 2025-03-26 has it.

    Answers to requests that were never made are left out. Raises Refused when nothing can be made of the bytes.
    """
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Refused(PARSE_ERROR, f"this is no JSON: {error}") from error
    if not isinstance(value, list):
        found = _read(value)
        return [] if found is None else [found]
    values = cast("list[object]", value)
    if not values or len(values) > _MOST_AT_ONCE:
        raise Refused(INVALID_REQUEST, f"a batch holds 1 to {_MOST_AT_ONCE} messages, this one {len(values)}")
    return [found for one in values if (found := _read(one)) is not None]


def succeeded(message: Message, result: Params) -> Params:
    """The answer to a request."""
    return {"jsonrpc": "2.0", "id": message.id, "result": result}


def failed(name: str | int | None, refused: Refused) -> Params:
    """The answer to what was refused; without a name where it could not be read."""
    error: Params = {"code": refused.code, "message": refused.message}
    if refused.data is not None:
        error["data"] = refused.data
    return {"jsonrpc": "2.0", "id": name, "error": error}


def written(answer: Params | list[Params]) -> bytes:
    """The bytes of an answer, on one line."""
    return msgspec.json.encode(answer)


def is_params(value: object) -> TypeGuard[Params]:
    """Whether the value is an object, whose keys are text in all JSON."""
    return isinstance(value, dict)


def _read(value: object) -> Message | Refused | None:
    if not is_params(value):
        return Refused(INVALID_REQUEST, "a message is an object")
    method, name, params = value.get("method"), value.get("id"), value.get("params")
    if "method" not in value and ("result" in value or "error" in value):
        return None
    if value.get("jsonrpc") != "2.0" or not isinstance(method, str):
        return Refused(INVALID_REQUEST, 'a message has "jsonrpc": "2.0" and the name of a method')
    if "id" in value and (not isinstance(name, str | int) or isinstance(name, bool)):
        return Refused(INVALID_REQUEST, "the id of a request is a text or a whole number")
    if params is not None and not is_params(params):
        return Refused(INVALID_PARAMS, "the params of a message are an object")
    return Message(method, params or {}, name)
