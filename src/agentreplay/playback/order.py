"""The order in which things came back to the program, enforced when they are served again.

Everything that comes back has a turn. Whoever asks for something whose turn has not come waits, until what
came back before it has been taken. A program that no longer asks for that would wait for ever, so patience ends.
"""

import time
from collections.abc import Iterable
from threading import Condition, get_ident
from typing import TYPE_CHECKING

from agentreplay.playback.stillness import Stillness

if TYPE_CHECKING:
    import asyncio

__all__ = ["Order"]

_PATIENCE = 5.0
"""Seconds of stillness after which what is missing is not waited for any longer."""

_IMPATIENCE = 0.05
_GRACE = 0.002
"""Seconds a thread gets to act on what came back before the next thread is let go."""


class Order:
    """Lets turns be taken in order. Safe for threads and for tasks of any event loops."""

    def __init__(self, turns: Iterable[int], patience: float | None = None) -> None:
        self._turns = sorted(set(turns))
        self._next = 0
        self._taken: set[int] = set()
        self._waiting: set[int] = set()
        self._sleeping: dict[int, tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = {}
        self._patience = _PATIENCE if patience is None else patience
        self._stillness = Stillness()
        self._busy: tuple[int, float] = (0, 0.0)
        self._changed = Condition()
        self.skipped = 0
        """How many turns were not waited for."""

    def take(self, turn: int) -> None:
        """Return when it is this turn, from a thread."""
        with self._changed:
            self._arrive(turn)
            while not self._may_go(turn):
                self._changed.wait(_GRACE if self._is_next(turn) else _IMPATIENCE)
                self._lose_patience(turn)
            self._go(turn)

    async def take_async(self, turn: int) -> None:
        """Return when it is this turn, from a task."""
        import asyncio  # start-up

        while True:
            with self._changed:
                self._arrive(turn)
                if self._is_next(turn):
                    self._go(turn)
                    return
                loop = asyncio.get_running_loop()
                future: asyncio.Future[None] = loop.create_future()
                self._sleeping[turn] = (loop, future)
            timer = loop.call_later(_IMPATIENCE, _wake, future)
            try:
                await future
            finally:
                timer.cancel()
                with self._changed:
                    self._sleeping.pop(turn, None)
            with self._changed:
                self._lose_patience(turn)

    def forget(self, turns: Iterable[int]) -> None:
        """These will not be taken: nobody waits for them."""
        with self._changed:
            gone = set(turns)
            self._taken |= gone
            self._waiting -= gone
            self._advance()

    def _arrive(self, turn: int) -> None:
        if turn not in self._waiting:
            self._waiting.add(turn)
            self._stillness.end()
            if self._busy[0] == get_ident():
                self._busy = (0, 0.0)
                self._changed.notify_all()

    def _is_next(self, turn: int) -> bool:
        return self._next >= len(self._turns) or turn <= self._turns[self._next]

    def _may_go(self, turn: int) -> bool:
        if not self._is_next(turn):
            return False
        holder, since = self._busy
        return holder in {0, get_ident()} or time.monotonic() - since >= _GRACE

    def _go(self, turn: int) -> None:
        self._waiting.discard(turn)
        self._taken.add(turn)
        self._stillness.end()
        self._busy = (get_ident(), time.monotonic())
        self._advance()

    def _advance(self) -> None:
        while self._next < len(self._turns) and self._turns[self._next] in self._taken:
            self._next += 1
        if self._next < len(self._turns):
            sleeper = self._sleeping.get(self._turns[self._next])
            if sleeper is not None:
                sleeper[0].call_soon_threadsafe(_wake, sleeper[1])
        self._changed.notify_all()

    def _lose_patience(self, turn: int) -> None:
        """Skip what nobody asks for, when nothing has moved for long and this is the first of those waiting."""
        if self._stillness.look() < self._patience or turn != min(self._waiting, default=turn):
            return
        missed = [other for other in self._turns[self._next :] if other < turn and other not in self._taken]
        self.skipped += len(missed)
        self._taken.update(missed)
        # What was missing once is mostly missing for good: the next gap is not worth as much waiting.
        self._patience = _IMPATIENCE
        self._advance()


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
