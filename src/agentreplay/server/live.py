"""The live feed: what happens in the store, told to all who listen, a few times a second.

One task asks the store for all listeners, and only while there is one. A listener that has fallen behind, or goes on
from a position of its own, reads the store by itself, as fast as it can take what it reads; so nobody is skipped
anything, and nobody's slowness takes memory.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from agentreplay.core.plain import plain
from agentreplay.errors import AgentReplayError, ListenersTooMany
from agentreplay.model.change import Change
from agentreplay.model.ids import Position, ProjectId, SessionId, TenantId
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.model.span import SpanRow
from agentreplay.server.lag import LagWatch
from agentreplay.store.protocol import Store

__all__ = ["HEARTBEAT", "MOST_LISTENERS", "Event", "LiveFeed", "Wish"]

HEARTBEAT = 10.0
"""Seconds after which a listener is told that there is nothing to tell."""
MOST_LISTENERS = 256

_PERIOD = 0.1
_AT_ONCE = 500
_MOST_WAITING = 2_000
_encode = msgspec.json.Encoder().encode


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something a listener is told."""

    name: str
    """`session`, `span`, `deleted`, `job`, `vacuum`, `behind` or `heartbeat`."""
    data: bytes
    """JSON."""
    position: Position | None = None
    """From where to go on after it; None for what is not in the store."""
    session: SessionKey | None = None


@dataclass(frozen=True)
class Wish:
    """What a listener wants to hear of."""

    tenant: TenantId
    project: ProjectId | None = None
    session: SessionId | None = None

    def wants(self, session: SessionKey | None) -> bool:
        """Whether it wants to hear of this session; everybody hears what belongs to none."""
        if session is None:
            return True
        # A session without an id stands for its whole project, which was deleted.
        return (
            session.tenant == self.tenant
            and self.project in {None, session.project}
            and (self.session is None or session.session in {self.session, ""})
        )


@dataclass(eq=False)
class _Listener:
    wish: Wish
    queue: "asyncio.Queue[Event | None]" = field(default_factory=lambda: asyncio.Queue(_MOST_WAITING))
    is_reading: bool = True
    """It reads the store by itself, and is told only what is not in the store."""
    is_behind: bool = False
    """It did not take what it was told in time."""

    def tell(self, event: Event) -> None:
        """Never waits: who does not take what is told reads the store instead."""
        is_in_store = event.position is not None
        if not (is_in_store and (self.is_reading or self.is_behind)) and self.wish.wants(event.session):
            try:
                self.queue.put_nowait(event)
            except asyncio.QueueFull:
                self.is_behind = True

    def part(self) -> None:
        """Nothing more is told; what was told before is still there."""
        with contextlib.suppress(asyncio.QueueFull):
            self.queue.put_nowait(None)


class _Found(NamedTuple):
    events: list[Event]
    position: Position
    """All that happened up to here is in the events, as far as anybody wants it."""
    is_all: bool


class LiveFeed:
    """Tells listeners what happens. Belongs to one event loop."""

    def __init__(self, store: Store, lag: LagWatch, *, heartbeat: float = HEARTBEAT) -> None:
        self._store = store
        self._lag = lag
        self._heartbeat = heartbeat
        self._present: set[_Listener] = set()
        self._listeners: set[_Listener] = set()
        """Those of them who do not read the store by themselves just now."""
        self._position = Position(0)
        """All of the latter were told what happened up to here."""
        self._is_wanted = asyncio.Event()
        self._is_over = False
        # A thread of its own, so that long reads of others do not hold up what is live.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="agentreplay-live")

    async def run(self) -> None:
        """Ask the store while somebody listens, until cancelled."""
        try:
            while True:
                await self._is_wanted.wait()
                is_all = True
                with contextlib.suppress(AgentReplayError):  # it is busy, say; the next look comes soon
                    is_all = await self._look()
                if is_all:
                    await asyncio.sleep(_PERIOD)
        finally:
            self._thread.shutdown(wait=False)

    def publish(self, name: str, value: object, session: SessionKey | None = None) -> None:
        """Tell of something that is not in the store, to those who listen now."""
        event = Event(name=name, data=_encode(plain(value)), session=session)
        for listener in self._present:
            listener.tell(event)

    def close(self) -> None:
        """Let everybody go."""
        self._is_over = True
        for listener in self._present:
            listener.part()

    async def listen(self, wish: Wish, after: Position | None) -> AsyncGenerator[Event]:
        """Everything that happens behind a position, or from now on, in order and without end.

        The first thing told is a heartbeat. Raises ListenersTooMany.
        """
        if len(self._present) >= MOST_LISTENERS:
            raise ListenersTooMany(most=MOST_LISTENERS)
        listener = _Listener(wish)
        self._present.add(listener)
        try:
            position = await asyncio.to_thread(self._store.position) if after is None else after
            yield self._beat(position)
            while not self._is_over:
                found = await asyncio.to_thread(self._read, position, (wish,))
                for event in found.events:
                    yield event
                position = found.position
                if not found.is_all or position < self._position:
                    continue
                # Nothing is awaited between this and the question above, so nothing can be told in between.
                self._join(listener, position)
                try:
                    async for event in self._told(listener, position):
                        position = event.position or position
                        yield event
                finally:
                    self._listeners.discard(listener)
                    listener.is_reading = True
                if listener.is_behind:
                    listener.is_behind = False
                    yield Event(name="behind", data=_encode({"position": str(position)}), position=position)
        finally:
            self._present.discard(listener)

    def _join(self, listener: _Listener, position: Position) -> None:
        if not self._listeners:
            self._position = position
        listener.is_reading = False
        self._listeners.add(listener)
        self._is_wanted.set()

    async def _told(self, listener: _Listener, position: Position) -> AsyncGenerator[Event]:
        """What a listener is told, and heartbeats in between, until it has fallen behind or has to part."""
        while True:
            try:
                # Not `wait_for`: that of Python 3.11 goes on where it was told to end just as something came.
                async with asyncio.timeout(self._heartbeat):
                    event = await listener.queue.get()
            except TimeoutError:
                if listener.queue.empty():  # so it was told everything that all were told
                    position = max(position, self._position)
                yield self._beat(position)
                continue
            if event is None:
                return
            if event.position is None:
                yield event
            elif event.position > position:
                position = event.position
                yield event
            if listener.is_behind and listener.queue.empty():
                return

    async def _look(self) -> bool:
        """Ask the store once for all; returns whether there is nothing more."""
        if not self._listeners:
            self._is_wanted.clear()
            return True
        asked, after = frozenset(self._listeners), self._position
        wishes = frozenset(listener.wish for listener in asked)
        loop = asyncio.get_running_loop()
        if await loop.run_in_executor(self._thread, self._store.position) == after:
            return True
        found = await loop.run_in_executor(self._thread, self._read, after, tuple(wishes))
        if not self._listeners & asked:
            return True
        self._position = max(self._position, found.position)
        for listener in self._listeners:
            if listener in asked:
                for event in found.events:
                    listener.tell(event)
            else:
                # It joined while the store was read, and was not asked what it wants of this.
                listener.part()
        return found.is_all

    def _read(self, after: Position, wishes: Sequence[Wish]) -> _Found:
        """What happened behind a position, as far as anybody wants to hear of it. Runs in a thread."""
        changes = self._store.changes(after, _AT_ONCE)
        wanted = [change for change in changes.items if any(wish.wants(change.session) for wish in wishes)]
        events = list(_events(self._store, wanted))
        return _Found(events, changes.position, len(changes.items) < _AT_ONCE)

    def _beat(self, position: Position) -> Event:
        lag = {"bytes": self._lag.bytes, "seconds": round(self._lag.seconds, 3)}
        return Event(name="heartbeat", data=_encode({"position": str(position), "lag": lag}), position=position)


def _events(store: Store, changes: Iterable[Change]) -> Iterator[Event]:
    """The changes with the rows as they are now; what is gone meanwhile is left out, for its end is told too."""
    found = list(changes)
    rows = {row.key: row for row in store.spans.rows([change.span for change in found if change.span is not None])}
    for change in found:
        name = change.what if change.what in {"span", "session"} else "deleted"
        row: SpanRow | SessionRow | dict[str, str | None] | None
        if change.span is not None:
            row = rows.get(change.span)
        elif name == "session":
            row = store.sessions.get(change.session)
        else:
            row = {"project": change.session.project, "session": change.session.session or None}
        if row is not None:
            data = _encode(plain(row))
            yield Event(name=name, data=data, position=change.position, session=change.session)
