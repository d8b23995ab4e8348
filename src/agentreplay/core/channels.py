"""What runs between us and a program that was launched: its streams, forwarded as they come, and kept."""

import os
import select
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import IO

from agentreplay.core.terminal import open_terminal
from agentreplay.playback.tape import STDERR, STDIN, STDOUT, Size

__all__ = ["Channels", "Kept"]

_MOST_KEPT = 64 << 20
_AT_ONCE = 1 << 16
_PATIENCE = 5.0
"""Seconds a program's streams may stay open behind its end, held by processes it left behind."""
_END_OF_INPUT = b"\x04"


class Kept:
    """What went through a stream, or the beginning of it."""

    def __init__(self) -> None:
        self._data = bytearray()
        self.is_cut = False

    def add(self, data: bytes) -> None:
        """More went through."""
        room = _MOST_KEPT - len(self._data)
        self._data += data[:room]
        self.is_cut = self.is_cut or len(data) > room

    @property
    def data(self) -> bytes:
        """What was kept."""
        return bytes(self._data)


class Channels:
    """Our ends of the streams of one program, and until it is started its ends too."""

    def __init__(
        self, given: int | bytes | None, sinks: Mapping[str, int | None], terminals: Mapping[str, Size]
    ) -> None:
        self.kept = {STDIN: Kept(), STDOUT: Kept(), STDERR: Kept()}
        self._given = given
        self._sinks = sinks
        self._sources: dict[str, int] = {}
        self._threads: list[threading.Thread] = []
        self._keyboard: int | None = None
        self.ends: dict[str, int | None] = {}
        """What the program is started with, as subprocess takes it."""
        for name in (STDOUT, STDERR):
            self._sources[name], self.ends[name] = open_terminal(terminals[name]) if name in terminals else os.pipe()
        if STDIN not in terminals:
            self.ends[STDIN] = subprocess.PIPE
        elif isinstance(given, int):
            self.ends[STDIN] = None  # it types into our own terminal
        else:
            self._keyboard, self.ends[STDIN] = open_terminal(terminals[STDIN])

    def hand_over(self) -> None:
        """The program has its ends, or will never have them."""
        for end in self.ends.values():
            if end is not None and end >= 0:
                os.close(end)

    def close(self) -> None:
        """Nothing was started."""
        for source in (*self._sources.values(), self._keyboard):
            if source is not None:
                os.close(source)

    def begin(self, stdin: IO[bytes] | None) -> None:
        """Begin to forward; `stdin` is what the program's input is written to, where we forward that."""
        for name, source in self._sources.items():
            self._threads.append(threading.Thread(target=self._forward, args=(name, source), daemon=True))
        for thread in self._threads:
            thread.start()
        if stdin is not None:
            threading.Thread(target=self._feed, args=(stdin,), daemon=True).start()
        if self._keyboard is not None:
            # What was typed is on the tape, served where it was asked for: the keyboard itself has nothing more.
            os.write(self._keyboard, _END_OF_INPUT)

    def finish(self) -> None:
        """The program has ended: take what is still on its way."""
        until = time.monotonic() + _PATIENCE
        for thread in self._threads:
            thread.join(timeout=max(0.0, until - time.monotonic()))
        if self._keyboard is not None:
            os.close(self._keyboard)

    def _forward(self, name: str, source: int) -> None:
        kept, sink = self.kept[name], self._sinks[name]
        with suppress(OSError):  # the other end of a pseudo-terminal is gone
            while data := os.read(source, _AT_ONCE):
                kept.add(data)
                if not _write_all(sink, data):
                    break
        # Where nobody reads what we forward, closing tells the program so, as it would be told without us.
        os.close(source)

    def _feed(self, sink: IO[bytes]) -> None:
        kept = self.kept[STDIN]
        with suppress(OSError, ValueError), sink:
            if isinstance(self._given, bytes):
                kept.add(self._given)
                sink.write(self._given)
                return
            while self._given is not None and (data := os.read(self._given, _AT_ONCE)):
                kept.add(data)
                sink.write(data)
                sink.flush()


def _write_all(sink: int | None, data: bytes) -> bool:
    """Whether there is still somebody who reads it."""
    while sink is not None and data:
        try:
            data = data[os.write(sink, data) :]
        except BlockingIOError:
            select.select([], [sink], [])
        except OSError:
            return False
    return True
