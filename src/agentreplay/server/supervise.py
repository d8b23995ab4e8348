"""Keeps the indexing process running while the server does."""

import asyncio
import contextlib
import sys
from pathlib import Path

from agentreplay.server.figures import Figures

__all__ = ["Supervisor"]

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 10.0
_HEALTHY = 30.0
_PATIENCE = 10.0


class Supervisor:
    """Starts the process, and starts it again when it dies; less often when it dies at once."""

    def __init__(self, folder: Path, figures: Figures) -> None:
        self._folder = folder
        self._figures = figures
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process is there now."""
        return self._process is not None and self._process.returncode is None

    async def run(self) -> None:
        """Until cancelled; then the process has ended when this returns."""
        loop = asyncio.get_running_loop()
        pause = _FIRST_PAUSE
        try:
            while True:
                began = loop.time()
                with contextlib.suppress(OSError):
                    self._process = await self._start()
                    await self._process.wait()
                pause = _FIRST_PAUSE if loop.time() - began > _HEALTHY else min(2 * pause, _LONGEST_PAUSE)
                await asyncio.sleep(pause)
        except asyncio.CancelledError:
            await self._end()

    async def _start(self) -> asyncio.subprocess.Process:
        self._figures.add("agentreplay_indexer_starts_total")
        # -P: the folder the server was started in may hold modules with the names of those we need.
        command = (sys.executable, "-P", "-m", "agentreplay.server.indexing", str(self._folder))
        return await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()
