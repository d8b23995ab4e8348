"""Opens the database file, and checks that it is ours and of a format we know."""

import contextlib
import time
from importlib import resources
from pathlib import Path

import apsw

from agentreplay.errors import FormatTooNew, NotAStore, StoreBusy, StoreReadOnly
from agentreplay.folders import make_private
from agentreplay.platform import sync_data, sync_folder
from agentreplay.store.sqlite.lock import locked
from agentreplay.store.sqlite.migrate import migrate, migrations
from agentreplay.store.sqlite.transactions import database_of, explained, translated, writing

__all__ = ["FORMAT", "connect", "create"]

FORMAT = 1
_APPLICATION_ID = 0x41525001
_PATIENCE = 30.0
_PAUSE = 0.005
_CACHE_KIB = 1024
"""Of a reader. Memory that SQLite takes for the first time costs more than to copy a page once more from that of
the operating system, which has them all; and each thread of a server has a reader of its own."""
_WRITER_CACHE_KIB = 64 * 1024
"""Of the one that indexes: eight times as much of it saves three hundredths of the time."""
_STATEMENTS, _WRITER_STATEMENTS = 200, 64
"""So many are kept ready. They are searched one by one for each row that is written."""
_LOG_PAGES = 16_000


def connect(folder: Path, *, writer: bool = False, vfs: str | None = None) -> apsw.Connection:
    """Open the store of a data folder, which must exist.

    Raises NotAStore, FormatTooNew or StoreDamaged; the file is not changed in any of these cases.
    """
    path = database_of(folder)
    with translated(folder):
        kept = _WRITER_STATEMENTS if writer else _STATEMENTS
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs, statementcachesize=kept)
        connection.set_busy_timeout(int(_PATIENCE * 1000))
        try:
            if _check(connection, path) < FORMAT:
                migrate(connection, folder, FORMAT, migrations())
                _check(connection, path)
            _tune(connection, writer=writer)
        except BaseException:
            # Whoever closes a database last moves its log into the file, which may be none of our business.
            log = path.with_name(f"{path.name}-wal")
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, log.exists() and log.stat().st_size > 0)
            connection.close()
            raise
    return connection


def create(folder: Path) -> None:
    """Make an empty store in the folder unless there is one; safe when several processes try at once, or die."""
    path = database_of(folder)
    try:
        make_private(folder)
        deadline = time.monotonic() + _PATIENCE
        while not (path.exists() and path.stat().st_size):
            with locked(folder) as ours:
                if ours:
                    _create(folder, path)
                    return
            if time.monotonic() > deadline:
                raise StoreBusy(path=str(path), seconds=round(_PATIENCE))
            time.sleep(_PAUSE)
    except OSError as error:
        raise explained(error, folder) or StoreReadOnly(path=str(folder), problem=str(error)) from error


def _create(folder: Path, path: Path) -> None:
    """Build the database under another name, so that it is never there by half. The caller holds the lock."""
    if path.exists() and path.stat().st_size:
        return
    fresh = path.with_suffix(".new")
    # A log that a database of this name left behind would be taken for ours.
    for name in (fresh.name, *(f"{base.name}-{end}" for base in (fresh, path) for end in ("journal", "wal", "shm"))):
        folder.joinpath(name).unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    with translated(folder):
        connection = apsw.Connection(str(fresh), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            connection.execute("PRAGMA page_size = 8192")
            connection.execute("PRAGMA auto_vacuum = NONE")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA journal_mode = OFF")
            with writing(connection, folder):
                connection.execute(
                    resources.files("agentreplay.store.sqlite").joinpath("schema.sql").read_text("utf-8")
                )
                connection.pragma("application_id", _APPLICATION_ID)
                connection.pragma("user_version", FORMAT)
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()
    with fresh.open("rb+") as file:
        sync_data(file.fileno())
    fresh.replace(path)
    for changed in (folder, folder.parent):
        with contextlib.suppress(PermissionError):
            sync_folder(changed)


def _check(connection: apsw.Connection, path: Path) -> int:
    """The format of the file."""
    application, version = connection.pragma("application_id"), connection.pragma("user_version")
    if application != _APPLICATION_ID:
        raise NotAStore(path=str(path), problem="it is a database of another program")
    if version > FORMAT:
        raise FormatTooNew(path=str(path), found=version, known=FORMAT, version=_reader_of(connection))
    return int(version)


def _reader_of(connection: apsw.Connection) -> str:
    """The first version that reads the format of the file."""
    with contextlib.suppress(apsw.Error):
        return str(connection.execute("SELECT value FROM meta WHERE key = 'readable from'").get or "a later version")
    return "a later version"


def _tune(connection: apsw.Connection, *, writer: bool) -> None:
    connection.execute(f"PRAGMA cache_size = -{_WRITER_CACHE_KIB if writer else _CACHE_KIB}")
    connection.execute("PRAGMA temp_store = MEMORY")
    # Without this, SQLite looks at bound values because of the partial indexes, and plans most queries anew.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    # What the index loses with the power is still in the journals, which go only after a checkpoint.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
    connection.execute("PRAGMA secure_delete = FAST")
