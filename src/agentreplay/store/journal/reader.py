"""Reads the whole frames of a journal, and says how the journal ends."""

import contextlib
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NamedTuple

from agentreplay.errors import Damaged, NotAStore
from agentreplay.platform import lock_file
from agentreplay.store.journal.frame import Frame, check_header, missing, unpack
from agentreplay.store.journal.packing import FRAME_HEADER, HEADER_SIZE, JOURNAL_FOLDER, JOURNAL_SUFFIX

__all__ = ["Ending", "claim", "ending_of", "is_readable", "journals_in", "read_frames", "read_header", "sizes_in"]

_CHUNK = 1 << 20


class Ending(NamedTuple):
    """How a journal ends that nobody writes any more."""

    read: int
    """Up to where whole frames stand."""
    lost: int = 0
    """Bytes behind that which belong to no whole frame."""
    problem: str = ""
    """Why they do not."""
    is_damaged: bool = False
    """Whether it is more than a last write that was cut short."""


def journals_in(folder: Path) -> list[Path]:
    """The journals of a data folder, oldest first."""
    try:
        return sorted((folder / JOURNAL_FOLDER).glob(f"*{JOURNAL_SUFFIX}"))
    except FileNotFoundError:
        return []


def sizes_in(folder: Path) -> dict[str, int]:
    """How long the journals of a data folder are."""
    sizes: dict[str, int] = {}
    for path in journals_in(folder):
        with contextlib.suppress(FileNotFoundError):
            sizes[path.name] = path.stat().st_size
    return sizes


def read_header(path: Path) -> None:
    """Raise NotAStore or FormatTooNew unless the journal is one we can read."""
    with path.open("rb") as file:
        check_header(file.read(HEADER_SIZE), str(path))


def is_readable(path: Path) -> bool:
    """A journal of a newer version is left for that version, and another user's for that user."""
    try:
        read_header(path)
    except (OSError, Damaged):
        return False
    return True


def read_frames(path: Path, offset: int = 0, until: int | None = None) -> Iterator[Frame]:
    """The whole frames from `offset` on, which begin before `until`, in order.

    Ends in silence at the first place where no whole frame stands: there the writer is still writing, or
    was stopped, or the file is damaged. Compare the last frame's end with the size of the file.
    """
    with path.open("rb") as file:
        if offset < HEADER_SIZE:
            check_header(file.read(HEADER_SIZE), str(path))
            offset = HEADER_SIZE
        file.seek(offset)
        data, start = b"", 0
        while until is None or offset < until:
            frame = unpack(data, start, offset - start)
            if frame is None:
                lacking = missing(data, start)
                more = file.read(max(_CHUNK, lacking)) if lacking else b""
                if not more:
                    return
                data, start = data[start:] + more, 0
                continue
            yield frame
            start += frame.end - offset
            offset = frame.end


def claim(path: Path) -> contextlib.AbstractContextManager[bool]:
    """Whether the journal's writer is gone. While the context lasts, nobody else can find that out."""
    return _claim(path)


@contextlib.contextmanager
def _claim(path: Path) -> Generator[bool]:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        yield False
        return
    try:
        yield lock_file(descriptor)
    finally:
        os.close(descriptor)


def ending_of(path: Path, offset: int) -> Ending:
    """How the journal ends; call it only while it is claimed. Raises FormatTooNew."""
    size = path.stat().st_size
    if not size:
        return Ending(0)
    try:
        read_header(path)
    except NotAStore as error:
        # A header is written before a journal has its name, so only the loss of power leaves half of one.
        return Ending(0, size, str(error.facts["problem"]), is_damaged=size >= HEADER_SIZE)
    read = max(offset, HEADER_SIZE)
    for frame in read_frames(path, offset):
        read = frame.end
    if read >= size:
        return Ending(read)
    if _is_cut(path, read):
        return Ending(read, size - read, "the last write was cut short")
    return Ending(read, size - read, "the checksum of a frame is wrong", is_damaged=True)


def _is_cut(path: Path, offset: int) -> bool:
    """Whether the file ends before the frame at `offset` does."""
    with path.open("rb") as file:
        file.seek(offset)
        lacking = missing(file.read(FRAME_HEADER.size), 0)
    return lacking is not None and lacking > path.stat().st_size - offset - FRAME_HEADER.size
