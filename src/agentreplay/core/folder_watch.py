"""Asks the kernel which folders were touched, so that nobody has to look at twenty thousand files to find one.

Only Linux is asked, through inotify. Elsewhere, and where the kernel watches no more folders, everything is looked at.
"""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

__all__ = ["FolderWatch"]

_MODIFY, _ATTRIB, _CLOSE_WRITE = 0x2, 0x4, 0x8
_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x40, 0x80, 0x100, 0x200
_Q_OVERFLOW, _IGNORED = 0x4000, 0x8000
_ONLY_FOLDERS, _NO_FOLLOW = 0x01000000, 0x02000000
_WANTED = _MODIFY | _ATTRIB | _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _ONLY_FOLDERS | _NO_FOLLOW
_EVENT = struct.Struct("iIII")
_AT_ONCE = 1 << 16


class FolderWatch:
    """Watches folders of a tree; each has to be named. Not to be shared between threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._paths: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self._is_lost = False
        self.descriptor: int | None = None
        """Can be waited for; None where nothing is watched."""
        if sys.platform == "linux":
            self._library = ctypes.CDLL(None, use_errno=True)
            with suppress(AttributeError):
                found = self._library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
                self.descriptor = found if found >= 0 else None

    def watch(self, folders: Iterable[str]) -> None:
        """Watch these folders too; those that are watched already cost nothing."""
        for path in folders:
            if self.descriptor is None:
                return
            if path not in self._numbers:
                self._add(path)

    def touched(self) -> set[str] | None:
        """The folders in which something was touched since the last time; None where any may have been."""
        if self.descriptor is None:
            return None
        found: set[str] = set()
        while True:
            try:
                data = os.read(self.descriptor, _AT_ONCE)
            except BlockingIOError:
                break
            self._read(data, found)
        if self._is_lost:
            self._is_lost = False
            return None
        return found

    def close(self) -> None:
        """Watch nothing any more."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None

    def _add(self, path: str) -> None:
        place = os.fsencode(self._root / path)
        number = self._library.inotify_add_watch(self.descriptor, place, _WANTED)
        if number >= 0:
            # A folder that was renamed keeps its number.
            self._numbers.pop(self._paths.get(number, ""), None)
            self._paths[number], self._numbers[path] = path, number
        elif ctypes.get_errno() not in {errno.ENOENT, errno.ENOTDIR}:
            # No more are allowed. To know of some folders only is worse than to look at all of them.
            self.close()

    def _read(self, data: bytes, found: set[str]) -> None:
        place = 0
        while place < len(data):
            number, what, _, length = _EVENT.unpack_from(data, place)
            place += _EVENT.size + length
            if what & _Q_OVERFLOW:
                self._is_lost = True
            path = self._paths.get(number)
            if path is None:
                continue
            if what & _IGNORED:
                del self._paths[number]
                self._numbers.pop(path, None)
            else:
                found.add(path)
