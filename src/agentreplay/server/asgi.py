"""The little of ASGI that is spoken without a framework: where every microsecond counts, or before one is reached."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from agentreplay.errors import BodyTooLarge, RequestMalformed
from agentreplay.server.reply import JSON, Failure, encoded

__all__ = ["App", "Message", "Receive", "Scope", "Send", "answer", "fail", "headers_of", "read_body"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def headers_of(scope: Scope) -> dict[str, str]:
    """The headers by their names in small letters; of one that comes twice the last counts."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def read_body(receive: Receive, headers: Mapping[str, str], limit: int) -> bytes:
    """The whole body. Raises BodyTooLarge as soon as it is, and RequestMalformed when the sender goes away."""
    told = headers.get("content-length", "")
    if told.isdecimal() and int(told) > limit:
        raise BodyTooLarge(limit=limit)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestMalformed(problem="the sender went away before its end")
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise BodyTooLarge(limit=limit)
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


async def answer(
    send: Send, status: int, body: bytes, media: str = JSON, headers: Mapping[str, str] | None = None
) -> None:
    """Send a whole answer."""
    told = {"content-type": media, "content-length": str(len(body)), **(headers or {})}
    lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})


async def fail(send: Send, failure: Failure) -> None:
    """Send an error."""
    await answer(send, failure.status, encoded(failure), headers=failure.headers)
