"""A named pipe by which the processes of a program say that a call has ended. Nobody ever waits for it."""

import os
import struct
from contextlib import suppress
from pathlib import Path

__all__ = ["NoticeBoard", "give_notice"]

_NOTICE = struct.Struct("<q")
_AT_ONCE = _NOTICE.size * 8192


def give_notice(path: str, moment: int) -> None:
    """Say that a call ended at that moment. Where nobody listens, or is too far behind, nothing is said."""
    # Opened each time: a descriptor that is held may be closed by the program, and then be somebody else's.
    with suppress(OSError):
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            os.write(pipe, _NOTICE.pack(moment))
        finally:
            os.close(pipe)


class NoticeBoard:
    """Where the notices come in. Systems without named pipes have none."""

    def __init__(self, path: Path) -> None:
        self.path = ""
        self.descriptor: int | None = None
        if hasattr(os, "mkfifo"):
            with suppress(OSError):
                os.mkfifo(path, 0o600)
                # Also for writing, so that it never ends when a process does.
                self.descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
                self.path = str(path)

    def latest(self) -> int | None:
        """The moment of the latest call that has ended since the last time; None where none has."""
        if self.descriptor is None:
            return None
        found: int | None = None
        with suppress(BlockingIOError):
            while data := os.read(self.descriptor, _AT_ONCE):
                last = max(moment for (moment,) in _NOTICE.iter_unpack(data))
                found = last if found is None else max(found, last)
        return found

    def close(self) -> None:
        """Nobody listens any more."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None
