"""Which sessions are being recorded: each holds the lock on a file of its own for as long as it lives.

The system gives the lock back when the process dies, however it dies; so a session whose file nobody holds and
that never told its end was interrupted.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agentreplay.folders import make_private
from agentreplay.model.batch import Batch
from agentreplay.model.session import Session, SessionKey
from agentreplay.model.time import Clock, Nanoseconds
from agentreplay.platform import lock_file

if TYPE_CHECKING:
    # Whoever records needs its own life and no store.
    from agentreplay.store.protocol import Store, Writer

__all__ = ["Life", "settle", "settle_spool"]

_FOLDER = "live"
_UNFINISHED = ".new"


class Life:
    """The life of a session that this process records."""

    def __init__(self, folder: Path, session: Session) -> None:
        self._path = folder / _FOLDER / session.id
        make_private(self._path.parent)
        # Under its own name it is never seen without its lock: whoever found it so would take us for dead.
        draft = self._path.with_name(session.id + _UNFINISHED)
        self._descriptor: int | None = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        lock_file(self._descriptor)
        os.write(self._descriptor, msgspec.json.encode(session))
        draft.replace(self._path)

    def end(self) -> None:
        """The session ended and told so."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            self._path.unlink(missing_ok=True)
            os.close(descriptor)


def settle(store: "Store", folder: Path, now: Clock) -> list[SessionKey]:
    """Mark the sessions that were interrupted, and return them. What they wrote before is visible then."""
    found: list[SessionKey] = []
    with _dead(folder / _FOLDER) as dead:
        if not dead:
            return found
        # They may have told their end a moment before they died.
        store.drain()
        for path in dead:
            session = _told(path)
            if session is not None and _is_unfinished(store, session):
                ended = msgspec.structs.replace(
                    session, status="interrupted", revision=max(now(), session.revision + 1)
                )
                store.append(Batch(sessions=(ended,)))
                found.append(session.key)
        store.drain()
        for path in dead:
            path.unlink(missing_ok=True)
    return found


def settle_spool(folder: Path, writer: "Writer") -> list[SessionKey]:
    """Mark the sessions of a spool that were interrupted, in what is shipped from it, and return them.

    No store is there to ask whether they had told their end. If they had, that is newer and counts.
    """
    found: list[SessionKey] = []
    with _dead(folder / _FOLDER) as dead:
        for session in filter(None, map(_told, dead)):
            revision = Nanoseconds(session.revision + 1)
            writer.append(Batch(sessions=(msgspec.structs.replace(session, status="interrupted", revision=revision),)))
            found.append(session.key)
        for path in dead:
            path.unlink(missing_ok=True)
    return found


@contextmanager
def _dead(folder: Path) -> Generator[list[Path]]:
    """The files of sessions whose process is gone; nobody else settles them in the meantime."""
    held: list[int] = []
    dead: list[Path] = []
    try:
        for path in sorted(folder.glob("*")):
            if path.suffix == _UNFINISHED:
                continue
            with suppress(OSError):  # it has just ended, or is another user's
                held.append(os.open(path, os.O_RDWR | os.O_CLOEXEC))
                # One that ended as it should takes its file away before it lets go of it.
                if lock_file(held[-1]) and os.path.samestat(os.fstat(held[-1]), path.stat()):
                    dead.append(path)
        yield dead
    finally:
        for descriptor in held:
            os.close(descriptor)


def _told(path: Path) -> Session | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Session)
    except (OSError, msgspec.DecodeError, ValueError):
        return None


def _is_unfinished(store: "Store", session: Session) -> bool:
    row = store.sessions.get(session.key)
    return row is None or row.session.status not in {"completed", "failed", "interrupted"}
