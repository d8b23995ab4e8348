"""Vectors that lie in clusters, the same for the same seed."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["clustered", "exactly"]


def clustered(count: int, dimensions: int = 64, *, centres: int = 50, seed: int = 5) -> NDArray[np.float32]:
    """Rows of length 1, each near one of the centres."""
    chance = np.random.default_rng(seed)
    middles = chance.standard_normal((centres, dimensions), np.float32)
    rows = middles[chance.integers(0, centres, count)] + chance.standard_normal((count, dimensions), np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def exactly(vectors: NDArray[np.float32], question: NDArray[np.float32], count: int) -> list[int]:
    """The rows of the nearest, best first."""
    return [int(row) for row in np.argsort(-(vectors @ question), kind="stable")[:count]]
