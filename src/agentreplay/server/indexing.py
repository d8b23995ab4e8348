"""The process that indexes: `python -m agentreplay.server.indexing FOLDER`.

It drains the journals of the store again and again, and ends when its standard input does: that is when the server
that started it ends, however that happens.
"""

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import BinaryIO

from agentreplay.errors import AgentReplayError
from agentreplay.platform import giving_back, share_heaps
from agentreplay.store.registry import open_store

__all__ = ["index", "main"]

_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_PATIENCE = 8.0
"""Each time a drain begins, one half of indexing waits for the other. Each time it ends, another process may be the
indexer for once, as to delete something; and only then this one looks whether it is over."""


def index(folder: Path, is_over: Event, tell: Callable[[str], None]) -> None:
    """Drain until it is over. What goes wrong is told once and tried again, ever less often."""
    pause, told = _PAUSE, ""
    store, give_back = None, giving_back()
    while not is_over.is_set():
        try:
            if store is None:
                store = open_store(folder)
            began = time.monotonic()
            lag = store.drain(patience=_PATIENCE)
            pause, told = _PAUSE, ""
            give_back()
            if lag.bytes and time.monotonic() - began > _PAUSE:
                continue
        except AgentReplayError as error:
            if error.message != told:
                told = error.message
                tell(told)
            pause = min(2 * pause, _LONGEST_PAUSE)
        is_over.wait(pause)
    if store is not None:
        store.close()


def main(arguments: list[str], control: BinaryIO) -> None:
    """Index the store of a folder until nothing more can be read from `control`."""
    # Ctrl-C reaches all processes of a terminal; the server ends this one when it has ended itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    is_over = Event()
    share_heaps()

    def watch() -> None:
        while control.read(1):
            pass
        is_over.set()

    Thread(target=watch, daemon=True).start()
    index(Path(arguments[0]), is_over, _tell)


def _tell(text: str) -> None:
    """Say it on stderr, which is the server's own."""
    sys.stderr.write(f"indexer: {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdin.buffer)
