"""Vectors as texts make them, from a seed: of uneven clusters in topics, in fewer dimensions than they have.

10,000 centres lie around 100 topics, each as far from its topic as that from the middle; how many vectors a centre has
falls with the root of its rank. A vector lies as far from its centre again. The spread of all three falls along the
dimensions as that of real embeddings does, and a rotation hides in which. The nearest of a question are of its
cluster, where they differ little, and where the cluster is small, of those around it: neither is found by the centre
alone. Questions are drawn as the vectors are, and none is one of them.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["DIMENSIONS", "Clusters", "Nearest"]

DIMENSIONS = 384
_TOPICS, _CENTRES = 100, 10_000
_AT_ONCE = 50_000
_Array = NDArray[np.float32]


class Clusters:
    """Draws vectors of length 1."""

    def __init__(self, seed: int = 7) -> None:
        self._chance = np.random.default_rng(seed)
        self._spread = (1 / np.sqrt(1 + np.arange(DIMENSIONS) / 24)).astype(np.float32)
        self._rotation = np.linalg.qr(self._chance.standard_normal((DIMENSIONS, DIMENSIONS)))[0].astype(np.float32)
        topics = self._noise(_TOPICS)
        self._centres = topics[self._chance.integers(0, _TOPICS, _CENTRES)] + self._noise(_CENTRES)
        weights = 1 / np.sqrt(np.arange(1, _CENTRES + 1))
        self._weights = weights / weights.sum()

    def draw(self, count: int) -> Iterator[_Array]:
        """So many, some at a time."""
        for start in range(0, count, _AT_ONCE):
            size = min(_AT_ONCE, count - start)
            middles = self._centres[self._chance.choice(_CENTRES, size, p=self._weights)]
            rows = (middles + self._noise(size)) @ self._rotation
            yield rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def _noise(self, count: int) -> _Array:
        return self._chance.standard_normal((count, DIMENSIONS), np.float32) * self._spread


class Nearest:
    """The true nearest of some questions, kept up while vectors come by."""

    def __init__(self, questions: _Array, count: int) -> None:
        self._questions = questions
        self._scores: _Array = np.full((len(questions), count), -np.inf, np.float32)
        self.rows: NDArray[np.int64] = np.zeros((len(questions), count), np.int64)
        self._seen = 0

    def see(self, vectors: _Array) -> None:
        """Compare the next vectors with every question."""
        count = self.rows.shape[1]
        scores = np.concatenate([self._scores, self._questions @ vectors.T], axis=1)
        fresh = np.broadcast_to(np.arange(self._seen, self._seen + len(vectors)), (len(scores), len(vectors)))
        rows = np.concatenate([self.rows, fresh], axis=1)
        best = np.argpartition(-scores, count - 1, axis=1)[:, :count]
        self._scores = np.take_along_axis(scores, best, axis=1)
        self.rows = np.take_along_axis(rows, best, axis=1)
        self._seen += len(vectors)
