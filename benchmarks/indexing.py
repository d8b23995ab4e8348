"""How fast spans become visible: appended through journals by four processes, drained into the store."""

import resource
import shutil
import sys
import time
from pathlib import Path

import msgspec

from agentreplay.collecting import without_collections
from agentreplay.model.receipt import Statistics
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.registry import open_store
from benchmarks.corpus import batches, grouped
from benchmarks.processes import Together, apart, together, wait_for_the_others

__all__ = ["Filled", "fill", "fill_while_writing"]

BATCH = 500


class Filled(msgspec.Struct, frozen=True):
    """A store that was filled."""

    seconds: float
    peak_bytes: int
    """The most memory the indexing process had, and the largest process it started."""
    statistics: Statistics

    @property
    def rate(self) -> float:
        """Spans a second."""
        return self.statistics.spans / self.seconds


def fill(folder: Path, streams: list[Path], limit: int) -> Filled:
    """Write all journals first and then drain them; only the draining counts."""
    together(_write, [(folder, stream, limit) for stream in streams])
    return apart(_drain, folder)


def fill_while_writing(folder: Path, streams: list[Path], limit: int) -> float:
    """Drain while all streams are being written; the seconds from the first append until all is visible.

    The writers read and decode their batches as they go, for which they need the same cores.
    """
    store = open_store(str(folder))
    try:
        with Together(len(streams)) as writers:
            futures = [writers.start(_write, folder, stream, limit) for stream in streams]
            while not all(future.done() for future in futures):
                store.drain()
                time.sleep(0.01)
            begun = min(future.result() for future in futures)
        while store.drain().bytes:
            pass
        return (time.perf_counter_ns() - begun) / 1e9
    finally:
        store.close()
        shutil.rmtree(folder)


def _write(folder: Path, stream: Path, limit: int) -> int:
    """Append the stream; when the first append began."""
    writer = JournalWriter(folder)
    ready = grouped(batches(stream, limit), BATCH)
    first = next(ready)
    wait_for_the_others()
    # What is read here is the benchmark's own: looking through it for circles takes as long as to append it.
    with without_collections():
        begun = time.perf_counter_ns()
        writer.append(first)
        for batch in ready:
            writer.append(batch)
        writer.close()
    return begun


def _drain(folder: Path) -> Filled:
    store = open_store(str(folder))
    begun = time.perf_counter_ns()
    while store.drain().bytes:
        pass
    seconds = (time.perf_counter_ns() - begun) / 1e9
    statistics = store.statistics()
    store.close()
    return Filled(seconds, _peak(resource.RUSAGE_SELF) + _peak(resource.RUSAGE_CHILDREN), statistics)


def _peak(whose: int) -> int:
    return resource.getrusage(whose).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
