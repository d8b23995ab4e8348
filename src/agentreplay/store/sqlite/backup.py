"""Copies a data folder while it is used: the copy is whole, and holds all that was acknowledged before it began."""

import contextlib
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path

import apsw
import msgspec

from agentreplay.errors import NotAStore, ValueInvalid
from agentreplay.folders import make_private
from agentreplay.platform import sync_data, sync_folder
from agentreplay.store.journal.packing import HEADER_SIZE, JOURNAL_SUFFIX
from agentreplay.store.journal.reader import journals_in, read_frames
from agentreplay.store.sqlite.connection import create
from agentreplay.store.sqlite.indexer import Indexer, Progress, offsets_of
from agentreplay.store.sqlite.lock import LOCK
from agentreplay.store.sqlite.transactions import database_of, translated

__all__ = ["Backup", "back_up"]

_DATABASE_SUFFIX = ".db"
_PASSING = ("-wal", "-shm", "-journal", ".new", LOCK)
"""How the names of files end that belong to who works with the folder, and to nobody else."""
_UNFINISHED = ".unfinished"
_PAGES = 2_000


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """What was copied."""

    target: str
    files: int
    bytes: int


def back_up(folder: Path, target: Path, progress: Progress, *, without: Collection[str] = ()) -> Backup:
    """Copy a data folder to one that is not there yet; `without` names parts that can be made anew.

    Recorders and servers go on meanwhile. What they write after it began may be in the copy or not, batch by batch. The
    copy is there when it is whole and would survive the loss of power, and before that not at all. Raises ValueInvalid
    when the target is taken, NotAStore when there is nothing to copy, and what the disks raise.
    """
    if not (database_of(folder).exists() or journals_in(folder)):
        raise NotAStore(path=str(folder), problem="nothing was ever recorded in it")
    target = target.absolute()
    if target.is_relative_to(folder.absolute()):
        raise ValueInvalid(what=f"the folder {str(target)!r}", problem="it lies in what is copied; name one elsewhere")
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise ValueInvalid(what=f"the folder {str(target)!r}", problem="it is not empty; name a new one")
    unfinished = target.with_name(f".{target.name}{_UNFINISHED}-{os.getpid()}")
    with translated(target):
        try:
            create(folder)
            copied = _Copying(folder, unfinished, progress, without)
            copied.all()
            if target.exists():
                target.rmdir()
            unfinished.rename(target)
            sync_folder(target.parent)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    return Backup(target=str(target), files=copied.files, bytes=copied.bytes)


class _Copying:
    """One folder on its way to another."""

    def __init__(self, folder: Path, target: Path, progress: Progress, without: Collection[str]) -> None:
        self._folder = folder
        self._target = target
        self._progress = progress
        self._without = {folder / name for name in without}
        self._total = sum(path.stat().st_size for path in self._paths())
        self.files = 0
        self.bytes = 0

    def all(self) -> None:
        """Copy every file, and see it safe on the disk."""
        indexer = Indexer(self._folder)
        try:
            # While nobody indexes, what the database has not is in the journals: they only grow, and none goes.
            with indexer.exclusively() as connection:
                self._database(database_of(self._folder))
                read = offsets_of(connection)
                for path in self._paths():
                    if path.suffix == JOURNAL_SUFFIX:
                        self._journal(path, read.get(path.name, 0))
        finally:
            indexer.close()
        for path in self._paths():
            if path.suffix == JOURNAL_SUFFIX or path == database_of(self._folder):
                continue
            if path.suffix == _DATABASE_SUFFIX:
                self._database(path)
            else:
                self._file(path)
        for place, _, _ in os.walk(self._target):
            sync_folder(Path(place))

    def _paths(self) -> Iterator[Path]:
        for place, folders, names in os.walk(self._folder):
            folders[:] = sorted(name for name in folders if Path(place, name) not in self._without)
            for name in sorted(names):
                path = Path(place, name)
                if path.is_file() and not path.is_symlink() and not name.endswith(_PASSING):
                    yield path

    def _database(self, path: Path) -> None:
        """As it is at one moment, with all that is committed and not in its file yet."""
        target, before = self._place(path), self.bytes
        with closing(apsw.Connection(str(path))) as source, closing(apsw.Connection(str(target))) as copy:
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_schema").get  # noqa: B018 - the moment begins with reading
            with copy.backup("main", source, "main") as copying:
                while not copying.done:
                    copying.step(_PAGES)
                    share = 1 - copying.remaining / max(1, copying.page_count)
                    self._report(before + int(path.stat().st_size * share))
            source.execute("COMMIT")
        self._arrived(target)

    def _journal(self, path: Path, read: int) -> None:
        """Up to where whole frames stand: behind them its writer may be writing.

        What the database has of it was so far; that may have been deleted since, and be zeros in the journal.
        """
        target, end = self._place(path), max(read, HEADER_SIZE)
        for frame in read_frames(path, end):
            end = frame.end
        with path.open("rb") as source, target.open("wb") as copy:
            while end > 0 and (data := source.read(min(end, 1 << 20))):
                copy.write(data)
                end -= len(data)
        self._arrived(target)

    def _file(self, path: Path) -> None:
        target = self._place(path)
        # What goes while we come to it was not needed any more.
        with contextlib.suppress(FileNotFoundError):
            shutil.copy2(path, target)
            self._arrived(target)

    def _place(self, path: Path) -> Path:
        target = self._target / path.relative_to(self._folder)
        make_private(target.parent)
        return target

    def _arrived(self, target: Path) -> None:
        descriptor = os.open(target, os.O_RDWR)
        try:
            sync_data(descriptor)
        finally:
            os.close(descriptor)
        self.files += 1
        self.bytes += target.stat().st_size
        self._report(self.bytes)

    def _report(self, done: int) -> None:
        self._progress(min(done, self._total), self._total)
