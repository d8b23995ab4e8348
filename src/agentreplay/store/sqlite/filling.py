"""Fills blocks: how many contents, compressed as one, take a page of the database. Needs no database."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from agentreplay.contents.compression import compress

__all__ = ["LONGEST", "NOTHING", "Begun", "Block", "fill", "has_room"]

_ROOM = 8_150
"""What a row may take to lie in one page of 8 KiB."""
_HEAD = 16
"""What the row of a block takes beside its bytes and the list of its contents, at most."""
LONGEST = 65_536
"""A content is read with no more than so many bytes around it, unless it is longer itself."""
_FULL = 0.93
"""A block that takes so much of its room is not tried with one content more."""
_SHARE = 0.3
"""What compression leaves of a block, as long as nothing better is known."""
_NEWS = 0.3
"""How much the last block says of what compression will leave of the next one."""
_MOST = 256
"""Contents that are added to a block at a time."""
_TRIES = 4


class Begun(NamedTuple):
    """A block that has room."""

    held: int
    """How many contents it has."""
    data: bytes
    packed: int
    """How long the data are, compressed."""


NOTHING = Begun(0, b"", 0)


class Block(NamedTuple):
    """Contents as one."""

    codec: int
    packed: bytes
    starts: Sequence[int]
    """Where the contents begin that were added."""


def has_room(taken: int) -> bool:
    """Whether it is worth trying to add to a block whose list and bytes are so long."""
    return taken + _HEAD < _FULL * _ROOM


def fill(begun: Begun, parts: Sequence[bytes], *, thorough: bool) -> Iterator[Block]:
    """Contents as blocks, in their order; the first goes on from one that is begun, if only with what it has."""
    share = _share(begun.packed, len(begun.data)) if begun.data else _SHARE
    ends = list(accumulate(map(len, parts), initial=0))
    first = 0
    while first < len(parts):
        block, taken = _Filling(begun, parts, ends, first, thorough=thorough).run(share)
        share += _NEWS * (taken - share)
        first += len(block.starts)
        begun = NOTHING
        yield block


class _Filling:
    """One block on its way: it ends before the place `first` or later."""

    def __init__(
        self, begun: Begun, parts: Sequence[bytes], ends: Sequence[int], first: int, *, thorough: bool
    ) -> None:
        self._begun = begun
        self._parts = parts
        self._ends = ends
        self._first = first
        self._base = len(begun.data) - ends[first]
        self._thorough = thorough

    def run(self, share: float) -> tuple[Block, float]:
        """A block with as many contents as have room, and at least one; and what compression left of it."""
        first = self._first
        fits = least = first if self._begun.held else first + 1
        too_many = min(first + _MOST, len(self._parts)) + 1
        best: tuple[Block, float] | None = None
        end, tried = self._guess(share, fits, too_many), 0
        while best is None or (end != fits and tried < _TRIES):
            data = b"".join([self._begun.data, *self._parts[first:end]])
            codec, packed = compress(data, thorough=self._thorough)
            share = _share(len(packed), len(data))
            taken = len(packed) + self._begun.held + 2 * (end - first) + _HEAD
            if taken <= _ROOM or end == least:
                fits, best = end, (Block(codec, packed, [self._base + at for at in self._ends[first:end]]), share)
                if taken >= _FULL * _ROOM:
                    break
            else:
                too_many = end
            end, tried = self._guess(share, fits, too_many), tried + 1
        return best

    def _guess(self, share: float, fits: int, too_many: int) -> int:
        """The end between that which is known to fit and that which is not, whose bytes should just fit."""
        most = min((_ROOM - _HEAD) / share, LONGEST) - self._base
        return min(max(bisect_right(self._ends, most, self._first, too_many) - 1, fits), too_many - 1)


def _share(packed: int, size: int) -> float:
    """What compression left, and never nothing."""
    return max(packed, 1) / max(size, 1)
