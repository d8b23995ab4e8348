"""The file system as a journal sees it, so that a test can bring one that loses power."""

import os
from pathlib import Path
from typing import Protocol

from agentreplay.platform import lock_file, sync_data, sync_folder

__all__ = ["REAL_FILES", "Files"]


class Files(Protocol):
    """What a journal needs of the operating system."""

    def create(self, path: Path, /) -> int:
        """Create a file for appending, readable by its owner alone, and take its lock."""
        ...

    def rename(self, old: Path, new: Path, /) -> None:
        """Give a file its final name."""
        ...

    def write(self, descriptor: int, data: bytes, /) -> int:
        """Append; returns how many bytes were taken."""
        ...

    def truncate(self, descriptor: int, size: int, /) -> None:
        """Cut the file."""
        ...

    def sync(self, descriptor: int, /) -> None:
        """Return when the bytes survive the loss of power."""
        ...

    def sync_folder(self, folder: Path, /) -> None:
        """Return when the names survive the loss of power."""
        ...

    def close(self, descriptor: int, /) -> None:
        """Close the file and give back its lock."""
        ...


class _RealFiles:
    def create(self, path: Path) -> int:
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0), 0o600)
        lock_file(descriptor)
        return descriptor

    def rename(self, old: Path, new: Path) -> None:
        old.rename(new)

    write = staticmethod(os.write)
    truncate = staticmethod(os.ftruncate)
    sync = staticmethod(sync_data)
    close = staticmethod(os.close)

    def sync_folder(self, folder: Path) -> None:
        sync_folder(folder)


REAL_FILES: Files = _RealFiles()
