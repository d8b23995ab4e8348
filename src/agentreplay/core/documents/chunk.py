"""A stretch of a document, and how short blocks are put together and long ones are cut. Nothing is left out."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["USUAL_SIZE", "Block", "Chunk", "pack"]

USUAL_SIZE = 1_200
"""So many characters a chunk has at most: some three hundred tokens, of which the usual models read all."""

_LEAST_SIZE = 40
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|\n+")  # noqa: RUF001  # the full stops of other scripts
_WORD_END = re.compile(r"\s+")


@dataclass(frozen=True)
class Block:
    """What belongs together: a paragraph, a function, a table. Lines count from 1."""

    text: str
    first_line: int
    last_line: int
    heading: str = ""
    page: int | None = None


@dataclass(frozen=True)
class Chunk(Block):
    """One or more blocks, or a part of a long one."""


def pack(blocks: Iterable[Block], size: int = USUAL_SIZE) -> Iterator[Chunk]:
    """Blocks in order, put together as far as they fit and stand under the same heading on the same page."""
    size = max(size, _LEAST_SIZE)
    held: list[Block] = []
    for block in _cut_all(blocks, size):
        together = sum(len(one.text) + 1 for one in held) + len(block.text)
        fits = held and together <= size and (held[0].heading, held[0].page) == (block.heading, block.page)
        if held and not fits:
            yield _together(held)
            held = []
        held.append(block)
    if held:
        yield _together(held)


def _together(blocks: Sequence[Block]) -> Chunk:
    first, last = blocks[0], blocks[-1]
    text = first.text
    for before, block in pairwise(blocks):
        # Parts of one line go on in it; what was apart by an empty line stays apart.
        apart = block.first_line - before.last_line
        text += (" " if not apart else "\n" if apart == 1 else "\n\n") + block.text
    return Chunk(text, first.first_line, last.last_line, first.heading, first.page)


def _cut_all(blocks: Iterable[Block], size: int) -> Iterator[Block]:
    for block in blocks:
        if block.text.strip():
            yield from _cut(block, size) if len(block.text) > size else (block,)


def _cut(block: Block, size: int) -> Iterator[Block]:
    """A long block in pieces: at its lines and sentences, else at its words, else anywhere."""
    start = 0
    while start < len(block.text):
        end = _end(block.text, start, size)
        piece = block.text[start:end]
        first = block.first_line + block.text.count("\n", 0, start)
        text = piece.strip("\n").rstrip()
        if text:
            first += len(piece) - len(piece.lstrip("\n"))
            last = min(block.last_line, first + text.count("\n"))
            yield Block(text, min(first, last), last, block.heading, block.page)
        start = end


def _end(text: str, start: int, size: int) -> int:
    limit = start + size
    if limit >= len(text):
        return len(text)
    for pattern in (_SENTENCE_END, _WORD_END):
        ends = [match.end() for match in pattern.finditer(text, start, limit)]
        # A cut that leaves less than a quarter would make crumbs.
        if ends and ends[-1] - start > size // 4:
            return ends[-1]
    return limit
