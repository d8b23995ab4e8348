"""Connections for reading: one for each thread, and what the numbers in them stand for."""

import contextlib
import threading
from collections.abc import Generator
from pathlib import Path

import apsw

from agentreplay.store.sqlite.connection import connect
from agentreplay.store.sqlite.reading import Names
from agentreplay.store.sqlite.transactions import translated

__all__ = ["Reader", "Readers"]


class Reader:
    """A connection and what its numbers stand for; belongs to one thread."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection
        self.names = Names(connection)
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
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def reading(self, *, whole: bool = False) -> Generator[Reader]:
        """This thread's reader; with `whole`, all queries inside see one moment of the store."""
        with translated(self.folder):
            reader: Reader | None = getattr(self._local, "reader", None)
            if reader is None:
                reader = Reader(connect(self.folder))
                self._local.reader = reader
                with self._lock:
                    self._all.append(reader)
            if not whole or reader.connection.in_transaction:
                yield reader
                return
            reader.connection.execute("BEGIN")
            try:
                yield reader
            finally:
                reader.connection.execute("COMMIT")

    def close(self) -> None:
        """Close them all."""
        with self._lock:
            readers, self._all = self._all, []
        self._local = threading.local()
        for reader in readers:
            reader.connection.close()
