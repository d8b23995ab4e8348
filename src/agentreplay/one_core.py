"""Keeps linear algebra on the core of whoever asks for it.

The libraries under numpy start a thread for each core of the machine, and those that have nothing to do wait by turning
round and round. For products as small as ours that costs ten times what it saves, and takes the cores of a host's own
work. How many threads there are is told for a whole process: so it is told while somebody here works, and then what
the host had is told again.
"""

import contextlib
import threading
from collections.abc import Generator, Sequence
from functools import cache
from typing import Any, Protocol

from threadpoolctl import ThreadpoolController  # pyright: ignore[reportMissingTypeStubs]

__all__ = ["on_one_core"]


class _Library(Protocol):
    def get_num_threads(self) -> int: ...

    def set_num_threads(self, num_threads: int) -> object: ...


class _Workers:
    """How many are at work here, and what is told again when the last is done."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._working = 0
        self._before: list[tuple[_Library, int]] = []

    def begin(self) -> None:
        with self._lock:
            self._working += 1
            if self._working == 1:
                self._before = [(library, library.get_num_threads()) for library in _libraries()]
                self._tell([(library, 1) for library, _ in self._before])

    def end(self) -> None:
        with self._lock:
            self._working -= 1
            if not self._working:
                self._tell(self._before)

    def _tell(self, wanted: Sequence[tuple[_Library, int]]) -> None:
        for library, threads in wanted:
            if threads != library.get_num_threads():
                library.set_num_threads(threads)
                # The thread that told it last would be the only one to be heard from then on.
                getattr(library, "clear_controlling_thread", _nothing)()


_WORKERS = _Workers()


@contextlib.contextmanager
def on_one_core() -> Generator[None]:
    """What is computed meanwhile, in whichever thread, starts no others. May be nested."""
    _WORKERS.begin()
    try:
        yield
    finally:
        _WORKERS.end()


def _nothing() -> None:
    pass


@cache
def _libraries() -> Sequence[_Library]:
    """Those that were loaded when this was asked first: whoever asks has imported numpy."""
    controller: Any = ThreadpoolController()
    found: Sequence[_Library] = controller.select(user_api="blas").lib_controllers
    return found
