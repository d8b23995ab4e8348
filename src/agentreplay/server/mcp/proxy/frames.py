"""What passes between a client and a server, looked at without being changed: the parts of a message as they came."""

from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from agentreplay.server.mcp.messages import is_params

__all__ = ["Frame", "answer_line", "frames", "params_of", "request_line"]


class Frame(msgspec.Struct, frozen=True):
    """A message of JSON-RPC, its parts as bytes."""

    id: Raw | UnsetType = UNSET
    method: str | UnsetType = UNSET
    params: Raw | UnsetType = UNSET
    result: Raw | UnsetType = UNSET
    error: Raw | UnsetType = UNSET

    @property
    def name(self) -> bytes:
        """The id as it was written; nothing where there is none."""
        return b"" if self.id is UNSET else bytes(self.id)

    @property
    def asks(self) -> bool:
        """Whether somebody waits for an answer to it."""
        return self.method is not UNSET and self.id is not UNSET

    @property
    def answers(self) -> bool:
        """Whether it is an answer."""
        return self.method is UNSET and self.id is not UNSET


_decode = msgspec.json.Decoder(Frame | list[Frame]).decode


def frames(line: bytes) -> list[Frame]:
    """The messages on a line; none where it is something else, which passes all the same."""
    try:
        found: Frame | list[Frame] = _decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return []
    return found if isinstance(found, list) else [found]


def params_of(frame: Frame) -> dict[str, Any]:
    """The params as a value; empty where there are none, or nothing that has names."""
    if frame.params is UNSET:
        return {}
    try:
        found: object = msgspec.json.decode(frame.params)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return found if is_params(found) else {}


def answer_line(name: bytes, member: str, value: bytes) -> bytes:
    """An answer as a line: its `result` or its `error`, byte for byte."""
    return b'{"jsonrpc":"2.0","id":%b,"%b":%b}\n' % (name or b"null", member.encode(), value)


def request_line(method: str, params: Any, name: bytes = b"") -> bytes:
    """A request as a line, or a notification where it has no name."""
    told = b'"id":%b,' % name if name else b""
    given = b',"params":%b' % msgspec.json.encode(params) if params is not None else b""
    return b'{"jsonrpc":"2.0",%b"method":%b%b}\n' % (told, msgspec.json.encode(method), given)
