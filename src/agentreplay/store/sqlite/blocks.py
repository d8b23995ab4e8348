"""Contents lie in blocks: several compressed as one, because what was said one after the other is much alike.

A block is about as long as a page of the database, so that pages are full, and so that whoever reads a content
decompresses no more than a few of its neighbours. The last block is open: what comes next is added to it
while there is room. A block belongs to one tenant. When a content goes, its block is written anew without it.
"""

from array import array
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import accumulate, islice, pairwise, repeat
from typing import NamedTuple

import apsw

from agentreplay.contents.compression import compress, decompress
from agentreplay.errors import ValueInvalid
from agentreplay.model.values import decode, encode
from agentreplay.store.sqlite.filling import LONGEST, NOTHING, Begun, Block, fill, has_room
from agentreplay.store.sqlite.numbering import new_numbers
from agentreplay.store.sqlite.queries import queries

__all__ = ["Blocks", "Given", "Place", "cut"]

_SQL = queries("blocks")
_REMEMBERED = 32


class Given(NamedTuple):
    """A content that is to be stored."""

    number: int
    tenant: int
    data: bytes


Place = tuple[int, int]
"""Where a content lies: the block, and the start in that as it was before it was compressed."""


def cut(codec: int, packed: bytes, start: int, size: int) -> bytes:
    """One content out of its block; raises ValueInvalid when the block is damaged."""
    block = _inflate(codec, packed) if size <= LONGEST else decompress(codec, packed)
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
            ours = [content for content in contents if content.tenant == tenant]
            rest = ours[self._append(tenant, ours, places, thorough=thorough) :]
            blocks = fill(NOTHING, [content.data for content in rest], thorough=thorough)
            numbers = iter([content.number for content in rest])
            places.update(self.put([(list(islice(numbers, len(block.starts))), block) for block in blocks]))
        return places

    def put(self, blocks: Sequence[tuple[Sequence[int], Block]]) -> dict[int, Place]:
        """Store blocks that hold the contents with these numbers; returns where those lie."""
        places: dict[int, Place] = {}
        rows: list[tuple[int, bytes, int, bytes]] = []
        new = new_numbers(self._connection, "block", len(blocks))
        for number, (contents, block) in zip(new, blocks, strict=True):
            rows.append((number, _pack_numbers(contents), block.codec, block.packed))
            places.update(zip(contents, zip(repeat(number), block.starts), strict=True))
        self._connection.executemany(_SQL["add_block"], rows)
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

    def _append(self, tenant: int, contents: Sequence[Given], places: dict[int, Place], *, thorough: bool) -> int:
        """Put as many of the contents as have room into the open block; returns how many those are."""
        row = self._connection.execute(_SQL["open_block"]).fetchone()
        if row is None or not has_room(len(row[1]) + len(row[3])):
            return 0
        number, listed, codec, packed = row
        held = _unpack_numbers(listed)
        owner, size = self._connection.execute(_SQL["read_owner"], (held[0],)).fetchone() or (None, 0)
        if owner != tenant or size >= LONGEST:
            return 0
        begun = Begun(len(held), decompress(codec, packed), len(packed))
        grown = next(fill(begun, [content.data for content in contents], thorough=thorough))
        added = [content.number for content in contents[: len(grown.starts)]]
        if added:
            bindings = (_pack_numbers([*held, *added]), grown.codec, grown.packed, number)
            self._connection.execute(_SQL["put_block"], bindings)
            places.update(zip(added, zip(repeat(number), grown.starts), strict=True))
        return len(added)


def _pack_numbers(numbers: Sequence[int]) -> bytes:
    """Numbers one behind the other as the steps between them, which are mostly 1."""
    return encode([numbers[0], *[after - before for before, after in pairwise(numbers)]])


def _unpack_numbers(data: bytes) -> list[int]:
    """The numbers that `_pack_numbers` packed."""
    return list(accumulate(decode(data, list[int])))
