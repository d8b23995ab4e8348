"""Takes in the journals of other machines, piece by piece: what is in a piece, and how much of each journal is here.

docs/format/journal-upload.md says how a sender ships them. How far each one came is written down after its frames
are kept: a server that dies in between is sent some of them again, and what comes twice counts once.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import msgspec

from agentreplay.errors import AgentReplayError, Damaged, FrameUnknown, RequestMalformed, ValueInvalid
from agentreplay.model.batch import Batch
from agentreplay.model.call import Crossing
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import Session, SessionKey
from agentreplay.model.time import DAY, Clock, Nanoseconds
from agentreplay.model.values import decode
from agentreplay.store.journal.frame import BATCH, CALL, CALL_VERSION, Frame, check_header, unpack
from agentreplay.store.journal.packing import HEADER_SIZE
from agentreplay.store.journal.writer import BATCH_VERSION

__all__ = ["FINISHED", "Piece", "Uploads", "check_journal_name", "read_piece"]

FINISHED = frozenset({"completed", "failed", "interrupted"})
"""The status of a session whose writer has told its end."""

_NAME = re.compile(r"\d{20}-\d{1,10}-[0-9a-f]{8}\.journal").fullmatch
_LEDGER = "uploads.jsonl"
_REMEMBERED = Nanoseconds(30 * DAY)
"""A journal that was not heard of for so long is forgotten; sent again, it would count once all the same."""


class Piece(NamedTuple):
    """What a piece of a journal holds."""

    frames: tuple[tuple[int, int, bytes], ...]
    """Those to keep: kind, version and payload."""
    end: int
    """The place in the journal behind the last whole frame."""
    spans: int
    sessions: tuple[Session, ...]
    """What the frames tell of sessions, in order."""
    rejected: int = 0
    problem: str = ""
    """Why the first of the rejected frames cannot be kept."""


def check_journal_name(name: str) -> None:
    """Raise ValueInvalid unless the text is a name as journals have it."""
    if _NAME(name) is None:
        raise ValueInvalid(what="the name of a journal", problem=f"{name[:80]!r} is none that a writer gives")


def read_piece(body: bytes, offset: int, tenant: TenantId) -> Piece:
    """What stands in a piece that begins at this place of its journal.

    Frames that nobody could read, or of another tenant, are rejected. Raises RequestMalformed where a frame does not
    have its checksum: it was damaged on its way, and can be sent again.
    """
    start = 0
    if offset < HEADER_SIZE:
        if offset:
            raise RequestMalformed(problem=f"it begins at byte {offset}, inside of the header of the journal")
        try:
            check_header(body, "the journal")
        except Damaged as error:
            raise RequestMalformed(problem=error.message) from error
        start = HEADER_SIZE
    frames: list[tuple[int, int, bytes]] = []
    sessions: list[Session] = []
    spans, problems = 0, list[str]()
    end = offset + start
    for frame in _frames(body, start, offset):
        end = frame.end
        try:
            told, count = _read(frame, tenant)
        except AgentReplayError as error:
            problems.append(error.message)
        else:
            frames.append((frame.kind, frame.version, frame.payload))
            sessions += told
            spans += count
    return Piece(tuple(frames), end, spans, tuple(sessions), len(problems), problems[0] if problems else "")


def _frames(body: bytes, start: int, offset: int) -> Iterator[Frame]:
    while start < len(body):
        frame = unpack(body, start, offset)
        if frame is None:
            raise RequestMalformed(problem=f"no whole frame stands at byte {offset + start} of the journal")
        yield frame
        start = frame.end - offset


def _read(frame: Frame, tenant: TenantId) -> tuple[tuple[Session, ...], int]:
    """The sessions a frame tells of, and how many spans it holds. Raises one of ours for what cannot be kept."""
    if (frame.kind, frame.version) == (BATCH, BATCH_VERSION):
        batch = decode(frame.payload, Batch)
        _check_owner(batch.tenant, tenant)
        for content in batch.contents:
            if not content.is_whole:
                raise ValueInvalid(what=f"the content {content.hash}", problem="it is not what its hash says")
        return batch.sessions, len(batch.spans)
    if (frame.kind, frame.version) == (CALL, CALL_VERSION):
        _check_owner(decode(frame.payload, Crossing).tenant, tenant)
        return (), 1
    raise FrameUnknown(kind=frame.kind, version=frame.version)


def _check_owner(found: str | None, tenant: TenantId) -> None:
    if found != tenant:
        raise ValueInvalid(what="a frame", problem=f"it belongs to the tenant {found!r}, and here is {tenant!r}")


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the ledger; of several about a journal the last one counts."""

    journal: str
    stored: int
    at: Nanoseconds
    sessions: tuple[tuple[ProjectId, SessionId], ...] = ()
    """Those that its writer began and did not end."""


class Uploads:
    """The ledger: how much of each journal is here, when its writer was heard of, what it had not finished.

    Safe to share between threads. One server writes it; what is lost of it is sent again.
    """

    def __init__(self, folder: Path, tenant: TenantId, now: Clock) -> None:
        self._path = folder / _LEDGER
        self._tenant = tenant
        self._now = now
        self._lock = Lock()
        began = Nanoseconds(now())
        self._lines = {line.journal: line for line in _read_ledger(self._path) if line.at > began - _REMEMBERED}
        # Nobody could be heard of while there was no server.
        self._heard = {name: began for name, line in self._lines.items() if line.sessions}
        self._given_up: dict[str, set[SessionKey]] = {}
        _write_ledger(self._path, self._lines.values())

    def stored(self, name: str) -> int:
        """How many bytes of the journal are here."""
        with self._lock:
            line = self._lines.get(name)
            return 0 if line is None else line.stored

    def note(self, name: str, piece: Piece) -> None:
        """Write down that the piece is kept."""
        with self._lock:
            before = self._lines.get(name)
            open_ones = dict.fromkeys(before.sessions if before else ())
            for session in piece.sessions:
                if session.status in FINISHED:
                    open_ones.pop((session.project, session.id), None)
                else:
                    open_ones[session.project, session.id] = None
            line = self._lines[name] = _Line(name, piece.end, Nanoseconds(self._now()), tuple(open_ones))
            with self._path.open("ab") as file:
                file.write(msgspec.json.encode(line) + b"\n")

    def hear(self, name: str) -> set[SessionKey]:
        """The writer lives. Returns the sessions of it that were given up, which are not any more."""
        with self._lock:
            self._heard[name] = Nanoseconds(self._now())
            return self._given_up.pop(name, set())

    def give_up(self, patience: Nanoseconds) -> list[SessionKey]:
        """The sessions that a writer left unfinished who was not heard of for so long. Each is told once."""
        with self._lock:
            now = self._now()
            silent = [name for name, heard in self._heard.items() if now - heard > patience]
            found: list[SessionKey] = []
            for name in silent:
                del self._heard[name]
                line = self._lines.get(name)
                if line is not None and line.sessions:
                    keys = {SessionKey(self._tenant, project, session) for project, session in line.sessions}
                    self._given_up[name] = keys
                    found += sorted(keys)
            return found


def _read_ledger(path: Path) -> Iterator[_Line]:
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield msgspec.json.decode(line, type=_Line)
        except msgspec.DecodeError:
            continue  # the power went while it was written


def _write_ledger(path: Path, lines: Iterable[_Line]) -> None:
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.writelines(msgspec.json.encode(line) + b"\n" for line in lines)
    draft.replace(path)
