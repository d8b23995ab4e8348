"""A disk that fills up, fails or waits when a test wants it to."""

import os
from collections.abc import Callable
from pathlib import Path

from agentreplay.store.journal.files import REAL_FILES

__all__ = ["Disk"]


class Disk:
    """The real files, with every call noted; an operation in `failures` raises that error number."""

    def __init__(self, room: int | None = None) -> None:
        self.room = room
        """So many bytes can still be written, or None for no end."""
        self.failures: dict[str, int] = {}
        self.calls: list[str] = []
        self.before_sync: Callable[[], object] = lambda: None
        self.after_write: Callable[[], object] = lambda: None

    def create(self, path: Path) -> int:
        self._note("create")
        return REAL_FILES.create(path)

    def rename(self, old: Path, new: Path) -> None:
        self._note("rename")
        REAL_FILES.rename(old, new)

    def write(self, descriptor: int, data: bytes) -> int:
        self._note("write")
        if self.room is not None:
            if not self.room:
                raise OSError(28, os.strerror(28))
            data = data[: self.room]
            self.room -= len(data)
        taken = REAL_FILES.write(descriptor, data)
        self.after_write()
        return taken

    def truncate(self, descriptor: int, size: int) -> None:
        self._note("truncate")
        REAL_FILES.truncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        self.before_sync()
        self._note("sync")

    def sync_folder(self, folder: Path) -> None:
        self._note("sync_folder")

    def close(self, descriptor: int) -> None:
        self._note("close")
        REAL_FILES.close(descriptor)

    def _note(self, operation: str) -> None:
        self.calls.append(operation)
        if operation in self.failures:
            number = self.failures[operation]
            raise OSError(number, os.strerror(number))
