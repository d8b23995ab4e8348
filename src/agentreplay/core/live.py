"""Which sessions are being recorded: each holds the lock on a file of its own for as long as it lives.

The system gives the lock back when the process dies, however it dies; so a session whose file nobody holds and
that never told its end was interrupted.
"""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from agentreplay.model.batch import Batch
from agentreplay.model.session import Session, SessionKey
from agentreplay.platform import lock_file
from agentreplay.store.protocol import Store

__all__ = ["Life", "settle"]

_FOLDER = "live"


class Life:
    """The life of a session that this process records."""

    def __init__(self, folder: Path, session: Session) -> None:
        self._path = folder / _FOLDER / session.id
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._descriptor: int | None = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        lock_file(self._descriptor)
        os.write(self._descriptor, msgspec.json.encode(session))

    def end(self) -> None:
        """The session ended and told so."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            self._path.unlink(missing_ok=True)
            os.close(descriptor)


def settle(store: Store, folder: Path, now: Callable[[], int]) -> list[SessionKey]:
    """Mark the sessions that were interrupted, and return them. Call it after `drain`."""
    found: list[SessionKey] = []
    for path in sorted((folder / _FOLDER).glob("*")) if (folder / _FOLDER).is_dir() else []:
        descriptor = os.open(path, os.O_RDWR)
        try:
            if not lock_file(descriptor):
                continue
            session = _told(path)
            if session is not None and _is_unfinished(store, session):
                ended = msgspec.structs.replace(session, status="interrupted", revision=now())
                store.append(Batch(sessions=(ended,)))
                found.append(session.key)
            path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue
        finally:
            os.close(descriptor)
    if found:
        store.drain()
    return found


def _told(path: Path) -> Session | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Session)
    except (msgspec.DecodeError, ValueError):
        return None


def _is_unfinished(store: Store, session: Session) -> bool:
    row = store.sessions.get(session.key)
    return row is None or row.session.status not in {"completed", "failed", "interrupted"}
