"""Servers of others that choose their port themselves, so that nobody else can have taken it meanwhile."""

import re
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.server.running import waited_for

__all__ = ["listening"]

_TOLD = re.compile(r"running on (http://\S+)")
"""How uvicorn tells where it listens."""


@contextmanager
def listening(command: Sequence[str], folder: Path) -> Generator[str]:
    """Run a server that stands on uvicorn and was given port 0; yields the address that it tells."""
    log = folder / "server.log"
    with log.open("wb") as written, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=written) as server:
        try:
            waited_for(lambda: server.poll() is not None or bool(_TOLD.search(log.read_text())), 60)
            told = _TOLD.search(log.read_text())
            assert told is not None, log.read_text()
            yield told[1]
        finally:
            server.kill()
