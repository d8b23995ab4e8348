"""What becomes of requests that the end of the server cuts off: who asked hears to ask again."""

import asyncio
import logging

from agentreplay.errors import ServerEnding
from agentreplay.server.asgi import App, Message, Receive, Scope, Send, fail
from agentreplay.server.reply import failure_of

__all__ = ["Ending", "without_cut_off"]


class Ending:
    """Answers a request that is cut off before an answer began; an ASGI application around another."""

    def __init__(self, inner: App) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on. An answer that was begun stays cut off: nothing that is said behind it would be understood."""
        is_begun = False

        async def watched(message: Message) -> None:
            nonlocal is_begun
            is_begun = True
            await send(message)

        try:
            await self._inner(scope, receive, watched)
        except asyncio.CancelledError:
            if is_begun or scope["type"] != "http":
                raise
            await fail(send, failure_of(ServerEnding()))


def without_cut_off(record: logging.LogRecord) -> bool:
    """A filter for the log of the server: that requests were cut off is one line already, and no failure of theirs."""
    return record.exc_info is None or not isinstance(record.exc_info[1], asyncio.CancelledError)
