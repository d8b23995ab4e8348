"""Writes what comes in to a journal, in a thread of its own: all that wait at a moment share one sync."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple

from agentreplay.errors import AgentReplayError, Unavailable
from agentreplay.store.journal.frame import REQUEST
from agentreplay.store.journal.writer import JournalWriter

__all__ = ["Keeper"]

_MOST = 256
_MOST_BYTES = 64 << 20
_IDLE = 2.0
"""After so many seconds without a request the journal is let go, so that the indexer can remove it."""


class _Waiting(NamedTuple):
    frames: Sequence[tuple[int, int, bytes]]
    size: int
    loop: asyncio.AbstractEventLoop
    done: "asyncio.Future[None]"


class Keeper:
    """Keeps requests and other frames; when `keep` returns they are as durable as the writer makes them."""

    def __init__(self, writer: JournalWriter, written: Callable[[int], None]) -> None:
        self._writer = writer
        self._written = written
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="agentreplay-keeper", daemon=True)
        self._thread.start()

    async def keep(self, payload: bytes, kind: int = REQUEST, version: int = 1) -> None:
        """Return when it is kept, in a frame of this kind. Raises what the writer raises; then it may be sent again."""
        await self.keep_frames([(kind, version, payload)])

    async def keep_frames(self, frames: Sequence[tuple[int, int, bytes]]) -> None:
        """As `keep`, for frames that stay in their order; when it raises, some may be kept."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._queue.put(_Waiting(frames, sum(len(payload) for _, _, payload in frames), loop, done))
        await done

    def close(self) -> None:
        """Keep what waits, and let go of the journal."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            group, is_open = self._group()
            if group:
                self._keep(group)
            elif is_open:
                # Requests lie in a journal as they came, before redaction: the less time, the better.
                self._writer.close()
                group, is_open = self._group(wait=None)
                self._keep(group)
        self._writer.close()

    def _group(self, wait: float | None = _IDLE) -> tuple[list[_Waiting], bool]:
        """What waits now, and whether there may be more; with nothing there, the first that comes in time."""
        group: list[_Waiting] = []
        size = 0
        try:
            one = self._queue.get(timeout=wait)
            while one is not None:
                group.append(one)
                size += one.size
                if len(group) >= _MOST or size >= _MOST_BYTES:
                    return group, True
                one = self._queue.get_nowait()
        except Empty:
            return group, True
        return group, False

    def _keep(self, group: list[_Waiting]) -> None:
        error: BaseException | None = None
        try:
            self._writer.append_frames([frame for one in group for frame in one.frames])
        except AgentReplayError as found:
            error = found
        except Exception as found:  # noqa: BLE001  # the thread must live on, and every sender get an answer
            error = Unavailable()
            error.__cause__ = found
        else:
            self._written(sum(one.size for one in group))
        for loop in {one.loop for one in group}:
            mine = [one.done for one in group if one.loop is loop]
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_tell, mine, error)


def _tell(waiting: "list[asyncio.Future[None]]", error: BaseException | None) -> None:
    for done in waiting:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
