"""Watches how far the index is behind, in bytes and in seconds."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable

from agentreplay.errors import AgentReplayError
from agentreplay.model.receipt import Lag
from agentreplay.server.figures import Figures

__all__ = ["LagWatch"]

_EVERY = 0.25


class LagWatch:
    """Asks the store again and again, in a thread.

    The seconds are those since the last moment at which no more had been written than is indexed now; so they are
    never less than what the oldest of it has waited, but for the time between two looks.
    """

    def __init__(self, ask: Callable[[], Lag], figures: Figures, clock: Callable[[], float]) -> None:
        self._ask = ask
        self._figures = figures
        self._clock = clock
        self._written = 0
        self._marks: deque[tuple[float, int]] = deque([(clock(), 0)])
        self.seconds = 0.0
        self.bytes = 0
        self.problem = ""
        """Why the store could not be asked the last time."""

    def count(self, size: int) -> None:
        """So many bytes were written to a journal just now."""
        self._written += size

    def look(self) -> None:
        """Ask once."""
        now, written = self._clock(), self._written
        try:
            lag = self._ask()
        except AgentReplayError as error:
            self.problem = error.message
            self.seconds = now - self._marks[0][0]
        else:
            self.problem = ""
            self.bytes = lag.bytes
            self._figures.put("agentreplay_journals_damaged", len(lag.damaged))
            self._marks.append((now, written))
            while len(self._marks) > 1 and (self._marks[1][1] <= written - lag.bytes or not lag.bytes):
                self._marks.popleft()
            self.seconds = max(0.0, now - self._marks[0][0]) if lag.bytes else 0.0
        self._figures.put("agentreplay_lag_bytes", self.bytes)
        self._figures.put("agentreplay_lag_seconds", round(self.seconds, 3))

    async def run(self) -> None:
        """Go on asking until cancelled."""
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.to_thread(self.look)
                await asyncio.sleep(_EVERY)
