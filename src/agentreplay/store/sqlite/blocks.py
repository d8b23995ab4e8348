"""Contents lie in blocks: several compressed as one, because what was said one after the other is much alike.

A block is about as long as a page of the database, so that pages are full, and so that whoever reads a content
decompresses no more than a few of its neighbours. The last block is open: what comes next is added to it
while there is room. A block belongs to one tenant. When a content goes, its block is written anew without it.
"""

from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

import apsw

from agentreplay.contents.compression import compress, decompress
from agentreplay.errors import ValueInvalid
from agentreplay.model.values import decode, encode
from agentreplay.store.sqlite.numbering import new_numbers
from agentreplay.store.sqlite.queries import queries

__all__ = ["Blocks", "Given", "Place", "cut"]

_SQL = queries("blocks")
_ROOM = 8_150
"""What a row may take to lie in one page of 8 KiB."""
_HEAD = 16
"""What the row of a block takes beside its bytes and the list of its contents, at most."""
_LONGEST = 65_536
"""A content is read with no more than so many bytes around it, unless it is longer itself."""
_FULL = 0.93
"""A block that takes so much of its room is not tried with one content more."""
_SHARE = 0.3
"""What compression leaves of a block, as long as nothing better is known."""
_MOST = 256
"""Contents that are added to a block at a time."""
_TRIES = 4
_REMEMBERED = 32


class Given(NamedTuple):
    """A content that is to be stored."""

    number: int
    tenant: int
    data: bytes


class Place(NamedTuple):
    """Where a content lies."""

    block: int
    start: int
    """In the block as it was before it was compressed."""


class _Begun(NamedTuple):
    """A block that has room."""

    held: Sequence[int]
    data: bytes
    packed: int
    """How long the data are, compressed."""


_NOTHING = _Begun((), b"", 0)


class _Block(NamedTuple):
    """Contents as one."""

    contents: Sequence[int]
    codec: int
    packed: bytes
    starts: Sequence[int]
    """Where the contents begin that were added."""


def cut(codec: int, packed: bytes, start: int, size: int) -> bytes:
    """One content out of its block; raises ValueInvalid when the block is damaged."""
    block = _inflate(codec, packed) if size <= _LONGEST else decompress(codec, packed)
    if start + size > len(block):
        raise ValueInvalid(what="a block of contents", problem="it ends before one of them does")
    return block[start : start + size]


# Neighbours are read one after the other. What is remembered is found by the very bytes it was made from.
_inflate = lru_cache(_REMEMBERED)(decompress)


class Blocks:
    """The blocks of this store. Valid inside a write transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def add(self, contents: Sequence[Given], *, thorough: bool) -> dict[int, Place]:
        """Store the bytes of contents; returns where they lie. `thorough` as in `compress`."""
        places: dict[int, Place] = {}
        for tenant in dict.fromkeys(content.tenant for content in contents):
            ours = [(content.number, content.data) for content in contents if content.tenant == tenant]
            done = self._append(tenant, ours, places, thorough=thorough)
            fresh = list(_blocks(_NOTHING, ours[done:], thorough=thorough))
            for number, block in zip(new_numbers(self._connection, "block", len(fresh)), fresh, strict=True):
                self._connection.execute(
                    _SQL["add_block"], (number, _pack_numbers(block.contents), block.codec, block.packed)
                )
                _note(places, number, block)
        return places

    def remove(self, block: int, gone: Collection[int]) -> None:
        """Take contents out of a block, which is written anew or goes with the last of them."""
        row = self._connection.execute(_SQL["read_block"], (block,)).fetchone()
        if row is None:
            return
        contents, codec, packed = row
        kept = [number for number in _unpack_numbers(contents) if number not in gone]
        if not kept:
            self._connection.execute(_SQL["drop_block"], (block,))
            return
        rows = {
            number: (start, size)
            for number, start, size in self._connection.execute(_SQL["read_places"], (apsw.carray(array("q", kept)),))
        }
        parts = [cut(codec, packed, *rows[number]) for number in kept]
        starts = list(accumulate(map(len, parts), initial=0))[:-1]
        self._connection.executemany(_SQL["move_content"], zip(starts, kept, strict=True))
        renewed = compress(b"".join(parts), thorough=True)
        self._connection.execute(_SQL["put_block"], (_pack_numbers(kept), *renewed, block))

    def _append(
        self, tenant: int, contents: Sequence[tuple[int, bytes]], places: dict[int, Place], *, thorough: bool
    ) -> int:
        """Put as many of the contents as have room into the open block; returns how many those are."""
        row = self._connection.execute(_SQL["open_block"]).fetchone()
        if row is None or len(row[1]) + len(row[3]) + _HEAD >= _FULL * _ROOM:
            return 0
        number, listed, codec, packed = row
        held = _unpack_numbers(listed)
        owner, size = self._connection.execute(_SQL["read_owner"], (held[0],)).fetchone() or (None, 0)
        if owner != tenant or size >= _LONGEST:
            return 0
        begun = _Begun(held, decompress(codec, packed), len(packed))
        grown = next(_blocks(begun, contents, thorough=thorough))
        if grown.starts:
            bindings = (_pack_numbers(grown.contents), grown.codec, grown.packed, number)
            self._connection.execute(_SQL["put_block"], bindings)
            _note(places, number, grown)
        return len(grown.starts)


def _note(places: dict[int, Place], number: int, block: _Block) -> None:
    if block.starts:
        added = block.contents[-len(block.starts) :]
        places.update({content: Place(number, start) for content, start in zip(added, block.starts, strict=True)})


def _blocks(begun: _Begun, contents: Sequence[tuple[int, bytes]], *, thorough: bool) -> Iterator[_Block]:
    """Contents as blocks, in their order; the first goes on from one that is begun, if only with what it has."""
    share = begun.packed / len(begun.data) if begun.data else _SHARE
    at = 0
    while at < len(contents):
        some = contents[at : at + _MOST]
        block = _fill(begun, some, share, thorough=thorough)
        share = _share(len(block.packed), len(begun.data) + sum(len(data) for _, data in some[: len(block.starts)]))
        at += len(block.starts)
        begun = _NOTHING
        yield block


def _fill(begun: _Begun, contents: Sequence[tuple[int, bytes]], share: float, *, thorough: bool) -> _Block:
    """A block with as many of the contents as have room, and at least one content."""
    ends = list(accumulate((len(data) for _, data in contents), initial=len(begun.data)))
    fits = least = 0 if begun.held else 1
    too_many = len(contents) + 1
    best: _Block | None = None
    count, tried = _guess(ends, share, fits, too_many), 0
    while best is None or (count != fits and tried < _TRIES):
        codec, packed = compress(b"".join([begun.data, *[data for _, data in contents[:count]]]), thorough=thorough)
        taken = len(packed) + len(begun.held) + 2 * count + _HEAD
        if taken <= _ROOM or count == least:
            numbers = [*begun.held, *[number for number, _ in contents[:count]]]
            fits, best = count, _Block(numbers, codec, packed, ends[:count])
            if taken >= _FULL * _ROOM:
                break
        else:
            too_many = count
        count, tried = _guess(ends, _share(len(packed), ends[count]), fits, too_many), tried + 1
    return best


def _share(packed: int, size: int) -> float:
    """What compression left, and never nothing."""
    return max(packed, 1) / max(size, 1)


def _guess(ends: Sequence[int], share: float, fits: int, too_many: int) -> int:
    """The count between that which is known to fit and that which is not, whose bytes should just fit."""
    most = min((_ROOM - _HEAD) / share, _LONGEST)
    return min(max(bisect_right(ends, most) - 1, fits), too_many - 1)


def _pack_numbers(numbers: Sequence[int]) -> bytes:
    """Numbers one behind the other as the steps between them, which are mostly 1."""
    return encode([numbers[0], *[after - before for before, after in pairwise(numbers)]])


def _unpack_numbers(data: bytes) -> list[int]:
    """The numbers that `_pack_numbers` packed."""
    return list(accumulate(decode(data, list[int])))
