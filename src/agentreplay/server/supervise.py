"""Keeps the processes running that work for the server, while it does."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Callable, Sequence

__all__ = ["Supervisor"]

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 10.0
_HEALTHY = 30.0
_PATIENCE = 10.0


class Supervisor:
    """Starts the process, and starts it again when it dies; less often when it dies at once."""

    def __init__(self, work: str, arguments: Sequence[str], started: Callable[[], None]) -> None:
        self._work = work
        """The module of the server that is run, which ends when its standard input does."""
        self._arguments = arguments
        self._started = started
        """Called each time it is started."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process is there now."""
        return self._process is not None and self._process.poll() is None

    async def run(self) -> None:
        """Until cancelled; then the process has ended when this returns."""
        loop = asyncio.get_running_loop()
        pause = _FIRST_PAUSE
        try:
            while True:
                began = loop.time()
                with contextlib.suppress(OSError):
                    self._process = self._start()
                    await asyncio.to_thread(self._process.wait)
                pause = _FIRST_PAUSE if loop.time() - began > _HEALTHY else min(2 * pause, _LONGEST_PAUSE)
                await asyncio.sleep(pause)
        except asyncio.CancelledError:
            await self._end()

    def _start(self) -> "subprocess.Popen[bytes]":
        self._started()
        # -P: the folder the server was started in may hold modules with the names of those we need.
        command = [sys.executable, "-P", "-m", f"agentreplay.server.{self._work}", *self._arguments]
        # Not by the event loop: uvloop forks in a way that wakes up the handlers of gRPC, which complain.
        return subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603  # ours

    async def _end(self) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.to_thread(process.wait, _PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)
