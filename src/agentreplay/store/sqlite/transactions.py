"""Transactions that write, and ours for SQLite's errors."""

import contextlib
import errno
import time
from collections.abc import Generator
from pathlib import Path

import apsw

from agentreplay.errors import (
    AgentReplayError,
    DiskFailing,
    NotAStore,
    StoreBusy,
    StoreDamaged,
    StoreFull,
    StoreReadOnly,
)

__all__ = ["DATABASE", "database_of", "explained", "translated", "writing"]

DATABASE = "agentreplay.db"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def database_of(folder: Path) -> Path:
    """The database file of a data folder."""
    return folder / DATABASE


@contextlib.contextmanager
def writing(connection: apsw.Connection, folder: Path, *, durable: bool = False) -> Generator[None]:
    """A transaction that writes, begun as such: a reader that turns writer is refused when others write.

    If `durable`, it survives the loss of power, and with it all that the connection committed before.
    """
    with translated(folder, connection), _synchronous(connection, full=durable):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            if durable:
                # Nothing is synced for a transaction that changes nothing.
                connection.pragma("user_version", connection.pragma("user_version"))
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                with contextlib.suppress(apsw.Error):
                    connection.execute("ROLLBACK")
            raise


@contextlib.contextmanager
def _synchronous(connection: apsw.Connection, *, full: bool) -> Generator[None]:
    if not full:
        yield
        return
    connection.execute("PRAGMA synchronous = FULL")
    try:
        yield
    finally:
        with contextlib.suppress(apsw.Error):
            connection.execute("PRAGMA synchronous = NORMAL")


@contextlib.contextmanager
def translated(folder: Path, connection: apsw.Connection | None = None) -> Generator[None]:
    """Raise ours for SQLite's errors; the connection knows more of some."""
    started = time.monotonic()
    try:
        yield
    except apsw.IOError as error:
        if _lacks_room(error, connection):
            raise StoreFull(path=str(folder)) from error
        raise DiskFailing(path=str(database_of(folder)), problem=str(error)) from error
    except apsw.Error as error:
        raise _translate(error, folder, time.monotonic() - started) from error
    except OSError as error:
        ours = explained(error, folder)
        if ours is None:
            raise
        raise ours from error


def explained(error: OSError, folder: Path) -> AgentReplayError | None:
    """Ours for an error of the operating system, or None where it has nothing to do with the disk."""
    problem = error.strerror or str(error)
    match error.errno:
        case number if number in _NO_ROOM:
            return StoreFull(path=str(folder))
        case errno.EROFS | errno.EACCES | errno.EPERM | errno.ENOENT | errno.ENOTDIR | errno.EEXIST:
            return StoreReadOnly(path=str(folder), problem=problem)
        case errno.EIO:
            return DiskFailing(path=error.filename or str(folder), problem=problem)
        case _:
            return None


def _lacks_room(error: apsw.IOError, connection: apsw.Connection | None) -> bool:
    """Whether it is about room: for SQLite only ENOSPC is, not a quota, and not in the index of its log."""
    if getattr(error, "extendedresult", None) == apsw.SQLITE_IOERR_SHMSIZE:
        return True
    return connection is not None and connection.system_errno in _NO_ROOM


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
        case _:
            return StoreDamaged(path=path, folder=str(folder), problem=str(error))
