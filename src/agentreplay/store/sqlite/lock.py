"""The lock of a data folder: whoever holds it is the indexer, and may make the database."""

import contextlib
import os
from collections.abc import Generator
from pathlib import Path

from agentreplay.errors import StoreReadOnly
from agentreplay.platform import lock_file, unlock_file

__all__ = ["LOCK", "holder_of", "locked"]

LOCK = "indexer.lock"


@contextlib.contextmanager
def locked(folder: Path) -> Generator[bool]:
    """Whether the lock is ours, while the context lasts. The system takes it back from a process that dies."""
    try:
        descriptor = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600)
    except OSError as error:
        raise StoreReadOnly(path=str(folder), problem=error.strerror or str(error)) from error
    try:
        ours = lock_file(descriptor)
        if ours:
            _say(descriptor, str(os.getpid()))
        try:
            yield ours
        finally:
            if ours:
                _say(descriptor, "")
                unlock_file(descriptor)
    finally:
        os.close(descriptor)


def holder_of(folder: Path) -> int | None:
    """The process that holds the lock now, or None."""
    try:
        with (folder / LOCK).open("rb+") as file:
            if lock_file(file.fileno()):
                return None
            return int(file.read() or 0) or None
    except (OSError, ValueError):
        return None


def _say(descriptor: int, text: str) -> None:
    # Only told to whoever wonders; on a full disk it stays unsaid.
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)
