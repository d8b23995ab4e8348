"""Opens the database file, checks that it is ours and whole, and translates what SQLite complains of."""

import contextlib
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import apsw

from agentreplay.errors import (
    AgentReplayError,
    DiskFailing,
    FormatTooNew,
    NotAStore,
    StoreBusy,
    StoreDamaged,
    StoreFull,
    StoreReadOnly,
)

__all__ = ["DATABASE", "FORMAT", "connect", "create", "database_of", "translated", "writing"]

DATABASE = "agentreplay.db"
FORMAT = 1
_APPLICATION_ID = 0x41525001
_PATIENCE = 30.0
_FIRST_WITH_FORMAT = {1: "0.1.0"}
_CACHE_KIB = 64 * 1024
_WRITER_CACHE_KIB = 512 * 1024
_LOG_PAGES = 4_000


def database_of(folder: Path) -> Path:
    """The database file of a data folder."""
    return folder / DATABASE


def connect(folder: Path, *, writer: bool = False, vfs: str | None = None) -> apsw.Connection:
    """Open the store of a data folder, which must exist.

    Raises NotAStore, FormatTooNew or StoreDamaged; the file is not changed in any of these cases.
    """
    path = database_of(folder)
    with translated(folder):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs, statementcachesize=200)
        connection.set_busy_timeout(int(_PATIENCE * 1000))
        try:
            _check(connection, path)
            _tune(connection, writer=writer)
        except BaseException:
            connection.close()
            raise
    return connection


def create(folder: Path, *, vfs: str | None = None) -> None:
    """Make an empty store in the folder unless there is one; safe when several processes try at once."""
    path = database_of(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists() and path.stat().st_size:
            return
        path.touch(mode=0o600)
    except OSError as error:
        raise StoreReadOnly(path=str(folder), problem=error.strerror or str(error)) from error
    with translated(folder):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs)
        try:
            connection.set_busy_timeout(int(_PATIENCE * 1000))
            connection.execute("PRAGMA page_size = 8192")
            connection.execute("PRAGMA auto_vacuum = NONE")
            connection.execute("PRAGMA journal_mode = WAL")
            with writing(connection, folder):
                if not connection.pragma("user_version"):
                    schema = resources.files(__package__).joinpath("schema.sql").read_text("utf-8")
                    connection.execute(schema)
                    connection.pragma("application_id", _APPLICATION_ID)
                    connection.pragma("user_version", FORMAT)
        finally:
            connection.close()


@contextlib.contextmanager
def writing(connection: apsw.Connection, folder: Path) -> Iterator[None]:
    """A transaction that writes, begun as such: a reader that turns writer is refused when others write."""
    with translated(folder):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                with contextlib.suppress(apsw.Error):
                    connection.execute("ROLLBACK")
            raise


@contextlib.contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Raise ours for SQLite's errors."""
    started = time.monotonic()
    try:
        yield
    except apsw.Error as error:
        raise _translate(error, folder, time.monotonic() - started) from error


def _check(connection: apsw.Connection, path: Path) -> None:
    application, version = connection.pragma("application_id"), connection.pragma("user_version")
    if application != _APPLICATION_ID:
        raise NotAStore(path=str(path), problem="it is a database of another program")
    if version > FORMAT:
        raise FormatTooNew(
            path=str(path), found=version, known=FORMAT, version=_FIRST_WITH_FORMAT.get(version, "a later version")
        )


def _tune(connection: apsw.Connection, *, writer: bool) -> None:
    connection.execute(f"PRAGMA cache_size = -{_WRITER_CACHE_KIB if writer else _CACHE_KIB}")
    connection.execute("PRAGMA temp_store = MEMORY")
    # What the index loses with the power is still in the journals, which go only after a checkpoint.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
    connection.execute("PRAGMA secure_delete = FAST")


def _translate(error: apsw.Error, folder: Path, waited: float) -> AgentReplayError:
    path = str(database_of(folder))
    match error:
        case apsw.FullError():
            return StoreFull(path=str(folder))
        case apsw.BusyError() | apsw.LockedError():
            return StoreBusy(path=path, seconds=round(waited))
        case apsw.ReadOnlyError() | apsw.CantOpenError() | apsw.PermissionsError() | apsw.AuthError():
            return StoreReadOnly(path=str(folder), problem=str(error))
        case apsw.NotADBError():
            return NotAStore(path=path, problem="it is no database")
        case apsw.CorruptError():
            return StoreDamaged(path=path, folder=str(folder), problem=str(error))
        case apsw.IOError():
            return DiskFailing(path=path, problem=str(error))
    return StoreDamaged(path=path, folder=str(folder), problem=str(error))
