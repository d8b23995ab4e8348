"""Asks upstreams: connections are kept and used again, patience ends, redirects are nobody's business here."""

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import NamedTuple

from agentreplay.server.gateway.upstreams import Upstream
from agentreplay.server.gateway.wire import Broken, Headers, Wire

__all__ = ["ANSWER_SECONDS", "CONNECT_SECONDS", "IDLE_SECONDS", "Asking", "Client", "TooSlow"]

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 600.0
"""Until the head of an answer, and between two pieces of it: models think for minutes."""
IDLE_SECONDS = 60.0
"""So long a connection is kept for the next request."""
_MOST_IDLE = 64
"""Of one upstream; as many agents at once find an open connection."""
_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})


class TooSlow(Broken):
    """The upstream did not answer in time."""


class Asking(NamedTuple):
    """A request as it leaves."""

    method: str
    target: str
    """The path on that host, with its query."""
    headers: Headers
    body: bytes


class _Idle(NamedTuple):
    wire: Wire
    since: float


class Client:
    """Asks upstreams. Belongs to one event loop."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, int, bool], list[_Idle]] = {}

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """What the system trusts. Reading it takes a while, so it is read when it is needed first."""
        return ssl.create_default_context()

    @asynccontextmanager
    async def asked(self, upstream: Upstream, asking: Asking) -> AsyncGenerator[Wire]:
        """The connection on which the head of the answer has come. Raises Broken, TooSlow among them, and OSError.

        Left before the end of the answer, the connection is closed, and with it the upstream stops answering.
        """
        wire = await self._ask(upstream, asking)
        try:
            yield wire
        finally:
            if wire.may_be_used:
                self._keep(upstream, wire)
            else:
                wire.close()

    async def piece(self, wire: Wire) -> bytes:
        """The next piece of the answer, empty at its end. Raises Broken."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await wire.piece()
        except TimeoutError:
            raise TooSlow(f"nothing came for {ANSWER_SECONDS:.0f} s") from None

    def close(self) -> None:
        """Let go of all connections that are not in use."""
        for waiting in self._idle.values():
            for idle in waiting:
                idle.wire.close()
        self._idle.clear()

    async def _ask(self, upstream: Upstream, asking: Asking) -> Wire:
        used = self._take(upstream)
        if used is not None:
            try:
                return await self._exchange(used, asking)
            except Broken:
                # It was closed just when we used it. What may do something twice is for the agent to repeat.
                if asking.method not in _HARMLESS:
                    raise
        return await self._exchange(await self._connect(upstream), asking)

    async def _exchange(self, wire: Wire, asking: Asking) -> Wire:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await wire.send(*asking)
                await wire.head()
        except TimeoutError:
            wire.close()
            raise TooSlow(f"nothing came for {ANSWER_SECONDS:.0f} s") from None
        except BaseException:
            wire.close()
            raise
        return wire

    async def _connect(self, upstream: Upstream) -> Wire:
        loop = asyncio.get_running_loop()
        trust = self._trust if upstream.is_secure else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, wire = await loop.create_connection(Wire, upstream.host, upstream.port, ssl=trust)
        except TimeoutError:
            raise TooSlow(f"it could not be reached within {CONNECT_SECONDS:.0f} s") from None
        return wire

    def _take(self, upstream: Upstream) -> Wire | None:
        waiting = self._idle.get(_place(upstream), [])
        now = time.monotonic()
        while waiting:
            idle = waiting.pop()
            if idle.wire.may_be_used and now - idle.since < IDLE_SECONDS:
                return idle.wire
            idle.wire.close()
        return None

    def _keep(self, upstream: Upstream, wire: Wire) -> None:
        waiting = self._idle.setdefault(_place(upstream), [])
        waiting.append(_Idle(wire, time.monotonic()))
        # The oldest go first; they are also those that were closed meanwhile.
        while waiting and (len(waiting) > _MOST_IDLE or not waiting[0].wire.may_be_used):
            waiting.pop(0).wire.close()


def _place(upstream: Upstream) -> tuple[str, int, bool]:
    return upstream.host, upstream.port, upstream.is_secure
