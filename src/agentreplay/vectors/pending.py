"""What was added and removed since the last flush; it is in memory only."""

import numpy as np
from numpy.typing import NDArray

from agentreplay.vectors.protocol import Found

__all__ = ["Pending"]


class Pending:
    """Vectors by key, and keys that count no longer in what was flushed."""

    def __init__(self, dimensions: int) -> None:
        self._rows: NDArray[np.float32] = np.empty((0, dimensions), np.float32)
        self._keys: NDArray[np.uint64] = np.empty(0, np.uint64)
        self._row_of: dict[int, int] = {}
        self._dropped: set[int] = set()

    def __len__(self) -> int:
        return len(self._row_of)

    def __bool__(self) -> bool:
        return bool(self._row_of or self._dropped)

    def add(self, keys: NDArray[np.uint64], vectors: NDArray[np.float32]) -> None:
        """The last of several vectors of one key counts."""
        used = len(self._row_of)
        fresh = [key for key in dict.fromkeys(keys.tolist()) if key not in self._row_of]
        self._row_of.update(zip(fresh, range(used, used + len(fresh)), strict=True))
        self._grow(used + len(fresh))
        places = [self._row_of[key] for key in keys.tolist()]
        self._keys[places] = keys
        self._rows[places] = vectors
        self._dropped.difference_update(fresh)

    def remove(self, keys: NDArray[np.uint64]) -> None:
        """Take keys out; the last one moves into the place of each."""
        for key in keys.tolist():
            self._dropped.add(key)
            place = self._row_of.pop(key, None)
            last = len(self._row_of)
            if place is not None and place != last:
                self._rows[place] = self._rows[last]
                self._keys[place] = self._keys[last]
                self._row_of[int(self._keys[last])] = place

    def _grow(self, needed: int) -> None:
        room = len(self._keys)
        if needed > room:
            more = max(needed, 2 * room) - room
            self._rows = np.concatenate([self._rows, np.empty((more, self._rows.shape[1]), np.float32)])
            self._keys = np.concatenate([self._keys, np.empty(more, np.uint64)])

    @property
    def keys(self) -> NDArray[np.uint64]:
        """The keys that were added."""
        return self._keys[: len(self._row_of)]

    @property
    def vectors(self) -> NDArray[np.float32]:
        """The vector of each of them."""
        return self._rows[: len(self._row_of)]

    @property
    def hidden(self) -> NDArray[np.uint64]:
        """The keys whose flushed vectors count no longer."""
        return np.concatenate([self.keys, np.fromiter(self._dropped, np.uint64, len(self._dropped))])

    def search(self, vector: NDArray[np.float32], allowed: NDArray[np.uint64] | None) -> Found:
        """Every key that is allowed, with its score."""
        keys, vectors = self.keys, self.vectors
        if allowed is not None:
            wanted = np.isin(keys, allowed)
            keys, vectors = keys[wanted], vectors[wanted]
        return Found(keys.copy(), vectors @ vector)
