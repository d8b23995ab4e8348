"""How far a program is that runs from its tape: its processes count their calls, and somebody watches."""

import os
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

from agentreplay.playback.tape import Tape

__all__ = ["Counter", "Told", "watched"]

Told = Callable[[int, int], None]
"""Called with the calls that were made and those that are on the tape."""

_SUFFIX = ".calls"
_EVERY = 0.1


class Counter:
    """The calls of one process, in a file for somebody who watches."""

    def __init__(self, path: Path) -> None:
        self._count = 0
        self._descriptor: int | None = None
        with suppress(OSError):
            self._descriptor = os.open(path.with_name(path.name + _SUFFIX), os.O_CREAT | os.O_WRONLY, 0o600)

    def count(self) -> None:
        """One more. The program never suffers."""
        self._count += 1
        if self._descriptor is not None:
            with suppress(OSError):
                os.pwrite(self._descriptor, b"%d" % self._count, 0)


@contextmanager
def watched(folder: Path, tape: Tape, tell: Told | None) -> Generator[None]:
    """While the context lasts, tell how many calls the processes that report to the folder have made.

    It is told whenever that has changed, and at the end in any case.
    """
    if tell is None:
        yield
        return
    total = sum(1 for call in tape.calls if not call.inner and call.answer is not None)
    is_over = Event()
    thread = threading.Thread(target=_watch, args=(folder, total, tell, is_over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _watch(folder: Path, total: int, tell: Told, is_over: Event) -> None:
    told = -1
    while True:
        is_last = is_over.is_set()
        made = sum(map(_made, folder.glob(f"*{_SUFFIX}")))
        if made != told or is_last:
            tell(made, total)
            told = made
        if is_last:
            return
        is_over.wait(_EVERY)


def _made(path: Path) -> int:
    try:
        return int(path.read_bytes() or b"0")
    except (OSError, ValueError):  # it is being written
        return 0
