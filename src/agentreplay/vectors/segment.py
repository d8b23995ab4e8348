"""A file of vectors that never grows: mapped into memory, searched by list, replaced by others in time.

Rows stand list by list, so that a question reads few places. What docs/format/vectors.md draws is written and read
here, and nowhere else.
"""

import math
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self, TypeVar

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from agentreplay.errors import VectorsDamaged
from agentreplay.platform import sync_data
from agentreplay.vectors.quantiser import code_words

__all__ = ["Layout", "Piece", "Rows", "Section", "Segment", "write_array", "write_segment"]

_MAGIC = b"ARvector"
_HEADER = struct.Struct("<8sIIQQ32s")
_VERSION = 1
_ALIGNED = 64

Rows = NDArray[np.int64]


_Number = TypeVar("_Number", bound=np.generic)


class Section(NamedTuple):
    """Where an array begins in the file."""

    place: int
    kind: type[np.generic]
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """In bytes."""
        return math.prod(self.shape) * np.dtype(self.kind).itemsize


class Layout(NamedTuple):
    """How large a segment is."""

    rows: int
    dimensions: int
    lists: int
    """0 where no quantiser is: then there are no codes either."""

    def sections(self) -> tuple[dict[str, Section], int]:
        """Where everything stands, and the size of the whole file."""
        words = code_words(self.dimensions) if self.lists else 0
        shapes: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
            "offsets": (np.uint64, (self.lists + 1,)),
            "keys": (np.uint64, (self.rows,)),
            "sorted_keys": (np.uint64, (self.rows,)),
            "sorted_rows": (np.uint32, (self.rows,)),
            "codes": (np.uint64, (self.rows, words)),
            "vectors": (np.float16, (self.rows, self.dimensions)),
        }
        found: dict[str, Section] = {}
        place = _aligned(_HEADER.size)
        for name, (kind, shape) in shapes.items():
            found[name] = Section(place, kind, shape)
            place += _aligned(found[name].size)
        return found, place

    def header(self) -> bytes:
        """The first bytes of the file."""
        plain = _HEADER.pack(_MAGIC, _VERSION, self.dimensions, self.rows, self.lists, b"")
        return plain[:-32] + blake3(plain[:-32]).digest()

    @classmethod
    def read(cls, path: Path) -> Self:
        """That of a file, whose header and size are proven."""
        try:
            with path.open("rb") as file:
                head = file.read(_HEADER.size)
                size = os.fstat(file.fileno()).st_size
            magic, version, dimensions, rows, lists, _ = _HEADER.unpack(head)
        except struct.error as error:
            raise VectorsDamaged(place=str(path.parent), problem=f"{path.name} is cut off") from error
        layout = cls(rows, dimensions, lists)
        if (magic, version) != (_MAGIC, _VERSION) or layout.header() != head or layout.sections()[1] != size:
            raise VectorsDamaged(place=str(path.parent), problem=f"{path.name} is not whole")
        return layout


class Segment:
    """One such file, and which of its rows count here and now."""

    def __init__(self, path: Path, gone: Path | None = None) -> None:
        self.path = path
        self.layout = Layout.read(path)
        self._mapped = np.memmap(path, np.uint8, "r")
        self.offsets = self._section("offsets", np.uint64).astype(np.int64)
        self.keys = self._section("keys", np.uint64)
        self.codes = self._section("codes", np.uint64)
        self._vectors = self._section("vectors", np.float16)
        self._sorted_keys = self._section("sorted_keys", np.uint64)
        self._sorted_rows = self._section("sorted_rows", np.uint32)
        self._alive: NDArray[np.bool_] | None = None
        self._exact: NDArray[np.float32] | None = None
        self.dead = 0
        if gone is not None:
            self.hide(self._read_gone(gone))

    def __len__(self) -> int:
        return self.layout.rows - self.dead

    def _section(self, name: str, kind: type[_Number]) -> NDArray[_Number]:
        section = self.layout.sections()[0][name]
        bytes_ = np.asarray(self._mapped[section.place : section.place + section.size])
        return bytes_.view(kind).reshape(section.shape)

    def _read_gone(self, path: Path) -> Rows:
        rows = np.fromfile(path, np.uint32).astype(np.int64)
        if rows.size and rows.max() >= self.layout.rows:
            raise VectorsDamaged(place=str(path.parent), problem=f"{path.name} is not of {self.path.name}")
        return rows

    def hide(self, rows: Rows) -> None:
        """Let rows not count from now on, as long as this process has the segment open."""
        if not rows.size:
            return
        if self._alive is None:
            self._alive = np.ones(self.layout.rows, np.bool_)
        self._alive[rows] = False
        self.dead = self.layout.rows - int(np.count_nonzero(self._alive))

    @property
    def gone(self) -> Rows:
        """The rows that do not count."""
        return np.empty(0, np.int64) if self._alive is None else np.flatnonzero(~self._alive)

    @property
    def living(self) -> Rows:
        """The rows that count."""
        return np.arange(self.layout.rows) if self._alive is None else np.flatnonzero(self._alive)

    def find(self, keys: NDArray[np.uint64]) -> Rows:
        """The rows of those keys that count here, in no order."""
        if not keys.size or not self.layout.rows:
            return np.empty(0, np.int64)
        places = np.minimum(np.searchsorted(self._sorted_keys, keys), self.layout.rows - 1)
        return self.counting(self._sorted_rows[places[self._sorted_keys[places] == keys]].astype(np.int64))

    def counting(self, rows: Rows) -> Rows:
        """Those of the rows that count."""
        return rows if self._alive is None else np.asarray(rows[self._alive[rows]], np.int64)

    def rows_of(self, lists: Rows) -> Rows:
        """The rows that count in some of the lists."""
        starts = self.offsets[lists]
        counts = self.offsets[lists + 1] - starts
        ends: Rows = np.cumsum(counts)
        begins: Rows = np.repeat(starts - (ends - counts), counts)
        return self.counting(np.arange(len(begins)) + begins)

    def list_of_rows(self) -> NDArray[np.int64]:
        """The list each row stands in."""
        return np.repeat(np.arange(self.layout.lists), np.diff(self.offsets))

    def vectors(self, rows: Rows) -> NDArray[np.float32]:
        """The full vectors of rows."""
        return self._vectors[rows].astype(np.float32)

    def exact(self) -> NDArray[np.float32]:
        """All full vectors, kept in memory from the first question on: only for what is small."""
        if self._exact is None:
            self._exact = self._vectors.astype(np.float32)
        return self._exact

    def wipe(self) -> None:
        """Write zeros over what is gone, on the disk. Doing it again is harmless."""
        rows = self.gone
        sections, _ = self.layout.sections()
        for name in ("codes", "vectors"):
            section = sections[name]
            if section.size:
                mapped = np.memmap(self.path, section.kind, "r+", section.place, section.shape)
                mapped[rows] = 0
                mapped.flush()
        self._exact = None


class Piece(NamedTuple):
    """A part of the rows of a new segment, in their order there."""

    codes: NDArray[np.uint64]
    vectors: NDArray[np.float16]


def write_segment(
    path: Path, layout: Layout, offsets: NDArray[np.int64], keys: NDArray[np.uint64], pieces: Iterable[Piece]
) -> None:
    """Write a segment; when this returns, its bytes survive the loss of power. It counts once a manifest names it."""
    sections, size = layout.sections()
    order = np.argsort(keys, kind="stable")
    with path.open("wb") as file:
        file.truncate(size)
        file.write(layout.header())
        _put(file, sections["offsets"].place, offsets.astype(np.uint64))
        _put(file, sections["keys"].place, keys)
        _put(file, sections["sorted_keys"].place, keys[order])
        _put(file, sections["sorted_rows"].place, order.astype(np.uint32))
        code_place, vector_place = sections["codes"].place, sections["vectors"].place
        for piece in pieces:
            code_place = _put(file, code_place, piece.codes)
            vector_place = _put(file, vector_place, piece.vectors)
        file.flush()
        sync_data(file.fileno())


def write_array(path: Path, *arrays: NDArray[np.generic]) -> None:
    """Write a file of nothing but numbers, as durably."""
    with path.open("wb") as file:
        for array in arrays:
            file.write(np.ascontiguousarray(array).data)
        file.flush()
        sync_data(file.fileno())


def _aligned(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED


def _put(file: BinaryIO, place: int, array: NDArray[np.generic]) -> int:
    file.seek(place)
    if array.size:
        file.write(np.ascontiguousarray(array).data)
    return place + array.nbytes
