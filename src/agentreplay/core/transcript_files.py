"""Finds the transcripts of coding agents, and reads files that others are writing."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from blake3 import blake3

from agentreplay.core.cursor_database import DATABASE, chats
from agentreplay.errors import TranscriptUnreadable
from agentreplay.intake.transcripts.cursor import CURSOR_CHAT
from agentreplay.intake.transcripts.reader import Identity, Reader

__all__ = ["Found", "beside", "find", "head_of", "pieces", "tail_of", "within"]

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
    with path.open("rb") as file:
        return file.read(_HEAD)


def tail_of(path: Path, end: int) -> bytes:
    """A digest of the bytes before a place; where the file is shorter, of nothing that could have been there."""
    with path.open("rb") as file:
        begin = max(0, end - _TAIL)
        file.seek(begin)
        data = file.read(end - begin)
    return blake3(data).digest(16) if len(data) == end - begin else b""


def pieces(path: Path, offset: int) -> Iterator[tuple[int, bytes, bool]]:
    """The file from a place on, in pieces that end with a line, each with its place; and the rest without a line's end.

    A line of any length is one piece. The file is open only while it is read.
    """
    with path.open("rb") as file:
        file.seek(offset)
        rest: list[bytes] = []
        while data := file.read(_PIECE):
            end = data.rfind(b"\n") + 1
            if end:
                piece = b"".join([*rest, data[:end]])
                yield offset, piece, False
                offset += len(piece)
                rest = []
            if end < len(data):
                rest.append(data[end:])
        if rest:
            yield offset, b"".join(rest), True


def beside(path: Path, name: str) -> bytes | None:
    """What an agent put into a file of its own, in the folder of the session."""
    file = path.with_suffix("") / "tool-results" / name
    try:
        if Path(name).name != name or file.stat().st_size > _LARGEST_BESIDE:
            return None
        return file.read_bytes()
    except OSError:
        return None


def _chat(path: Path, name: str, changed: int, data: bytes) -> Found:
    return Found(CURSOR_CHAT, path, Identity(name), len(data), changed, name, data)


def _files(path: Path, patterns: Sequence[str]) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name not in _ASIDE)
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
        except OSError:
            continue  # it was deleted just now, or is not ours to read
        if head.startswith(_DATABASE):
            if CURSOR_CHAT in readers and path.name == DATABASE:
                yield from (_chat(path, *one) for one in chats(path))
            continue
        for reader in readers:
            identity = reader.identify(path, head)
            if identity is not None:
                yield Found(reader, path, identity, status.st_size, status.st_mtime_ns)
                break
