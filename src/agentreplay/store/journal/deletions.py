"""Tells writing processes that something was deleted, without a lock and at next to no cost.

A file of eight bytes beside the journals counts the deletions; every writer has it mapped into its memory.
"""

import contextlib
import mmap
import os
from pathlib import Path
from struct import Struct

__all__ = ["Deletions"]

_NAME = "deletions"
_COUNT = Struct("<Q")


class Deletions:
    """The count of deletions of one data folder, as one process sees it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._map: mmap.mmap | None = None
        self._seen = 0

    def has_changed(self) -> bool:
        """Whether something was deleted since the last call."""
        if self._map is None:
            self._open()
        if self._map is None:
            return False
        count = _COUNT.unpack_from(self._map)[0]
        changed, self._seen = count != self._seen, count
        return bool(changed)

    def tell(self) -> None:
        """Let every writer know. Call it before the deletion, so that nobody counts on what is about to go."""
        self._open()
        if self._map is not None:
            _COUNT.pack_into(self._map, 0, _COUNT.unpack_from(self._map)[0] + 1)

    def _open(self) -> None:
        # Without the file nobody ever deleted; where it cannot be made, nobody can delete either.
        with contextlib.suppress(OSError, ValueError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
            try:
                if os.fstat(descriptor).st_size < _COUNT.size:
                    os.ftruncate(descriptor, _COUNT.size)
                self._map = mmap.mmap(descriptor, _COUNT.size)
                self._seen = _COUNT.unpack_from(self._map)[0]
            finally:
                os.close(descriptor)
