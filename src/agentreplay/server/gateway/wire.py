"""One connection to an upstream, as HTTP/1.1: a request goes out whole, an answer comes in piece by piece."""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import cast

import httptools

__all__ = ["Broken", "Headers", "Wire", "joined"]

Headers = list[tuple[bytes, bytes]]
"""Names in small letters."""

_MOST_WAITING = 256 << 10
_MOST_HEAD = 256 << 10
_SWITCHING, _FIRST_FINAL = 101, 200


class Broken(Exception):
    """The connection broke, or what came is no answer."""


class Wire(asyncio.Protocol):
    """Carries one request at a time. Reading stops while more waits than is taken away."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._is_paused = False
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._changed: asyncio.Future[None] | None = None
        self._error: Broken | None = None
        self._has_head = False
        self._is_over = False
        self._is_silent = True
        self._head_size = 0
        self._is_bodyless = False
        self.status = 0
        self.headers: Headers = []
        self.reason = b""

    @property
    def version(self) -> str:
        """The version of HTTP it was given in."""
        return f"HTTP/{self._parser.get_http_version()}"

    @property
    def may_be_used(self) -> bool:
        """Whether another request may go out: the answer came to its end, and both sides want to go on."""
        transport = self._transport
        is_open = transport is not None and not transport.is_closing()
        return is_open and self._is_over and self._error is None and not self._waiting

    async def send(self, method: str, target: str, headers: Headers, body: bytes) -> None:
        """Send a request. Raises Broken."""
        self._begin()
        self._is_bodyless = method == "HEAD"
        lines = [f"{method} {target} HTTP/1.1\r\n".encode("latin-1")]
        lines += [b"%b: %b\r\n" % pair for pair in headers]
        transport = self._transport
        if transport is None or transport.is_closing():
            raise Broken("the connection was closed")
        transport.write(b"".join([*lines, b"\r\n", body]))
        await self._may_write.wait()

    async def head(self) -> None:
        """Return when the head of the answer has come. Raises Broken."""
        while not self._has_head:
            await self._wait()

    async def piece(self) -> bytes:
        """The next piece of the body, all that has come since the last; nothing at its end. Raises Broken."""
        while not self._waiting and not self._is_over:
            await self._wait()
        if not self._waiting:
            return b""
        piece = self._waiting[0] if len(self._waiting) == 1 else b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        if self._is_paused and self._transport is not None:
            self._is_paused = False
            self._transport.resume_reading()
        return piece

    @property
    def is_at_end(self) -> bool:
        """Whether the end of the answer has come, and nothing of it waits."""
        return self._is_over and not self._waiting

    def close(self) -> None:
        """Break off."""
        if self._transport is not None:
            self._transport.abort()

    async def _wait(self) -> None:
        if self._error is not None:
            raise self._error
        self._changed = self._loop.create_future()
        try:
            await self._changed
        finally:
            self._changed = None

    def _tell(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)

    def _break(self, why: str) -> None:
        if self._error is None and not self._is_over:
            self._error = Broken(why)
        self._tell()

    # What the transport tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Something came."""
        if self._is_over or self._error is not None:
            self.close()  # nobody asked for it
            return
        self._is_silent = False
        if not self._has_head:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._break(f"what it answered is no HTTP/1.1: {error}")
            self.close()
        if not self._has_head and self._head_size > _MOST_HEAD:
            self._break("the head of its answer has no end")
            self.close()
        self._tell()

    def eof_received(self) -> bool:
        """The other side has said all; a body without a length ends so."""
        self._end_of_data()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        if exc is None:
            self._end_of_data()
        self._may_write.set()
        self._break(f"the connection broke: {exc}" if exc else "the connection was closed before the end of its answer")
        self._transport = None

    def _end_of_data(self) -> None:
        fields = {name for name, _ in self.headers}
        if self._has_head and not self._is_over and not fields & {b"content-length", b"transfer-encoding"}:
            self._is_over = True
            self._tell()
            self.close()

    def pause_writing(self) -> None:
        """The other side takes no more for now."""
        self._may_write.clear()

    def resume_writing(self) -> None:
        """It does again."""
        self._may_write.set()

    # What the parser tells.

    def on_message_begin(self) -> None:
        """An answer begins; behind the one that was asked for none may."""
        if self._is_over:
            raise Broken("it answers what nobody asked")

    def on_status(self, status: bytes) -> None:
        """The words beside the status."""
        self.reason += status

    def on_header(self, name: bytes, value: bytes) -> None:
        """One line of the head."""
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is there. What only announces one is passed over."""
        self.status = self._parser.get_status_code()
        if self.status == _SWITCHING:
            raise Broken("it wants to speak another protocol")
        if self.status < _FIRST_FINAL:
            self.headers, self.reason = [], b""
            return
        self._has_head = True
        # The parser does not know that this was asked for without a body, and would wait for one.
        self._is_over = self._is_bodyless

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._waiting.append(body)
        self._size += len(body)
        if self._size > _MOST_WAITING and not self._is_paused and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """The answer is whole."""
        if not self._has_head:
            return  # it only announced one
        self._is_over = True
        if not self._parser.should_keep_alive():
            self.close()


def joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers as text by their names; of several by one name all, as HTTP joins them."""
    told: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        told[key] = f"{told[key]}, {text}" if key in told else text
    return told
