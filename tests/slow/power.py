"""Disks that lose power: what was synced stays, and of the rest each sector stays or goes as chance wills."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import apsw

__all__ = ["FileLayer", "JournalDisk", "Medium", "PowerLost"]

_SECTOR = 512
_names = count()


class PowerLost(Exception):
    """Ends whatever is going on."""


class Medium:
    """The bytes of one file: those that are safe, and what was done to it since."""

    def __init__(self, safe: bytes = b"") -> None:
        self.safe = bytearray(safe)
        self._pending: list[Callable[[bytearray, Random | None], None]] = []

    def write(self, data: bytes, offset: int) -> None:
        kept = bytes(data)
        self._pending.append(lambda image, random: _write(image, kept, offset, random))

    def truncate(self, size: int) -> None:
        self._pending.append(lambda image, random: _truncate(image, size, random))

    def sync(self) -> None:
        for change in self._pending:
            change(self.safe, None)
        self._pending.clear()

    def after_loss(self, random: Random) -> bytes:
        """What a disk may hold after the power went: unsynced changes in any order, whole, torn or not at all."""
        image = bytearray(self.safe)
        changes = list(self._pending)
        if random.randrange(2):
            random.shuffle(changes)
        odds = random.choice((0, 1, 5, 9, 10))
        for change in changes:
            if random.randrange(10) < odds:
                change(image, random)
        return bytes(image)


def _write(image: bytearray, data: bytes, offset: int, random: Random | None) -> None:
    """All of it; or, where chance decides, some of the sectors it lies in."""
    is_torn = random is not None and random.randrange(3) == 0
    place = 0
    while place < len(data):
        length = min(len(data) - place, _SECTOR - (offset + place) % _SECTOR) if is_torn else len(data)
        if not is_torn or (random is not None and random.randrange(2)):
            start = offset + place
            if start > len(image):
                image.extend(bytes(start - len(image)))
            image[start : start + length] = data[place : place + length]
        place += length


def _truncate(image: bytearray, size: int, random: Random | None) -> None:
    if random is None or random.randrange(2):
        del image[size:]
        image.extend(bytes(size - len(image)))


class _Plug:
    """Is pulled after so many operations."""

    def __init__(self, operations: int | None) -> None:
        self._left = operations
        self.is_off = False

    def used(self) -> None:
        if self._left is not None:
            self.is_off = self.is_off or self._left <= 0
            self._left -= 1
        if self.is_off:
            raise PowerLost


class JournalDisk:
    """The files of a journal writer, in memory. Names are safe when their folder was synced."""

    def __init__(self, random: Random, operations: int | None, *, syncs: bool = True, names: bool = True) -> None:
        self._random = random
        self._plug = _Plug(operations)
        self._syncs, self._syncs_names = syncs, names
        self._numbers = count(1_000)
        self._media: dict[int, Medium] = {}
        self._sizes: dict[int, int] = {}
        self._names: dict[Path, int] = {}
        self._safe_names: dict[Path, int] = {}
        self._safe_folders: set[Path] = set()

    def create(self, path: Path) -> int:
        self._plug.used()
        descriptor = next(self._numbers)
        self._media[descriptor] = Medium()
        self._sizes[descriptor] = 0
        self._names[path] = descriptor
        return descriptor

    def rename(self, old: Path, new: Path) -> None:
        self._plug.used()
        self._names[new] = self._names.pop(old)

    def write(self, descriptor: int, data: bytes) -> int:
        self._plug.used()
        is_long = len(data) > _SECTOR
        taken = data[: self._random.randrange(len(data)) + 1] if is_long and self._random.randrange(8) == 0 else data
        self._media[descriptor].write(taken, self._sizes[descriptor])
        self._sizes[descriptor] += len(taken)
        return len(taken)

    def truncate(self, descriptor: int, size: int) -> None:
        self._plug.used()
        self._media[descriptor].truncate(size)
        self._sizes[descriptor] = size

    def sync(self, descriptor: int) -> None:
        self._plug.used()
        if self._syncs:
            self._media[descriptor].sync()

    def sync_folder(self, folder: Path) -> None:
        self._plug.used()
        if self._syncs_names:
            self._safe_folders.add(folder)
            self._safe_names |= {path: number for path, number in self._names.items() if path.parent == folder}

    def close(self, descriptor: int) -> None:
        pass

    def after_loss(self, folder: Path, survivor: Path) -> None:
        """Write what is left of the journals of `folder` to another one."""
        chance = self._random
        for path in {**self._names, **self._safe_names}:
            holder = path.parent
            found = {holder, holder.parent} <= self._safe_folders or chance.randrange(2)
            if found and (path in self._safe_names or chance.randrange(2)):
                number = self._safe_names.get(path) or self._names[path]
                target = survivor / path.relative_to(folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(self._media[number].after_loss(chance))


class FileLayer(apsw.VFS):
    """Lies between SQLite and the file system, and knows what would be left if the power went now."""

    def __init__(self, operations: int | None = None, *, syncs: bool = True) -> None:
        self.name = f"power-{next(_names)}"
        self.plug = _Plug(operations)
        self.syncs = syncs
        self.is_over = False
        """Whether what is still done is of no consequence, because the power is gone."""
        self._media: dict[str, Medium] = {}
        self._deleted: set[str] = set()
        super().__init__(self.name, "")

    def xOpen(self, name: Any, flags: list[int]) -> "_File":  # noqa: N802 - the name SQLite gives it
        path = name if isinstance(name, str) or name is None else name.filename()
        if path is None:
            return _File(self, Medium(), name, flags)
        if path not in self._media:
            there = Path(path)
            self._media[path] = Medium(there.read_bytes() if there.exists() else b"")
        self._deleted.discard(path)
        return _File(self, self._media[path], name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, FBT001 - as SQLite has it
        if self.is_over:
            return
        self.plug.used()
        if filename in self._media:
            self._media[filename].truncate(0)
            self._deleted.add(filename)
        super().xDelete(filename, syncdir)

    def after_loss(self, random: Random, survivor: Path) -> None:
        """Write what is left of the files to another folder."""
        for path, medium in self._media.items():
            if path not in self._deleted or random.randrange(2):
                (survivor / Path(path).name).write_bytes(medium.after_loss(random))


class _File(apsw.VFSFile):
    def __init__(self, layer: FileLayer, medium: Medium, name: Any, flags: list[int]) -> None:
        self._layer = layer
        self._medium = medium
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - the name SQLite gives it
        if not self._layer.is_over:
            self._layer.plug.used()
            self._medium.write(data, offset)
            super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - the name SQLite gives it
        if not self._layer.is_over:
            self._layer.plug.used()
            self._medium.truncate(newsize)
            super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - the name SQLite gives it
        if not self._layer.is_over:
            self._layer.plug.used()
            if self._layer.syncs:
                self._medium.sync()
