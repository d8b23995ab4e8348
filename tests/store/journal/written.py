"""What stands in journals, as batches."""

from collections.abc import Callable
from pathlib import Path

from agentreplay.model.batch import Batch
from agentreplay.store.journal.packing import HEADER_SIZE
from agentreplay.store.journal.reader import journals_in, read_frames
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.sqlite.chunks import batch_of as batch_in

__all__ = ["OpenWriter", "frames", "written"]

OpenWriter = Callable[..., JournalWriter]
"""Opens a writer on the test's folder and disk, with a durability if it is not `process`."""


def frames(path: Path) -> list[Batch]:
    """What the whole frames of a journal say."""
    return [batch_in(frame) for frame in read_frames(path)]


def written(folder: Path) -> list[Batch]:
    """What the whole frames of all journals say; and nothing stands behind them."""
    for path in journals_in(folder):
        ends = [HEADER_SIZE, *[frame.end for frame in read_frames(path)]]
        assert ends[-1] == path.stat().st_size, "something stands behind the last whole frame"
    return [batch for path in journals_in(folder) for batch in frames(path)]
