"""An answer that comes before the whole request did, and is read all the same.

A sender that writes its whole body before it reads would otherwise find the connection broken, and never learn why it
was refused. So what is still on its way is read and forgotten before an answer ends; not for ever, and not without end.
"""

import asyncio
import contextlib

from agentreplay.server.asgi import App, Message, Receive, Scope, Send

__all__ = ["LINGER_BYTES", "LINGER_SECONDS", "Lingering"]

LINGER_BYTES = 256 << 20
LINGER_SECONDS = 5.0


class Lingering:
    """Reads what a request still has to say before its answer ends; an ASGI application around another."""

    def __init__(self, inner: App) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and watch the body if there is one."""
        names = {name for name, _ in scope["headers"]} if scope["type"] == "http" else set[bytes]()
        if names.isdisjoint(_SAY_A_BODY):
            await self._inner(scope, receive, send)
            return
        # Who asks before sending, sends nothing until the application wants it.
        exchange = _Exchange(receive, send, is_on_its_way=b"expect" not in names)
        await self._inner(scope, exchange.receive, exchange.send)


class _Exchange:
    """One request and its answer."""

    def __init__(self, receive: Receive, send: Send, *, is_on_its_way: bool) -> None:
        self._receive = receive
        self._send = send
        self._is_on_its_way = is_on_its_way

    async def receive(self) -> Message:
        message = await self._receive()
        self._is_on_its_way = message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if self._is_on_its_way and message["type"] == "http.response.body" and not message.get("more_body", False):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LINGER_SECONDS):
                    await self._forget_the_rest()
        await self._send(message)

    async def _forget_the_rest(self) -> None:
        forgotten = 0
        while self._is_on_its_way and forgotten < LINGER_BYTES:
            forgotten += len((await self.receive()).get("body", b""))


_SAY_A_BODY = frozenset({b"content-length", b"transfer-encoding"})
