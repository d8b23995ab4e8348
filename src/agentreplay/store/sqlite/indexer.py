"""Drains the journals into the database. One process at a time does it, elected by a lock on a file.

How far it came is written in the same transaction as what it read, so that a death at any moment loses
nothing and counts nothing twice. A journal whose writer is gone is removed once the database has all of it
and would keep it through the loss of power.
"""

import contextlib
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import NamedTuple

import apsw

from agentreplay.collecting import without_collections
from agentreplay.errors import Damaged, FormatTooNew, IndexerBusy
from agentreplay.model.receipt import Lag
from agentreplay.platform import GIVE_BACK_PAUSE, sync_folder
from agentreplay.store.journal.packing import HEADER_SIZE, JOURNAL_FOLDER
from agentreplay.store.journal.reader import Ending, claim, ending_of, is_readable, read_frames, sizes_in
from agentreplay.store.journal.writer import DAMAGED_SUFFIX
from agentreplay.store.sqlite.apply import Applier
from agentreplay.store.sqlite.chunks import Chunk, Goals, read_chunks
from agentreplay.store.sqlite.connection import connect
from agentreplay.store.sqlite.lock import locked
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.transactions import translated, writing
from agentreplay.store.sqlite.worker import Worker

__all__ = [
    "Indexer",
    "Loss",
    "Progress",
    "lag_of",
    "losses_of",
    "offsets_of",
]

_SQL = queries("write")
_PATIENCE = 60.0
_WORTH_A_PROCESS = 6 << 20
"""So many bytes are worth starting one: they take about two seconds otherwise, which is how far behind we may be;"""
_WORTH_ASKING = 1 << 20
"""so many are worth asking one that runs;"""
_MANY = 1 << 20
"""and where more are waiting, there is no time to make contents as short as they can be."""
_LONGEST = 0.5
"""Seconds after which no further chunk goes into a transaction: pages that many chunks change are written once for all
of them, but meanwhile nobody else can write to the database."""
_PAUSE = 0.005
_AT_ONCE = 50
"""So many journals are held open at the same time: the limit may be as low as 256 for the whole process."""

Progress = Callable[[int, int], None]
"""Called with what is done and what there is in all."""


class _Database(NamedTuple):
    connection: apsw.Connection
    applier: Applier


class Indexer:
    """Drains the journals of one data folder. `vfs` is the file layer under the database, for tests."""

    def __init__(self, folder: Path, vfs: str | None = None) -> None:
        self._folder = folder
        self._vfs = vfs
        self._database: _Database | None = None
        self._worker = Worker()
        self._let_go = time.monotonic()

    def drain(self, progress: Progress | None = None, patience: float = 0.0) -> None:
        """Index all that is in the journals now, or see another process do it; `patience` as in Store.drain."""
        sizes = behind = sizes_in(self._folder)
        deadline = time.monotonic() + _PATIENCE
        while behind:
            with locked(self._folder) as ours:
                if ours:
                    self._index(sizes, progress, patience)
                    return
            with self._open() as database:
                behind = _unread(database.connection, self._folder, sizes)
            if behind and time.monotonic() > deadline:
                raise IndexerBusy(path=str(self._folder), seconds=int(_PATIENCE), behind=sum(behind.values()))
            time.sleep(_PAUSE)

    @contextlib.contextmanager
    def exclusively(self) -> Generator[apsw.Connection]:
        """Drain, and then keep every other indexer out while the context lasts."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            with locked(self._folder) as ours:
                if ours:
                    self._index(sizes_in(self._folder))
                    with self._open() as database:
                        yield database.connection
                    return
            if time.monotonic() > deadline:
                raise IndexerBusy(path=str(self._folder), seconds=int(_PATIENCE), behind=0)
            time.sleep(_PAUSE)

    def close(self) -> None:
        """Close the database, and end the process that prepares."""
        self._worker.close()
        if self._database is not None:
            self._database.connection.close()
            self._database = None

    @contextlib.contextmanager
    def _open(self) -> Generator[_Database]:
        with translated(self._folder):
            if self._database is None:
                connection = connect(self._folder, writer=True, vfs=self._vfs)
                self._database = _Database(connection, Applier(connection))
            yield self._database

    def _index(self, sizes: dict[str, int], progress: Progress | None = None, patience: float = 0.0) -> None:
        with self._open() as database:
            connection = database.connection
            offsets = offsets_of(connection)
            journals = self._folder / JOURNAL_FOLDER
            goals = Goals(
                str(self._folder),
                {name: (offsets.get(name, 0), size) for name, size in sizes.items() if is_readable(journals / name)},
            )
            total = goals.bytes
            reached: dict[str, int] = {}
            if total > (_WORTH_ASKING if self._worker.is_running else _WORTH_A_PROCESS):
                goals.patience = patience
                chunks: Iterator[Chunk] = self._worker.chunks(goals)
            else:
                chunks = read_chunks(goals, thorough=total <= _MANY)
            with contextlib.closing(chunks), without_collections():  # type: ignore[type-var]
                for offsets in self._apply_all(database, chunks):
                    reached |= offsets
                    if progress is not None:
                        progress(total - goals.rest(reached).bytes, total)
            names = list(sizes)
            for first in range(0, len(names), _AT_ONCE):
                self._remove_drained(connection, names[first : first + _AT_ONCE])
            if time.monotonic() - self._let_go > GIVE_BACK_PAUSE:
                # Or the pages it remembers would grow with the database, in a process that goes on for days.
                connection.execute("PRAGMA shrink_memory")
                self._let_go = time.monotonic()

    def _apply_all(self, database: _Database, chunks: Iterator[Chunk]) -> Iterator[dict[str, int]]:
        """Apply chunks, several in a transaction where they are there already; says how far each goes, when it is kept.

        Nobody is kept from writing while the next one is only being made.
        """
        connection, applier = database
        while (chunk := next(chunks, None)) is not None:
            applied: list[dict[str, int]] = []
            until = time.monotonic() + _LONGEST
            try:
                with writing(connection, self._folder):
                    while chunk is not None:
                        applier.apply(chunk.prepared)
                        connection.executemany(_SQL["put_offset"], list(chunk.offsets.items()))
                        connection.executemany(_SQL["add_loss"], chunk.unreadable)
                        applied.append(chunk.offsets)
                        chunk = None  # It is large, and the next one is on its way.
                        if self._worker.is_ready and time.monotonic() < until:
                            chunk = next(chunks, None)
                    applier.finish()
            except BaseException:
                applier.forget()
                raise
            yield from applied

    def _remove_drained(self, connection: apsw.Connection, names: list[str]) -> None:
        """Remove the journals without a writer of which nothing is left to drain, and set the damaged ones aside."""
        offsets = offsets_of(connection)
        folder = self._folder / JOURNAL_FOLDER
        with contextlib.ExitStack() as claims:
            endings = {
                name: ending
                for name in names
                if claims.enter_context(claim(folder / name))
                and (ending := _final(folder / name, offsets.get(name, 0))) is not None
            }
            if not endings:
                return
            losses = [(name, end.read, end.lost, end.problem) for name, end in endings.items() if end.lost]
            # From here on the database keeps them through the loss of power, and the journals are needed no more.
            with writing(connection, self._folder, durable=True):
                connection.executemany(_SQL["add_loss"], losses)
                connection.executemany(_SQL["put_offset"], [(name, end.read) for name, end in endings.items()])
            finished = [name for name, ending in endings.items() if not ending.is_damaged]
            for name in endings:
                with contextlib.suppress(FileNotFoundError):
                    if name in finished:
                        (folder / name).unlink()
                    else:
                        (folder / name).rename((folder / name).with_suffix(DAMAGED_SUFFIX))
        # A journal that comes back with the power must find its offset, or it would bring back what was deleted.
        sync_folder(folder)
        with writing(connection, self._folder):
            connection.executemany(_SQL["drop_offset"], [(name,) for name in finished])


def _final(path: Path, offset: int) -> Ending | None:
    """How a journal without a writer ends, or None where there is more to drain, now or for a newer version."""
    try:
        ending = ending_of(path, offset)
    except (FormatTooNew, OSError):
        return None
    return None if ending.read > max(offset, HEADER_SIZE) else ending


class Loss(NamedTuple):
    """Bytes of a journal that could not be read."""

    journal: str
    offset: int
    bytes: int
    problem: str


def lag_of(connection: apsw.Connection, folder: Path) -> Lag:
    """How far the index is behind the journals."""
    behind = _unread(connection, folder, sizes_in(folder))
    damaged = sorted(path.name for path in (folder / JOURNAL_FOLDER).glob(f"*{DAMAGED_SUFFIX}"))
    return Lag(journals=len(behind), bytes=sum(behind.values()), damaged=tuple(damaged))


def losses_of(connection: apsw.Connection) -> list[Loss]:
    """What of the journals could not be read, ever."""
    return [Loss(*row) for row in connection.execute(_SQL["losses"])]


def offsets_of(connection: apsw.Connection) -> dict[str, int]:
    return dict(connection.execute(_SQL["offsets"]))


def _unread(connection: apsw.Connection, folder: Path, sizes: dict[str, int]) -> dict[str, int]:
    """Of these journals, those that hold a whole frame before their size which is not indexed; and how much."""
    offsets = offsets_of(connection)
    behind: dict[str, int] = {}
    for name, size in sizes.items():
        offset = max(offsets.get(name, 0), HEADER_SIZE)
        with contextlib.suppress(OSError, Damaged):
            if size > offset and next(read_frames(folder / JOURNAL_FOLDER / name, offset, size), None) is not None:
                behind[name] = size - offset
    return behind
