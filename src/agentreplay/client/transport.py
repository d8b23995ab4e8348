"""How requests are sent and answers awaited: on a socket, and on the streams of asyncio. Connections are used again."""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import AsyncGenerator, Generator
from threading import Lock
from typing import Any

from agentreplay.client.ask import Answer, Ask, checked
from agentreplay.client.wire import Address, Reader, request_bytes

__all__ = ["AsyncTransport", "Transport"]

_AT_ONCE = 1 << 16
_MOST_IDLE = 8
_TROUBLES = (OSError, EOFError)
"""What goes wrong with a connection; a time-out is one of them."""


class Transport:
    """Waits. Safe to share between threads."""

    def __init__(self, address: Address, timeout: float) -> None:
        self.address = address
        self._timeout = timeout
        self._tls = address.tls()
        self._idle: deque[socket.socket] = deque()
        self._lock = Lock()

    def perform(self, ask: Ask[Any]) -> Answer:
        """Send, and wait for the whole answer. Raises ServerMissing."""
        # A connection that was idle may have been closed meanwhile; then a new one is tried.
        idle = self._take() if ask.may_repeat else None
        try:
            if idle is not None:
                with contextlib.suppress(ConnectionError):
                    return self._exchange(idle, ask)
            return self._exchange(self._connect(), ask)
        except _TROUBLES as error:
            raise self.address.missing(error) from error

    def stream(self, ask: Ask[Any]) -> Generator[bytes]:
        """Send, and yield what of the body comes. Raises ServerMissing, and what the server says is wrong."""
        try:
            with self._connect() as connection:
                connection.sendall(request_bytes(self.address, ask))
                reader = Reader()
                while not reader.is_whole:
                    reader.feed(connection.recv(_AT_ONCE))
                    if reader.has_head and reader.status == 200:  # noqa: PLR2004  # the number of "here it is"
                        yield reader.take()
                checked(ask, reader.answer())
        except _TROUBLES as error:
            raise self.address.missing(error) from error

    def close(self) -> None:
        """Let go of the connections. Asking again opens another one."""
        while (connection := self._take()) is not None:
            connection.close()

    def _take(self) -> socket.socket | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _connect(self) -> socket.socket:
        address = self.address
        connection = socket.create_connection((address.host, address.port), self._timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection if self._tls is None else self._tls.wrap_socket(connection, server_hostname=address.host)

    def _exchange(self, connection: socket.socket, ask: Ask[Any]) -> Answer:
        reader = Reader()
        try:
            connection.sendall(request_bytes(self.address, ask))
            while not reader.is_whole:
                reader.feed(connection.recv(_AT_ONCE))
        finally:
            with self._lock:
                is_kept = reader.is_whole and reader.can_go_on and len(self._idle) < _MOST_IDLE
                if is_kept:
                    self._idle.append(connection)
            if not is_kept:
                connection.close()
        return reader.answer()


_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class AsyncTransport:
    """Awaits. Belongs to the event loop it is first used in."""

    def __init__(self, address: Address, timeout: float) -> None:
        self.address = address
        self._timeout = timeout
        self._tls = address.tls()
        self._idle: deque[_Streams] = deque()

    async def perform(self, ask: Ask[Any]) -> Answer:
        """Send, and await the whole answer. Raises ServerMissing."""
        idle = self._idle.pop() if self._idle and ask.may_repeat else None
        try:
            if idle is not None:
                with contextlib.suppress(ConnectionError):
                    async with asyncio.timeout(self._timeout):
                        return await self._exchange(idle, ask)
            async with asyncio.timeout(self._timeout):
                return await self._begin(ask)
        except _TROUBLES as error:
            raise self.address.missing(error) from error

    async def stream(self, ask: Ask[Any]) -> AsyncGenerator[bytes]:
        """Send, and yield what of the body comes. Raises ServerMissing, and what the server says is wrong."""
        try:
            async with asyncio.timeout(self._timeout):
                incoming, outgoing = await self._connect()
            with contextlib.closing(outgoing):
                outgoing.write(request_bytes(self.address, ask))
                reader = Reader()
                while not reader.is_whole:
                    async with asyncio.timeout(self._timeout):
                        reader.feed(await incoming.read(_AT_ONCE))
                    if reader.has_head and reader.status == 200:  # noqa: PLR2004  # the number of "here it is"
                        yield reader.take()
                checked(ask, reader.answer())
        except _TROUBLES as error:
            raise self.address.missing(error) from error

    async def close(self) -> None:
        """Let go of the connections. Asking again opens another one."""
        while self._idle:
            _, outgoing = self._idle.pop()
            outgoing.close()
            with contextlib.suppress(*_TROUBLES):
                await outgoing.wait_closed()

    async def _connect(self) -> _Streams:
        address = self.address
        return await asyncio.open_connection(address.host, address.port, ssl=self._tls)

    async def _begin(self, ask: Ask[Any]) -> Answer:
        return await self._exchange(await self._connect(), ask)

    async def _exchange(self, streams: _Streams, ask: Ask[Any]) -> Answer:
        incoming, outgoing = streams
        reader = Reader()
        try:
            outgoing.write(request_bytes(self.address, ask))
            await outgoing.drain()
            while not reader.is_whole:
                reader.feed(await incoming.read(_AT_ONCE))
        finally:
            if reader.is_whole and reader.can_go_on and len(self._idle) < _MOST_IDLE:
                self._idle.append(streams)
            else:
                outgoing.close()
        return reader.answer()
