"""Connections for reading: one for each thread, and what the numbers in them stand for."""

import heapq
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, cast

import apsw

from agentreplay.store.sqlite.connection import connect
from agentreplay.store.sqlite.reading import Names
from agentreplay.store.sqlite.rows import total_usage
from agentreplay.store.sqlite.transactions import translated

__all__ = ["Reader", "Readers", "newest_of"]


T = TypeVar("T")


def newest_of(streams: Sequence[Iterator[T]], count: int, place: Callable[[T], Any]) -> list[T]:
    """The first so many of several lists, each of which is in falling order of its places."""
    merged = streams[0] if len(streams) == 1 else heapq.merge(*streams, key=place, reverse=True)
    return list(islice(merged, count))


class Reader:
    """A connection and what its numbers stand for; belongs to one thread."""

    def __init__(self, connection: apsw.Connection, names: Names) -> None:
        """`names` are those of all readers of the store."""
        self.connection = connection
        connection.create_scalar_function("tokens", cast("Callable[..., int]", total_usage), 1, deterministic=True)
        self.names = names
        self._projects: dict[tuple[str, str], int] = {}

    def project(self, tenant: str, name: str) -> int | None:
        """The number of a project, or None."""
        number = self._projects.get((tenant, name))
        if number is None:
            row = self.connection.execute("SELECT id FROM project WHERE tenant = ? AND name = ?", (tenant, name)).get
            if row is None:
                return None
            number = self._projects[tenant, name] = int(row)
        return number

    def projects(self, tenant: str, name: str | None) -> list[int]:
        """The numbers of one project of the tenant, or of all."""
        if name is not None:
            number = self.project(tenant, name)
            return [] if number is None else [number]
        return [row[0] for row in self.connection.execute("SELECT id FROM project WHERE tenant = ?", (tenant,))]

    def word(self, text: str) -> int | None:
        """The number of a text, or None."""
        number: int | None = self.connection.execute("SELECT id FROM word WHERE text = ?", (text,)).get
        return number

    def trace(self, tenant: str, project: str, trace_id: str) -> int | None:
        """The number of a trace, or None."""
        owner = self.project(tenant, project)
        if owner is None:
            return None
        query = "SELECT id FROM trace WHERE project = ? AND key = ?"
        number: int | None = self.connection.execute(query, (owner, bytes.fromhex(trace_id))).get
        return number

    def session(self, tenant: str, project: str, session: str) -> int | None:
        """The number of a session, or None."""
        owner = self.project(tenant, project)
        if owner is None:
            return None
        query = "SELECT id FROM session WHERE project = ? AND key = ?"
        number: int | None = self.connection.execute(query, (owner, session)).get
        return number


class Readers:
    """Opens a reader for each thread that asks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._local = threading.local()
        self._all: list[Reader] = []
        self._names = Names(self._connected)
        self._lock = threading.Lock()

    def reading(self, *, whole: bool = False) -> "_Reading":
        """This thread's reader, for a `with`; with `whole`, all queries inside see one moment of the store.

        That is also faster where there are two or more, because each would lock and unlock the log by itself.
        """
        return _Reading(self, whole=whole)

    def of_this_thread(self) -> Reader:
        """The reader, opened if this thread asks for the first time."""
        reader: Reader | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = self._local.reader = Reader(connect(self.folder), self._names)
            with self._lock:
                self._all.append(reader)
        return reader

    def close(self) -> None:
        """Close them all."""
        with self._lock:
            readers, self._all = self._all, []
        self._local = threading.local()
        self._names = Names(self._connected)
        for reader in readers:
            reader.connection.close()

    def _connected(self) -> apsw.Connection:
        return self.of_this_thread().connection


class _Reading:
    """What `Readers.reading` gives; a class, because a generator would cost as much as a small query."""

    __slots__ = ("_reader", "_readers", "_whole")

    def __init__(self, readers: Readers, *, whole: bool) -> None:
        self._readers = readers
        self._whole = whole
        self._reader: Reader | None = None

    def __enter__(self) -> Reader:
        try:
            reader = self._readers.of_this_thread()
            self._whole = self._whole and not reader.connection.in_transaction
            if self._whole:
                reader.connection.execute("BEGIN")
        except (apsw.Error, OSError):
            with translated(self._readers.folder):
                raise
        self._reader = reader
        return reader

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if self._whole and self._reader is not None:
            # Nothing was written, so this only says that the moment is over; after an error COMMIT may not say it.
            self._reader.connection.execute("COMMIT" if error is None else "ROLLBACK")
        if isinstance(error, apsw.Error):
            with translated(self._readers.folder):
                raise error
