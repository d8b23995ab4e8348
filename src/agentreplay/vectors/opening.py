"""Opens the index of one collection and model, or makes it anew."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from agentreplay.errors import ExtraMissing
from agentreplay.vectors.protocol import VectorIndex

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["open_index", "rebuild_index"]


def open_index(folder: Path, dimensions: int, model: str) -> VectorIndex:
    """The index in a folder, which is made with the first flush.

    Raises VectorsForeign where it holds vectors of another model or length, and VectorsDamaged where it cannot be
    read: either way `rebuild_index` makes it anew.
    """
    try:
        from agentreplay.vectors.index import SegmentedIndex  # optional extra
    except ModuleNotFoundError as error:
        if error.name not in {"numpy", "threadpoolctl"}:
            raise
        raise ExtraMissing(what="search by meaning", package="numpy", extra="memory") from error
    return SegmentedIndex(folder, dimensions, model)


def rebuild_index(
    folder: Path,
    dimensions: int,
    model: str,
    vectors: "Iterable[tuple[NDArray[np.uint64], NDArray[np.float32]]]",
    position: int = 0,
) -> VectorIndex:
    """Throw away what is in the folder, and add batches of keys and vectors. Until then searches there find less."""
    shutil.rmtree(folder, ignore_errors=True)
    index = open_index(folder, dimensions, model)
    for keys, rows in vectors:
        index.add(keys, rows)
    index.flush(position)
    return index
