"""A connection that does not wait for ever: for the head of a request, for its body, for heads without end."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from agentreplay.errors import RequestMalformed
from agentreplay.server.reply import JSON, encoded, failure_of

__all__ = ["ABORT", "BODY_SECONDS", "HEAD_BYTES", "HEAD_SECONDS", "IDLE_SECONDS", "GuardedConnection"]

ABORT = "agentreplay.abort"
"""The extension of a scope that breaks the connection when it is called. ASGI itself has no way to say that an answer
that was begun will never be whole."""
HEAD_SECONDS = 10.0
"""From the first byte of a request, or from the beginning of a connection, until its head is there."""
IDLE_SECONDS = 15.0
"""Without a byte of a body that is not there yet."""
BODY_SECONDS = 300.0
"""For a whole body."""
HEAD_BYTES = 64 << 10
_PARTING_SECONDS = 1.0
"""For a sender to hear why it is over. What it says meanwhile is forgotten: left unread, it would break the connection,
and with it what was told."""

_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class GuardedConnection(HttpToolsProtocol):
    """The protocol of uvicorn, with an end to patience."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0
        self._in_head = True
        self._in_body = False
        self._head_size = 0
        self._is_over = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless it is too much of a head."""
        if self._is_over:
            return
        if self._in_head:
            self._head_size += len(data)
        elif self._in_body:
            self._wait(min(IDLE_SECONDS, self._deadline - self.loop.time()))
        super().data_received(data)
        if self._in_head and self._head_size > HEAD_BYTES:
            self._give_up(_TOO_LARGE)

    def send_400_response(self, msg: str) -> None:
        """Say that this is no HTTP, in the shape of all errors."""
        body = encoded(failure_of(RequestMalformed(problem=msg.rstrip(".").lower())))
        told = f"HTTP/1.1 400 Bad Request\r\ncontent-type: {JSON}\r\nconnection: close\r\ncontent-length: {len(body)}"
        self._give_up(told.encode() + b"\r\n\r\n" + body)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)["extensions"] = {ABORT: self.transport.close}
        self._in_head, self._head_size = True, 0
        self._wait(HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        """The head is there; a body may follow."""
        self._in_head, self._in_body = False, True
        self._deadline = self.loop.time() + BODY_SECONDS
        self._wait(IDLE_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is there; from now on it is we who are waited for."""
        self._in_body = False
        self._stop_waiting()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """From now on it is a conversation, in which nobody is late."""
        self._stop_waiting()
        super().handle_websocket_upgrade()

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(max(0.0, seconds), self._give_up, _TIMEOUT)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self, answer: bytes) -> None:
        self._stop_waiting()
        if self._is_over or self.transport.is_closing():
            return
        self._is_over = True
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(answer)
            if self.transport.can_write_eof():
                self.transport.write_eof()
                self._timer = self.loop.call_later(_PARTING_SECONDS, self.transport.close)
                return
        # What runs for this request learns of it as of a sender that went away.
        self.transport.close()
