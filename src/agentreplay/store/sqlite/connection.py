"""Opens the database file, and checks that it is ours and of a format we know."""

from importlib import resources
from pathlib import Path

import apsw

from agentreplay.errors import FormatTooNew, NotAStore, StoreReadOnly
from agentreplay.store.sqlite.migrate import migrate, migrations
from agentreplay.store.sqlite.transactions import database_of, translated, writing

__all__ = ["FORMAT", "connect", "create"]

FORMAT = 1
_APPLICATION_ID = 0x41525001
_PATIENCE = 30.0
_FIRST_WITH_FORMAT = {1: "0.1.0"}
_CACHE_KIB = 64 * 1024
_WRITER_CACHE_KIB = 512 * 1024
_LOG_PAGES = 4_000


def connect(folder: Path, *, writer: bool = False, vfs: str | None = None) -> apsw.Connection:
    """Open the store of a data folder, which must exist.

    Raises NotAStore, FormatTooNew or StoreDamaged; the file is not changed in any of these cases.
    """
    path = database_of(folder)
    with translated(folder):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs, statementcachesize=200)
        connection.set_busy_timeout(int(_PATIENCE * 1000))
        try:
            version = _check(connection, path)
            if version < FORMAT:
                migrate(connection, folder, FORMAT, migrations())
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


def _check(connection: apsw.Connection, path: Path) -> int:
    """The format of the file."""
    application, version = connection.pragma("application_id"), connection.pragma("user_version")
    if application != _APPLICATION_ID:
        raise NotAStore(path=str(path), problem="it is a database of another program")
    if version > FORMAT:
        raise FormatTooNew(
            path=str(path),
            found=version,
            known=FORMAT,
            version=_FIRST_WITH_FORMAT.get(version, "a later version"),
        )
    return int(version)


def _tune(connection: apsw.Connection, *, writer: bool) -> None:
    connection.execute(f"PRAGMA cache_size = -{_WRITER_CACHE_KIB if writer else _CACHE_KIB}")
    connection.execute("PRAGMA temp_store = MEMORY")
    # What the index loses with the power is still in the journals, which go only after a checkpoint.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
    connection.execute("PRAGMA secure_delete = FAST")
