"""Makes 1 bit of each dimension, and says which vectors are worth comparing at all.

Of each dimension only the sign is kept, seen from the mean of all vectors. How many signs of two vectors differ is
near the angle between them. Vectors lie in lists, each around a centre; a question looks only into the lists whose
centres are nearest.
"""

import math
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from agentreplay.errors import VectorsDamaged

__all__ = ["Quantiser", "code_words", "list_count", "sample_size"]

_SEED = 20_240_229
_ROUNDS = 8
_SAMPLE = 32
_AT_ONCE = 8_192
_NEIGHBOURS = 64
"""Where a vector's centre was known before, it is sought among so many: those nearest to that one."""
_FEWEST_LISTS, _MOST_LISTS = 64, 16_384


def code_words(dimensions: int) -> int:
    """The length of a code in words of 64 bits: a bit for each dimension."""
    return -(-dimensions // 64)


def list_count(rows: int) -> int:
    """How many lists make search cheapest: comparing centres then costs about as much as comparing codes."""
    lists = 1 << round(math.log2(2 * math.sqrt(max(rows, 1))))
    return min(max(lists, _FEWEST_LISTS), _MOST_LISTS)


def sample_size(lists: int) -> int:
    """How many vectors so many centres are sought among."""
    return lists * _SAMPLE


class Quantiser(NamedTuple):
    """What was learnt from a sample. Vectors that come later are coded by it too, until there are many more."""

    mean: NDArray[np.float32]
    centres: NDArray[np.float32]
    """Each of length 1."""

    @classmethod
    def trained(cls, sample: NDArray[np.float32], lists: int) -> Self:
        """Learn from vectors of length 1; the same from the same, on the same machine."""
        return cls(sample.mean(axis=0), _centres(sample, lists))

    @classmethod
    def read(cls, path: Path, dimensions: int) -> Self:
        """That of a file with the mean and the centres."""
        learnt = np.fromfile(path, np.float32)
        if learnt.size % dimensions or learnt.size <= dimensions or not np.isfinite(learnt).all():
            raise VectorsDamaged(place=str(path.parent), problem=f"{path.name} is not whole")
        rows = learnt.reshape(-1, dimensions)
        return cls(rows[0], rows[1:])

    def codes(self, vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
        """A row of words for each vector."""
        dimensions = vectors.shape[1]
        signs = np.zeros((len(vectors), 64 * code_words(dimensions)), np.bool_)
        signs[:, :dimensions] = vectors > self.mean
        return np.packbits(signs, axis=1).view(np.uint64)

    def lists(self, vectors: NDArray[np.float32]) -> NDArray[np.int64]:
        """The list of each vector."""
        return _nearest(vectors, self.centres)

    def lists_near(self, vectors: NDArray[np.float32], lists: NDArray[np.int64], before: Self) -> NDArray[np.int64]:
        """The list of each vector, sought near the one in which `before` had it; the vectors stand list by list."""
        return _nearest_again(vectors, lists, before.centres, self.centres)

    def by_distance(self, vector: NDArray[np.float32]) -> NDArray[np.int64]:
        """All lists, the nearest first."""
        return np.argsort(-(self.centres @ vector))


def _centres(sample: NDArray[np.float32], lists: int) -> NDArray[np.float32]:
    """Spherical k-means. A centre that loses all its vectors becomes one of the sample."""
    chance = np.random.default_rng(_SEED)
    centres = sample[chance.choice(len(sample), lists, replace=len(sample) < lists)]
    nearest = _nearest(sample, centres)
    for _ in range(_ROUNDS - 1):
        moved = _middles(sample, nearest, lists, chance)
        nearest = _nearest_again(sample, nearest, centres, moved)
        centres = moved
    return _middles(sample, nearest, lists, chance)


def _middles(
    sample: NDArray[np.float32], nearest: NDArray[np.int64], lists: int, chance: np.random.Generator
) -> NDArray[np.float32]:
    order = np.argsort(nearest, kind="stable")
    used, first = np.unique(nearest[order], return_index=True)
    centres = sample[chance.integers(0, len(sample), lists)]
    centres[used] = np.add.reduceat(sample[order], first, axis=0)
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    return centres


def _nearest(vectors: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.int64]:
    nearest = np.empty(len(vectors), np.int64)
    for start in range(0, len(vectors), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        nearest[part] = np.argmax(vectors[part] @ centres.T, axis=1)
    return nearest


def _nearest_again(
    vectors: NDArray[np.float32],
    known: NDArray[np.int64],
    before: NDArray[np.float32],
    centres: NDArray[np.float32],
) -> NDArray[np.int64]:
    """The nearest centre of each vector, among those near the centre it had before: hardly any other one would be."""
    if len(centres) <= _NEIGHBOURS:
        return _nearest(vectors, centres)
    nearest = np.empty(len(vectors), np.int64)
    order = np.argsort(known, kind="stable")
    used, begins = np.unique(known[order], return_index=True)
    around = np.argpartition(before[used] @ centres.T, -_NEIGHBOURS, axis=1)[:, -_NEIGHBOURS:]
    for rows, near in zip(np.split(order, begins[1:]), around, strict=True):
        nearest[rows] = near[np.argmax(vectors[rows] @ centres[near].T, axis=1)]
    return nearest
