"""Appends batches to a journal of its own: no lock to wait for, no database to open.

A journal belongs to one process. It holds the lock on its file for as long as it may write, which is how
the indexer knows that more can come.
"""

import contextlib
import errno
import os
import secrets
import time
import weakref
from collections import OrderedDict
from pathlib import Path
from threading import Lock

import msgspec

from agentreplay.errors import AgentReplayError, JournalBroken, StoreFull, StoreReadOnly
from agentreplay.model.batch import Batch
from agentreplay.model.ids import ContentHash
from agentreplay.model.session import SessionKey
from agentreplay.model.values import encode
from agentreplay.settings import Durability
from agentreplay.store.journal.deletions import Deletions
from agentreplay.store.journal.files import REAL_FILES, Files
from agentreplay.store.journal.frame import BATCH, file_header, pack

__all__ = ["BATCH_VERSION", "JOURNAL_FOLDER", "JOURNAL_SUFFIX", "JournalWriter"]

JOURNAL_FOLDER = "journals"
JOURNAL_SUFFIX = ".journal"
BATCH_VERSION = 1
_ROLL_AT = 64 << 20
_REMEMBERED_SESSIONS = 64
_REMEMBERED_CONTENTS = 100_000
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_NO_RIGHT = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR)


class JournalWriter:
    """A Writer that appends to the journals of a data folder. Safe to share between threads and over a fork.

    With durability `process` an acknowledged batch survives the death of the process; with `power`, of the
    machine too: threads that append at the same time then share one sync.
    """

    def __init__(self, folder: Path, durability: Durability = "process", files: Files = REAL_FILES) -> None:
        self._folder = folder / JOURNAL_FOLDER
        self._durable = durability == "power"
        self._files = files
        self._written: OrderedDict[SessionKey, set[ContentHash]] = OrderedDict()
        self._start()
        _writers.add(self)

    def append(self, batch: Batch) -> None:
        """Add the batch, all or none; see Writer.append."""
        if batch.is_empty:
            return
        with self._lock:
            known, new = self._unwritten(batch)
            frame = pack(BATCH, BATCH_VERSION, encode(new))
            self._write(frame)
            if known is not None:
                known.update(content.hash for content in new.contents)
            self._appended += 1
            ticket = self._appended
        if self._durable:
            self._sync(ticket)

    def close(self) -> None:
        """Let go of the journal. Appending again opens another one."""
        with self._lock, self._sync_lock:
            self._leave()

    def _start(self) -> None:
        self._lock = Lock()
        self._sync_lock = Lock()
        self._descriptor: int | None = None
        self._path = self._folder
        self._size = 0
        self._appended = 0
        self._synced = 0
        self._deletions = Deletions(self._folder)

    def _unwritten(self, batch: Batch) -> tuple[set[ContentHash] | None, Batch]:
        """The batch without contents that this journal's process already wrote in the same session.

        Per session, because a session may be deleted while another one goes on using the same contents; and
        after any deletion everything is written again, because it may have been this session's.
        """
        if self._deletions.has_changed():
            self._written.clear()
        sessions = {SessionKey(span.tenant, span.project, span.session) for span in batch.spans}
        if not batch.contents or len(sessions) != 1:
            return None, batch
        session = sessions.pop()
        known = self._written.get(session)
        if known is None:
            known = self._written[session] = set()
            if len(self._written) > _REMEMBERED_SESSIONS:
                self._written.popitem(last=False)
        elif len(known) > _REMEMBERED_CONTENTS:
            known.clear()
        if known.isdisjoint(content.hash for content in batch.contents):
            return known, batch
        fresh = tuple(content for content in batch.contents if content.hash not in known)
        return known, msgspec.structs.replace(batch, contents=fresh)

    def _write(self, frame: bytes) -> None:
        if self._descriptor is None or self._size >= _ROLL_AT:
            self._open()
        descriptor = self._descriptor
        assert descriptor is not None
        try:
            taken = self._files.write(descriptor, frame)
            while taken < len(frame):
                taken += self._files.write(descriptor, frame[taken:])
        except OSError as error:
            self._take_back(descriptor)
            raise self._explain(error) from error
        self._size += len(frame)

    def _take_back(self, descriptor: int) -> None:
        """Cut what a failed write left, so that no frame ever follows half a frame."""
        try:
            self._files.truncate(descriptor, self._size)
        except OSError:
            self._leave()

    def _sync(self, ticket: int) -> None:
        with self._sync_lock:
            if self._synced >= ticket or self._descriptor is None:
                return
            upto = self._appended
            try:
                self._files.sync(self._descriptor)
            except OSError as error:
                # What a failed sync left behind is unknown, so nothing more is written to that file.
                self._leave()
                self._written.clear()
                raise self._explain(error) from error
            self._synced = upto

    def _open(self) -> None:
        """Begin a new journal: it gets its name when it is locked and has its header."""
        if self._descriptor is not None and self._durable:
            self._files.sync(self._descriptor)
        self._leave()
        stem = f"{time.time_ns():020d}-{os.getpid()}-{secrets.token_hex(4)}"
        fresh = self._folder / f"{stem}.new"
        path = self._folder / f"{stem}{JOURNAL_SUFFIX}"
        descriptor = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = self._files.create(fresh)
            header = file_header()
            if self._files.write(descriptor, header) != len(header):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._files.rename(fresh, path)
            if self._durable:
                self._files.sync(descriptor)
                self._files.sync_folder(self._folder)
        except OSError as error:
            if descriptor is not None:
                self._files.close(descriptor)
                with contextlib.suppress(OSError):
                    fresh.unlink()
            raise self._explain(error) from error
        self._descriptor, self._path, self._size = descriptor, path, len(header)

    def _leave(self) -> None:
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            self._files.close(descriptor)

    def _explain(self, error: OSError) -> AgentReplayError:
        if error.errno in _NO_ROOM:
            return StoreFull(path=str(self._folder.parent))
        if error.errno in _NO_RIGHT:
            return StoreReadOnly(path=str(self._folder.parent), problem=error.strerror or str(error))
        return JournalBroken(path=str(self._path), problem=error.strerror or str(error))

    def _after_fork(self) -> None:
        """A child has its own journals; the parent's locks may be held by threads that are not here."""
        if self._descriptor is not None:
            self._files.close(self._descriptor)
        self._written = OrderedDict()
        self._start()


_writers: weakref.WeakSet[JournalWriter] = weakref.WeakSet()


def _reset_writers() -> None:
    for writer in list(_writers):
        writer._after_fork()  # noqa: SLF001 - the module's own class


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_writers)
