"""What an index of vectors promises."""

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Found", "VectorIndex"]


class Found(NamedTuple):
    """The nearest of each question: a row for each, best first. Where there are fewer, the score is -inf."""

    keys: "NDArray[np.uint64]"
    scores: "NDArray[np.float32]"
    """The cosine of the angle between the two, from -1 to 1."""


class VectorIndex(Protocol):
    """Vectors of one collection and one model, by key. Lengths do not count: they are normalised here.

    An index is derived and never the only copy: whoever owns it can make it anew from the store. What was flushed
    survives a crash, whole flush by whole flush. Several processes may open one folder; each sees its own changes at
    once and those of others when they have flushed. Safe to share between threads. Raises only agentreplay.errors.
    """

    @property
    def dimensions(self) -> int:
        """The length of each vector."""
        ...

    @property
    def position(self) -> int:
        """What the last flush was told; 0 in a new index. Where the store is ahead of it, the rest is to be added."""
        ...

    def add(self, keys: "NDArray[np.uint64]", vectors: "NDArray[np.float32]") -> None:
        """Add a row for each key. A key that is there already gets the new vector."""
        ...

    def remove(self, keys: "NDArray[np.uint64]") -> None:
        """Remove keys, and their vectors from the disk with the next flush. Those that are not there are no error."""
        ...

    def search(self, vectors: "NDArray[np.float32]", count: int, allowed: "NDArray[np.uint64] | None" = None) -> Found:
        """The nearest to each row among all keys, or among those that are allowed."""
        ...

    def flush(self, position: int | None = None) -> None:
        """Return when all changes survive the loss of power, and with them how far the store has been followed."""
        ...

    def settle(self) -> None:
        """Flush, and return when nothing is left to be done that makes searches quicker.

        Without it that is done behind whoever flushes, as far as the process lives long enough.
        """
        ...

    def close(self) -> None:
        """Let go of the files. What was not flushed is lost."""
        ...

    def __len__(self) -> int: ...
