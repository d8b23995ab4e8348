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
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import msgspec

from agentreplay.errors import AgentReplayError, JournalBroken, StoreFull, StoreReadOnly
from agentreplay.folders import make_private
from agentreplay.model.batch import Batch
from agentreplay.model.ids import ContentHash
from agentreplay.model.values import encode
from agentreplay.settings import Durability
from agentreplay.store.journal.deletions import Deletions
from agentreplay.store.journal.files import REAL_FILES, Files
from agentreplay.store.journal.frame import BATCH, pack
from agentreplay.store.journal.packing import JOURNAL_FOLDER, JOURNAL_SUFFIX, file_header

__all__ = ["BATCH_VERSION", "DAMAGED_SUFFIX", "JournalWriter"]

DAMAGED_SUFFIX = ".damaged"
BATCH_VERSION = 1
_ROLL_AT = 64 << 20
_REMEMBERED_SESSIONS = 64
_REMEMBERED_CONTENTS = 100_000
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_RIGHT = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR)


class _Journal:
    """A file this process appends to."""

    def __init__(self, descriptor: int, path: Path, size: int) -> None:
        self.descriptor = descriptor
        self.path = path
        self.size = size
        self.frames = 0
        self.synced = 0
        """So many of the frames survive the loss of power."""
        self.is_broken = False
        """Whether a sync failed: what it left behind is unknown, so nothing more may be written there."""


class JournalWriter:
    """A Writer that appends to the journals of a data folder. Safe to share between threads and over a fork.

    With durability `process` an acknowledged batch survives the death of the process; with `power`, of the
    machine too: threads that append at the same time then share one sync.
    """

    def __init__(self, folder: Path, durability: Durability = "process", files: Files = REAL_FILES) -> None:
        self._folder = folder / JOURNAL_FOLDER
        self._durable = durability == "power"
        self._files = files
        self._start()
        _writers.add(self)

    def append(self, batch: Batch) -> None:
        """Add the batch, all or none; see Writer.append."""
        if batch.is_empty:
            return
        with self._lock:
            if self._journal is not None and self._journal.is_broken:
                self._leave_broken()
            if self._deletions.has_changed():
                # Contents are left out per session, because one may be deleted while another goes on using the same;
                # and after any deletion everything is written again, because it may have been this session's.
                self._written.clear()
            known = self._known_contents(batch) if batch.contents else None
            if known is None:
                journal = self._write(pack(BATCH, BATCH_VERSION, encode(batch)))
            else:
                journal = self._write_unknown(batch, known)
            ticket = journal.frames
        if self._durable:
            self._sync(journal, ticket)

    def append_payloads(self, kind: int, version: int, payloads: Sequence[bytes]) -> None:
        """Append frames of another kind than batches, each whole or not at all; one sync serves them all.

        When this raises, some of them may be kept nonetheless.
        """
        self.append_frames([(kind, version, payload) for payload in payloads])

    def append_frames(self, frames: Sequence[tuple[int, int, bytes]]) -> None:
        """As `append_payloads`, for frames of several kinds: each with its kind, its version and its payload."""
        if not frames:
            return
        with self._lock:
            if self._journal is not None and self._journal.is_broken:
                self._leave_broken()
            *first, last = frames
            for frame in first:
                self._write(pack(*frame))
            journal = self._write(pack(*last))
            ticket = journal.frames
        if self._durable:
            self._sync(journal, ticket)

    def close(self) -> None:
        """Let go of the journal. Appending again opens another one."""
        with self._lock:
            self._leave()
            self._deletions.close()

    def _start(self) -> None:
        self._lock = Lock()
        self._sync_lock = Lock()
        """Taken after the other one if both are."""
        self._journal: _Journal | None = None
        self._written: OrderedDict[tuple[str, str, str], set[ContentHash]] = OrderedDict()
        self._deletions = Deletions(self._folder)

    def _known_contents(self, batch: Batch) -> set[ContentHash] | None:
        """What this process already wrote of the session of the batch; None where it is of several or of none."""
        session = _only_session(batch)
        if session is None:
            return None
        known = self._written.get(session)
        if known is None:
            known = self._written[session] = set()
            if len(self._written) > _REMEMBERED_SESSIONS:
                self._written.popitem(last=False)
        elif len(known) > _REMEMBERED_CONTENTS:
            known.clear()
        return known

    def _write_unknown(self, batch: Batch, known: set[ContentHash]) -> _Journal:
        """Write the batch without the contents that are known, and remember those it has."""
        contents = batch.contents
        hashes = [content.hash for content in contents]
        if known.isdisjoint(hashes):
            journal = self._write(pack(BATCH, BATCH_VERSION, encode(batch)))
        else:
            new = tuple([content for content in contents if content.hash not in known])
            smaller = msgspec.structs.replace(batch, contents=new)
            journal = self._write(pack(BATCH, BATCH_VERSION, encode(smaller)))
            if self._deletions.has_changed():
                # What was left out may be going right now, and the deletion may not have seen this frame.
                self._written.clear()
                return self._write(pack(BATCH, BATCH_VERSION, encode(batch)))
        known.update(hashes)
        return journal

    def _leave_broken(self) -> None:
        self._leave()
        self._written.clear()

    def _write(self, frame: bytes) -> _Journal:
        journal = self._journal
        if journal is None or journal.size >= _ROLL_AT:
            journal = self._journal = self._roll()
        size = len(frame)
        try:
            taken = self._files.write(journal.descriptor, frame)
            while taken < size:
                taken += self._files.write(journal.descriptor, frame[taken:])
            journal.size += size
            journal.frames += 1
        except OSError as error:
            self._take_back(journal)
            raise self._explain(error, journal.path) from error
        except BaseException:
            # Interrupted at a place we do not know, so that a frame behind it might follow half a frame.
            self._leave()
            raise
        return journal

    def _roll(self) -> _Journal:
        """The next journal, with the one before left behind."""
        if self._journal is not None:
            if self._durable:
                self._sync(self._journal, self._journal.frames)
            self._leave()
        return self._open()

    def _take_back(self, journal: _Journal) -> None:
        """Cut what a failed write left, so that no frame ever follows half a frame."""
        try:
            self._files.truncate(journal.descriptor, journal.size)
        except OSError:
            self._leave()

    def _sync(self, journal: _Journal, ticket: int) -> None:
        """Return when so many frames of the journal survive the loss of power, or raise for each that may not."""
        with self._sync_lock:
            if journal.synced >= ticket:
                return
            if journal.is_broken:
                raise JournalBroken(path=str(journal.path), problem="an earlier sync of it failed")
            upto = journal.frames
            try:
                self._files.sync(journal.descriptor)
            except OSError as error:
                journal.is_broken = True
                raise self._explain(error, journal.path) from error
            journal.synced = upto

    def _open(self) -> _Journal:
        """Begin a new journal: it gets its name when it is locked and has its header."""
        stem = f"{time.time_ns():020d}-{os.getpid()}-{secrets.token_hex(4)}"
        fresh = self._folder / f"{stem}.new"
        path = self._folder / f"{stem}{JOURNAL_SUFFIX}"
        descriptor = None
        try:
            make_private(self._folder)
            descriptor = self._files.create(fresh)
            size = self._write_header(descriptor)
            self._files.rename(fresh, path)
            if self._durable:
                self._files.sync(descriptor)
                self._sync_names()
        except OSError as error:
            if descriptor is not None:
                self._files.close(descriptor)
                with contextlib.suppress(OSError):
                    fresh.unlink()
            raise self._explain(error, path) from error
        return _Journal(descriptor, path, size)

    def _write_header(self, descriptor: int) -> int:
        header = file_header()
        if self._files.write(descriptor, header) != len(header):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return len(header)

    def _sync_names(self) -> None:
        """The journal must be found again, and the folders it lies in, which may be as new."""
        for folder in (self._folder, self._folder.parent):
            self._files.sync_folder(folder)
        with contextlib.suppress(PermissionError):
            self._files.sync_folder(self._folder.parent.parent)

    def _leave(self) -> None:
        """Close the journal. Whoever still waits for it to be synced is told so or gets an error of their own."""
        journal, self._journal = self._journal, None
        if journal is None:
            return
        if self._durable:
            with contextlib.suppress(AgentReplayError):
                self._sync(journal, journal.frames)
        with self._sync_lock:
            self._files.close(journal.descriptor)

    def _explain(self, error: OSError, path: Path) -> AgentReplayError:
        if error.errno in _NO_ROOM:
            return StoreFull(path=str(self._folder.parent))
        problem = error.strerror or str(error)
        if error.errno in _NO_RIGHT:
            return StoreReadOnly(path=str(self._folder.parent), problem=problem)
        return JournalBroken(path=str(path), problem=problem)

    def after_fork(self) -> None:
        """A child has its own journals; the parent's locks may be held by threads that are not here."""
        if self._journal is not None:
            self._files.close(self._journal.descriptor)
        self._start()


def _only_session(batch: Batch) -> tuple[str, str, str] | None:
    """The session all spans of the batch belong to, or None; most batches have one span."""
    spans = batch.spans
    if not spans:
        return None
    first = spans[0]
    session = (first.tenant, first.project, first.session)
    if len(spans) > 1 and any((span.tenant, span.project, span.session) != session for span in spans):
        return None
    return session


_writers: weakref.WeakSet[JournalWriter] = weakref.WeakSet()


def _reset_writers() -> None:
    for writer in list(_writers):
        writer.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_writers)
