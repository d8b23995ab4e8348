"""Makes one segment of several and of what was added since, and learns a quantiser when it is time."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agentreplay.vectors.quantiser import Quantiser, list_count, sample_size
from agentreplay.vectors.segment import Layout, Piece, Rows, Segment, write_segment

__all__ = ["Source", "learn", "merge", "to_merge"]

_FACTOR = 4
"""A segment is merged with a later one unless it is so many times larger: each vector is written a few times only."""
_SMALL = 256
"""What is smaller counts as so large there: a folder of tiny files helps nobody."""
_AT_ONCE = 16_384
_SEED = 4


class Source:
    """The rows of a segment that count, or what is pending, as one thing to read from."""

    def __init__(
        self, origin: Segment | tuple[NDArray[np.uint64], NDArray[np.float32]], quantiser: Quantiser | None = None
    ) -> None:
        """`quantiser` is that of the lists of a segment that has any."""
        self._origin = origin
        self._quantiser = quantiser
        if isinstance(origin, Segment):
            self._rows = origin.living
            self.keys: NDArray[np.uint64] = origin.keys[self._rows]
        else:
            self._rows = np.arange(len(origin[0]))
            self.keys = origin[0]

    def __len__(self) -> int:
        return len(self._rows)

    def vectors(self, places: Rows) -> NDArray[np.float32]:
        """The vectors at some places."""
        if isinstance(self._origin, Segment):
            return self._origin.vectors(self._rows[places])
        return self._origin[1][places]

    def lists(self, quantiser: Quantiser) -> NDArray[np.int64]:
        """The list of each. Those of a segment are known, or near the known ones where another quantiser made them."""
        known: NDArray[np.int64] | None = None
        if isinstance(self._origin, Segment) and self._quantiser is not None:
            known = self._origin.list_of_rows()[self._rows]
            if self._quantiser is quantiser:
                return known
        parts = [self._lists_of(places, quantiser, known) for places in _chunks(np.arange(len(self)))]
        return np.concatenate([*parts, np.empty(0, np.int64)])

    def _lists_of(self, places: Rows, quantiser: Quantiser, known: NDArray[np.int64] | None) -> NDArray[np.int64]:
        if known is None or self._quantiser is None:
            return quantiser.lists(self.vectors(places))
        return quantiser.lists_near(self.vectors(places), known[places], self._quantiser)


def to_merge(segments: Sequence[Segment], fresh: int) -> int:
    """How many segments, from the first, are left as they are."""
    kept = len(segments)
    while fresh and kept and len(segments[kept - 1]) < _FACTOR * max(fresh, _SMALL):
        kept -= 1
        fresh += len(segments[kept])
    # One of which more than half is gone is not worth its place.
    return min([kept, *(place for place in range(kept) if 2 * segments[place].dead > segments[place].layout.rows)])


def learn(sources: Sequence[Source]) -> Quantiser:
    """A quantiser for all vectors, from a sample of them."""
    total = sum(map(len, sources))
    lists = list_count(total)
    picked = np.random.default_rng(_SEED).choice(total, min(sample_size(lists), total), replace=False)
    picked.sort()
    sample: list[NDArray[np.float32]] = []
    begin = 0
    for source in sources:
        left, right = np.searchsorted(picked, (begin, begin + len(source)))
        sample.append(source.vectors(picked[left:right] - begin))
        begin += len(source)
    return Quantiser.trained(np.concatenate(sample), lists)


def merge(path: Path, sources: Sequence[Source], dimensions: int, quantiser: Quantiser | None) -> int:
    """Write the vectors of all sources as one segment, and return how many they are."""
    keys = np.concatenate([source.keys for source in sources])
    if quantiser is None:
        order = np.arange(len(keys))
        offsets = np.zeros(1, np.int64)
    else:
        lists = np.concatenate([source.lists(quantiser) for source in sources])
        order = np.argsort(lists, kind="stable")
        counts = np.bincount(lists, minlength=len(quantiser.centres))
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    layout = Layout(len(keys), dimensions, len(offsets) - 1)
    write_segment(path, layout, offsets, keys[order], _pieces(sources, order, dimensions, quantiser))
    return len(keys)


def _pieces(sources: Sequence[Source], order: Rows, dimensions: int, quantiser: Quantiser | None) -> Iterator[Piece]:
    """The rows of all sources in a new order, some at a time: together they may be larger than the memory."""
    begins = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(source) for source in sources])])
    for chunk in _chunks(order):
        vectors = np.empty((len(chunk), dimensions), np.float32)
        for source, begin, end in zip(sources, begins[:-1], begins[1:], strict=True):
            ours = np.flatnonzero((chunk >= begin) & (chunk < end))
            vectors[ours] = source.vectors(chunk[ours] - begin)
        half = vectors.astype(np.float16)
        # From what will be read again, so that a code never depends on when its vector was merged.
        codes = np.empty((0, 0), np.uint64) if quantiser is None else quantiser.codes(half.astype(np.float32))
        yield Piece(codes, half)


def _chunks(rows: Rows) -> Iterator[Rows]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]
