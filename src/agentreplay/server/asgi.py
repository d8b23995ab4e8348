"""The little of ASGI that is spoken here: what is asked is read, and answers are sent, whole or piece by piece."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from agentreplay.errors import BodyTooLarge, RequestMalformed
from agentreplay.server.reply import JSON, Failure, encoded

__all__ = [
    "App",
    "Gone",
    "Message",
    "Receive",
    "Scope",
    "Send",
    "answer",
    "answer_in_pieces",
    "fail",
    "headers_of",
    "read_body",
    "staying",
]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_BODYLESS = frozenset({204, 304})
"""A length told beside them is that of something else."""


class Gone(Exception):
    """Who asked went away."""


@contextlib.asynccontextmanager
async def staying(receive: Receive) -> AsyncGenerator["asyncio.Task[None]"]:
    """What happens in here is cancelled, with Gone, when who asked goes away. Cancel the task where it may go."""
    task = asyncio.current_task()
    is_gone = False

    async def watch() -> None:
        nonlocal is_gone
        while (await receive())["type"] != "http.disconnect":
            pass
        is_gone = True
        if task is not None:
            task.cancel()

    watching = asyncio.get_running_loop().create_task(watch())
    try:
        yield watching
    except asyncio.CancelledError:
        if not is_gone or task is None or task.uncancel():
            raise
        raise Gone from None
    finally:
        watching.cancel()


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
    length = {} if status in _BODYLESS else {"content-length": str(len(body))}
    told = _lines({"content-type": media, **length, **(headers or {})})
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})


async def answer_in_pieces(
    receive: Receive, send: Send, pieces: AsyncGenerator[bytes], media: str, headers: Mapping[str, str]
) -> None:
    """Send an answer as it comes, to its end or until who asked goes away."""
    told = _lines({"content-type": media, **headers})
    await send({"type": "http.response.start", "status": 200, "headers": told})
    async with contextlib.aclosing(pieces):
        with contextlib.suppress(Gone):
            async with staying(receive) as watching:
                async for piece in pieces:
                    if watching.done():
                        break  # whatever made the piece has missed that it was told to end
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                watching.cancel()
                await send({"type": "http.response.body", "body": b""})


async def fail(send: Send, failure: Failure) -> None:
    """Send an error."""
    await answer(send, failure.status, encoded(failure), headers=failure.headers)


def _lines(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
