"""Finds the transcripts of coding agents, and reads files that others are writing."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Literal, NamedTuple

from blake3 import blake3

from agentreplay.core.cursor_database import DATABASE, chats
from agentreplay.core.cursor_store import STORE, conversation
from agentreplay.core.opencode_sessions import DATABASE as OPENCODE_DATABASE
from agentreplay.core.opencode_sessions import is_in_folder, session_in_folder, sessions_in_database
from agentreplay.core.packed_files import BROKEN, is_packed, opened, unpacked_name
from agentreplay.errors import TranscriptUnreadable
from agentreplay.intake.transcripts.cursor import CURSOR_CHAT
from agentreplay.intake.transcripts.cursor_store import CURSOR_STORE
from agentreplay.intake.transcripts.opencode import OPENCODE, OPENCODE_STORE
from agentreplay.intake.transcripts.reader import Identity, Reader

__all__ = ["LONGEST_LINE", "Found", "Piece", "beside", "find", "head_of", "pieces", "tail_of", "within"]

LONGEST_LINE = 32 << 20
"""More than any agent sends or gets at once."""

_HEAD = 64 << 10
_TAIL = 4 << 10
_PIECE = 4 << 20
_LARGEST_BESIDE = 64 << 20
_DATABASE = b"SQLite format 3\0"
_ASIDE = frozenset({".git", "node_modules", "__pycache__"})


class Found(NamedTuple):
    """A transcript, and what it tells of."""

    reader: Reader
    path: Path
    identity: Identity
    size: int
    changed: int
    chat: str = ""
    """Which chat of a database it is; the others are files of their own."""
    data: bytes | None = None
    """What stands in it, where it is no file."""

    @property
    def name(self) -> str:
        """What it is called in the ledger."""
        return f"{self.path}#{self.chat}" if self.chat else str(self.path)


class Piece(NamedTuple):
    """A piece of a file of lines, with its place."""

    offset: int
    data: bytes
    kind: Literal["lines", "part", "rest"]
    """Whole lines; a part of a line that is too long; or what stands behind the last line's end."""


def find(readers: Sequence[Reader], path: Path | None, home: Path, environment: Mapping[str, str]) -> Iterator[Found]:
    """The transcripts in a file or a folder, or where the agents keep them. Raises TranscriptUnreadable for the path.

    Those of sub-agents come behind those of their sessions, which know who called them.
    """
    found: list[Found] = []
    if path is not None:
        if not path.exists():
            raise TranscriptUnreadable(path=str(path), problem="there is no such file or folder")
        found += _recognised(readers, _files(path, ("**/*",)))
    else:
        for reader in readers:
            for folder in reader.homes(home, environment):
                found += _recognised([reader], _files(folder, reader.patterns()))
    found.sort(key=lambda one: (bool(one.identity.thread), one.identity.born, one.path))
    return iter(found)


def within(reader: Reader, path: Path) -> Found | None:
    """The transcript at a path, if this reader knows it."""
    return next(_recognised([reader], [path]), None)


def head_of(path: Path) -> bytes:
    """How a file begins."""
    with opened(path) as file:
        return file.read(_HEAD)


def tail_of(path: Path, end: int) -> bytes:
    """A digest of the bytes before a place; where the file is shorter, of nothing that could have been there."""
    with opened(path) as file:
        begin = max(0, end - _TAIL)
        file.seek(begin)
        data = file.read(end - begin)
    return blake3(data).digest(16) if len(data) == end - begin else b""


def pieces(path: Path, offset: int) -> Iterator[Piece]:
    """The file from a place on, in pieces that end with a line; and the rest without a line's end.

    What is longer than LONGEST_LINE is no line that anybody wrote, though a small compressed file may well hold one:
    it comes in pieces of that length, of which none is larger in memory. The file is open only while it is read.
    """
    with opened(path) as file:
        file.seek(offset)
        held = bytearray()
        while data := file.read(_PIECE):
            first = data.find(b"\n")
            first = len(held) + (len(data) if first < 0 else first)
            held += data
            while first > LONGEST_LINE:
                yield Piece(offset, bytes(held[:LONGEST_LINE]), "part")
                del held[:LONGEST_LINE]
                offset, first = offset + LONGEST_LINE, first - LONGEST_LINE
            if end := held.rfind(b"\n") + 1:
                yield Piece(offset, bytes(held[:end]), "lines")
                del held[:end]
                offset += end
        if held:
            yield Piece(offset, bytes(held), "rest")


def beside(path: Path, name: str) -> bytes | None:
    """What an agent put into a file of its own, in the folder of the session."""
    file = path.with_suffix("") / "tool-results" / name
    try:
        if Path(name).name != name or file.stat().st_size > _LARGEST_BESIDE:
            return None
        return file.read_bytes()
    except OSError:
        return None


def _in_database(readers: Sequence[Reader], path: Path) -> Iterator[Found]:
    """The conversations in a database, each a document of its own."""
    reader: Reader
    if CURSOR_CHAT in readers and path.name == DATABASE:
        reader, told = CURSOR_CHAT, chats(path)
    elif CURSOR_STORE in readers and path.name == STORE:
        reader, told = CURSOR_STORE, conversation(path)
    elif OPENCODE_STORE in readers and path.name == OPENCODE_DATABASE:
        reader, told = OPENCODE_STORE, sessions_in_database(path)
    else:
        return
    for name, changed, data in told:
        identity = reader.identify(PurePath(f"{name}.json"), data[:_HEAD]) or Identity(name)
        yield Found(reader, path, identity, len(data), changed, name, data)


def _in_folder(path: Path, changed: int) -> Iterator[Found]:
    """A session of OpenCode whose messages lie in files of their own."""
    data = session_in_folder(path)
    identity = None if data is None else OPENCODE.identify(path, data[:_HEAD])
    if data is not None and identity is not None:
        yield Found(OPENCODE, path, identity, len(data), changed, data=data)


def _files(path: Path, patterns: Sequence[str]) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    is_deep = any("/" in pattern for pattern in patterns)
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if is_deep and name not in _ASIDE)
        for name in sorted(names):
            file = Path(folder, name)
            if any(_fits(file.relative_to(path), pattern) for pattern in patterns):
                yield file


def _fits(path: Path, pattern: str) -> bool:
    """Whether a relative path is one that `glob` would find; `**/` also stands for no folder at all."""
    return path.match(pattern) or path.match(pattern.removeprefix("**/"))


def _recognised(readers: Sequence[Reader], paths: Iterator[Path] | Sequence[Path]) -> Iterator[Found]:
    for path in paths:
        try:
            status, head = path.stat(), head_of(path)
        except BROKEN:
            continue  # it was deleted just now, is not ours to read, or is compressed in another way
        if head.startswith(_DATABASE):
            yield from _in_database(readers, path)
            continue
        if OPENCODE in readers and is_in_folder(path):
            yield from _in_folder(path, status.st_mtime_ns)
            continue
        for reader in readers:
            identity = reader.identify(unpacked_name(path), head)
            if identity is not None and (reader.is_lines or not is_packed(path)):
                yield Found(reader, path, identity, status.st_size, status.st_mtime_ns)
                break
