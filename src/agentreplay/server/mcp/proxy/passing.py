"""Passes lines between a client and a server that is started for it, both over standard input and output."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Thread
from typing import BinaryIO

from agentreplay.errors import ProgramMissing

__all__ = ["Outlet", "Started", "lines_of", "pass_on"]

_PIECE = 1 << 16
_EVERY = 0.1
_GRACE = 2.0
"""Seconds a server has to end by itself once nobody speaks to it, and as many more once it was told to."""


class Outlet:
    """Where lines go. Safe between threads; what nobody reads any more is dropped."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._lock = threading.Lock()
        self.is_closed = threading.Event()

    def tell(self, line: bytes) -> None:
        """Pass it on as it is."""
        try:
            with self._lock:
                self._sink.write(line)
                self._sink.flush()
        except (OSError, ValueError):
            self.is_closed.set()


def lines_of(descriptor: int) -> Iterator[bytes]:
    """The lines that come, each as soon as it is whole. Not through a buffer of Python's: whoever reads when the
    process ends would hold its lock.
    """
    waiting: list[bytes] = []
    while piece := os.read(descriptor, _PIECE):
        *whole, rest = piece.split(b"\n")
        for end in whole:
            yield b"".join([*waiting, end, b"\n"])
            waiting.clear()
        if rest:
            waiting.append(rest)
    if waiting:
        yield b"".join(waiting)


class Started:
    """A server in a group of processes of its own."""

    def __init__(self, command: Sequence[str]) -> None:
        """Raises ProgramMissing."""
        try:
            self._process = subprocess.Popen(  # noqa: S603  # it is what the user wants started
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise ProgramMissing(program=command[0], problem=error.strerror or str(error)) from error
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("it was started with pipes")
        self.stdin, self.stdout = self._process.stdin, self._process.stdout
        self._lock = threading.Lock()
        self._code: int | None = None

    @property
    def is_gone(self) -> bool:
        """Whether it ended by itself; what it started may go on."""
        return self._process.poll() is not None

    def end(self) -> int:
        """Let it end: by itself, then because it is told to, then at once. Its exit code, and nothing of it is left."""
        with self._lock:
            if self._code is None:
                self._code = self._end()
            return self._code

    def _end(self) -> int:
        with contextlib.suppress(OSError):
            self.stdin.close()
        for number in (None, signal.SIGTERM):
            if number is not None:
                self._signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
                break
        # What it started and left behind is of its group.
        self._signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
        code = self._process.wait()
        return 128 - code if code < 0 else code

    def _signal(self, number: int) -> None:
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                self._process.send_signal(number)
            else:
                os.killpg(self._process.pid, number)


def pass_on(
    started: Started,
    source: Iterable[bytes],
    outlet: Outlet,
    from_client: Callable[[bytes], None],
    from_server: Callable[[bytes], None],
) -> tuple[int, bool]:
    """Until one of the two goes away; each line is shown before it goes on.

    Returns the exit code of the server, and whether it was the server that went.
    """
    is_left = threading.Event()

    def forth() -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in source:
                from_client(line)
                started.stdin.write(line)
                started.stdin.flush()
        is_left.set()

    def mind() -> None:
        # A server that does not end by itself when its client went away is made to, and what it leaves behind as well.
        while not (is_left.wait(_EVERY) or outlet.is_closed.is_set() or started.is_gone):
            pass
        started.end()

    # Nobody can interrupt a read, so this one is left to itself when the server goes first.
    Thread(target=forth, name="agentreplay-mcp-client", daemon=True).start()
    Thread(target=mind, name="agentreplay-mcp-minder", daemon=True).start()
    try:
        for line in iter(started.stdout.readline, b""):
            from_server(line)
            outlet.tell(line)
        went_first = not (is_left.is_set() or outlet.is_closed.is_set())
    finally:
        code = started.end()
    return code, went_first
