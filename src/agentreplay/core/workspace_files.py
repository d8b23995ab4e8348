"""Reads what stands in a folder, for keeping: files without secrets, links as they are, and why not the others."""

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from agentreplay.core.redact import Redactor
from agentreplay.model.content import OCTETS, TEXT, Content
from agentreplay.model.time import Clock
from agentreplay.model.workspace import Entry

__all__ = ["Limits", "Reader", "Stamp", "Taken", "stamp_of"]

_TICK = 20_000_000
"""So many nanoseconds a file may go on changing under one time of change: the clock of file systems is coarse."""
_COARSE_TICK = 2_000_000_000
"""Likewise where times of change are whole seconds."""
_SECOND = 1_000_000_000
_SNIFFED = 8192
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)


class Limits(NamedTuple):
    """How much is kept."""

    file_bytes: int = 8 << 20
    """Of one file; a larger one is left out."""
    bytes: int = 1 << 30
    """Of all files together, as long as the session lasts."""
    files: int = 200_000
    depth: int = 100
    """Of folders in folders."""


class Stamp(NamedTuple):
    """What tells that a file was not touched."""

    modified: int
    changed: int
    size: int
    inode: int
    mode: int


class Taken(NamedTuple):
    """A file as it was read."""

    stamp: Stamp
    entry: Entry
    is_racy: bool = False
    """Whether it may have changed again without being told from what it was; then it is read again."""


class Reader:
    """Reads files, and gives each new content to whoever keeps it."""

    def __init__(
        self, redactor: Redactor, limits: Limits, give: Callable[[Content], bool], now: Clock = time.time_ns
    ) -> None:
        """`give` says whether the content was new."""
        self._redactor = redactor
        self._limits = limits
        self._give = give
        self._now = now
        self._bytes = 0
        self.files = 0
        """How many there are, which is the caller's to count."""

    def take(self, path: Path, stamp: Stamp) -> Taken:
        """What stands there, as it may be kept."""
        clean = self._redactor.word(path.name)
        if clean != path.name:
            return Taken(stamp, _without(clean, stamp, "its name holds a secret"))
        try:
            if stat.S_ISLNK(stamp.mode):
                return Taken(stamp, self._link(path, stamp))
            why = self._why_not(stamp)
            return self._read(path, stamp) if not why else Taken(stamp, _without(path.name, stamp, why))
        except OSError as error:
            why = f"it cannot be read: {error.strerror or error}"
            return Taken(stamp, _without(path.name, stamp, why), is_racy=True)

    def _link(self, path: Path, stamp: Stamp) -> Entry:
        target = str(path.readlink())
        if self._redactor.word(target) != target:
            return _without(path.name, stamp, "its target holds a secret")
        return Entry(name=path.name, kind="link", target=target)

    def _read(self, path: Path, stamp: Stamp) -> Taken:
        # Neither through a link that took the file's place, nor waiting for the other end of a pipe that did.
        descriptor = os.open(path, os.O_RDONLY | _NO_FOLLOW | _NO_WAIT)
        with open(descriptor, "rb") as file:  # noqa: PTH123  # a descriptor is no path
            before = stamp_of(os.fstat(descriptor))
            why = self._why_not(before)
            data = b"" if why else file.read(before.size + 1)
            after = stamp_of(os.fstat(descriptor))
        if why:
            return Taken(stamp, _without(path.name, stamp, why), is_racy=True)
        clean = self._redactor.data(data, OCTETS if b"\0" in data[:_SNIFFED] else TEXT)
        content = Content.of(clean, OCTETS)
        if self._give(content):
            self._bytes += len(clean)
        entry = Entry(
            name=path.name,
            kind="file",
            mode=stat.S_IMODE(stamp.mode),
            size=len(data),
            hash=content.hash,
            is_redacted=clean is not data,
        )
        return Taken(stamp, entry, is_racy=not before == after == stamp or self._is_young(stamp))

    def is_young(self, changed: int) -> bool:
        """Whether something may change again under the time at which it has."""
        return changed > self._now() - (_TICK if changed % _SECOND else _COARSE_TICK)

    def _is_young(self, stamp: Stamp) -> bool:
        tick = _TICK if stamp.modified % _SECOND else _COARSE_TICK
        return max(stamp.changed, stamp.modified) > self._now() - tick

    def _why_not(self, stamp: Stamp) -> str:
        limits = self._limits
        if not stat.S_ISREG(stamp.mode):
            return "it is no regular file"
        if self._redactor.policy == "structure":
            return "the policy of the project keeps no contents"
        if stamp.size > limits.file_bytes:
            return self._too_large
        if self.files > limits.files:
            return f"there are more than {limits.files:,} files"
        if self._bytes + stamp.size > limits.bytes:
            return f"more than {limits.bytes:,} bytes of files would be kept"
        return ""

    @property
    def _too_large(self) -> str:
        return f"it is larger than {self._limits.file_bytes:,} bytes"


def stamp_of(told: os.stat_result) -> Stamp:
    """The stamp of a file."""
    return Stamp(told.st_mtime_ns, told.st_ctime_ns, told.st_size, told.st_ino, told.st_mode)


def _without(name: str, stamp: Stamp, why: str) -> Entry:
    return Entry(name=name, kind="left out", mode=stat.S_IMODE(stamp.mode), size=stamp.size, why=why)
