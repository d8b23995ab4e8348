"""A WebSocket that we speak over. Nothing is expected of the other side but that it listens."""

from agentreplay.server.asgi import Receive, Send

__all__ = ["GOING_AWAY", "REFUSED", "Socket"]

GOING_AWAY = 1001
REFUSED = 1008


class Socket:
    """One connection."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send

    async def accept(self) -> None:
        """Take it; nothing can be said before."""
        await self._send({"type": "websocket.accept"})

    async def tell(self, text: str) -> None:
        """Say something. Raises OSError or RuntimeError where nobody is there any more."""
        await self._send({"type": "websocket.send", "text": text})

    async def close(self, code: int, why: str = "") -> None:
        """End it, or refuse it where it was not taken."""
        await self._send({"type": "websocket.close", "code": code, "reason": why})

    async def wait_until_gone(self) -> None:
        """Returns when the other side has gone away."""
        while (await self._receive())["type"] != "websocket.disconnect":
            pass
