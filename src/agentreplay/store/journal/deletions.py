"""Tells writing processes that something was deleted, without a lock and at next to no cost.

A small file beside the journals holds a token that every deletion changes; every writer has it mapped into its
memory.
"""

import contextlib
import mmap
import os
from pathlib import Path

from agentreplay.folders import make_private

__all__ = ["Deletions"]

_NAME = "deletions"
_TOKEN = 8
_SIZE = 2 * _TOKEN


class Deletions:
    """The token of one data folder, as one process sees it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._map: mmap.mmap | None = None
        self._seen: bytes | None = None

    def has_changed(self) -> bool:
        """Whether something may have been deleted since the last call."""
        if self._map is None:
            self._open()
        if self._map is None:
            return False
        token = self._map[:_TOKEN]
        if token == self._seen:
            return False
        self._seen = token
        return True

    def tell(self) -> None:
        """Let every writer know. Call it before the deletion, so that nobody counts on what is about to go."""
        if self._map is None:
            self._open()
        if self._map is not None:
            # Not a count: of two that count at once, one would go unnoticed.
            self._map[:_TOKEN] = os.urandom(_TOKEN)

    def close(self) -> None:
        """Let go of the file. Asking again opens it again."""
        if self._map is not None:
            self._map.close()
            self._map = None

    def _open(self) -> None:
        # Without the file nobody ever deleted; where it cannot be made, nobody can delete either.
        with contextlib.suppress(OSError, ValueError):
            make_private(self._path.parent)
            descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
            try:
                if os.fstat(descriptor).st_size < _SIZE:
                    # Written, because touching a hole in a mapped file kills the process when the disk is
                    # full; and behind the token, because another process may have changed it meanwhile.
                    os.lseek(descriptor, _TOKEN, os.SEEK_SET)
                    os.write(descriptor, bytes(_SIZE - _TOKEN))
                self._map = mmap.mmap(descriptor, _SIZE)
            finally:
                os.close(descriptor)
