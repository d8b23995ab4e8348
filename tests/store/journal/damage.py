"""Small journals, and what becomes of them: cut at every length, or with a flipped bit in every byte."""

import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentreplay.model.batch import Batch
from agentreplay.model.values import encode
from agentreplay.store.journal.frame import BATCH, pack
from agentreplay.store.journal.packing import FRAME_HEADER, HEADER_SIZE, file_header
from agentreplay.store.journal.writer import BATCH_VERSION
from agentreplay.testing import Maker, batch_of

__all__ = ["Spoilt", "cut", "flipped", "header_of", "journal_of", "small_batches"]


class Spoilt(NamedTuple):
    """A journal after an accident, and what must be found in it."""

    data: bytes
    whole: int
    """So many frames are before the accident."""
    end: int
    """Where the last of them ends."""
    is_cut: bool


def small_batches(seed: int) -> list[Batch]:
    """Three batches that take as many bytes for every seed."""
    make = Maker(seed)
    return [batch_of(make.span(kind="", name="", status="unset", end=None)) for _ in range(3)]


def journal_of(batches: Sequence[Batch]) -> bytes:
    return file_header() + b"".join(_frames(batches))


def cut(batches: Sequence[Batch], length: int) -> Spoilt:
    """The journal as it is when only so many bytes of it were written."""
    whole, end = _whole_before(batches, length)
    return Spoilt(journal_of(batches)[:length], whole, end, is_cut=True)


def flipped(batches: Sequence[Batch], place: int) -> Spoilt:
    """The journal with one bit of this byte the other way round."""
    data = bytearray(journal_of(batches))
    data[place] ^= 1 << place % 8
    whole, end = _whole_before(batches, place)
    return Spoilt(bytes(data), whole, end, is_cut=False)


def header_of(format_number: int, major: int = 0, minor: int = 1) -> bytes:
    """The header of a journal of any format: this part of it is the same for ever."""
    unsealed = b"ARJOURN\n" + format_number.to_bytes(2, "little") + bytes([major, minor])
    return unsealed + zlib.crc32(unsealed).to_bytes(4, "little")


def _frames(batches: Sequence[Batch]) -> Iterator[bytes]:
    for batch in batches:
        yield pack(BATCH, BATCH_VERSION, encode(batch))


def _whole_before(batches: Sequence[Batch], place: int) -> tuple[int, int]:
    """How many frames end at or before this place, and where the last of them ends."""
    whole, end = 0, HEADER_SIZE if place >= HEADER_SIZE else 0
    for frame in _frames(batches):
        assert len(frame) > FRAME_HEADER.size
        if max(end, HEADER_SIZE) + len(frame) > place:
            break
        whole, end = whole + 1, end + len(frame)
    return whole, end
