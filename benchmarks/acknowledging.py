"""How fast four processes that write at once are acknowledged, and how long one append can take."""

import gc
import os
import shutil
import time
from array import array
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from statistics import median
from typing import NamedTuple

from agentreplay.model.batch import Batch
from agentreplay.settings import Durability
from agentreplay.store.journal.writer import JournalWriter
from benchmarks.corpus import batches, grouped
from benchmarks.figures import Budget, Report, at_least, at_most
from benchmarks.latency import quantile
from benchmarks.processes import together, wait_for_the_others

__all__ = ["measure_acknowledging"]

_SPANS_EACH = 50_000
_ROUNDS = 5
"""Of each trial: a median says what is usual, and the worst is that of all."""


class _Trial(NamedTuple):
    """One way to write, and the budgets for it."""

    name: str
    size: int
    durability: Durability
    rate: Budget | None = None
    median: Budget | None = None
    worst: Budget | None = None


_TRIALS = (
    _Trial("one_by_one", 1, "process", at_least(80_000), at_most(10), at_most(100)),
    _Trial("batches_of_500", 500, "process", at_least(80_000), worst=at_most(100)),
    _Trial("power.batches_of_50", 50, "power"),
    _Trial("power.batches_of_500", 500, "power", at_least(30_000)),
)


class _Run(NamedTuple):
    """What one process saw, in nanoseconds."""

    spans: int
    begun: int
    ended: int
    appends: "array[int]"


class _Round(NamedTuple):
    """What all processes saw that wrote at once."""

    rate: float
    """Spans a second."""
    appends: list[int]
    """How long each took, from the shortest to the longest."""

    @classmethod
    def of(cls, runs: Iterable[_Run]) -> "_Round":
        """What these saw together."""
        parts = list(runs)
        seconds = (max(run.ended for run in parts) - min(run.begun for run in parts)) / 1e9
        appends = sorted(chain.from_iterable(run.appends for run in parts))
        return cls(sum(run.spans for run in parts) / seconds, appends)


def measure_acknowledging(folder: Path, streams: list[Path], report: Report) -> None:
    """Run all trials, each process with its own stream."""
    told = together(_run_all, [(folder, stream) for stream in streams])
    for place, trial in enumerate(_TRIALS):
        rounds = [_Round.of(runs) for runs in zip(*[runs[place] for runs in told], strict=True)]
        name = f"store.acknowledged.{trial.name}"
        report.add(name, median(one.rate for one in rounds), "spans/s", trial.rate)
        report.add(f"{name}.p50", median(quantile(one.appends, 0.5) for one in rounds) / 1e3, "us", trial.median)
        report.add(f"{name}.p99", median(quantile(one.appends, 0.99) for one in rounds) / 1e3, "us")
        report.add(f"{name}.worst", max(one.appends[-1] for one in rounds) / 1e6, "ms", trial.worst)


def _run_all(folder: Path, stream: Path) -> list[list[_Run]]:
    """For each trial its rounds."""
    ready = list(batches(stream, _SPANS_EACH))
    return [[_run(folder / trial.name, trial, ready) for _ in range(_ROUNDS)] for trial in _TRIALS]


def _run(place: Path, trial: _Trial, ready: list[Batch]) -> _Run:
    work = list(grouped(iter(ready), trial.size))
    # What is held here is the benchmark's own: collecting it would stall appends that are not to blame.
    gc.collect()
    gc.freeze()
    # What the trial before left to the disk would slow this one down.
    os.sync()
    writer = JournalWriter(place, trial.durability)
    appends = array("q")
    wait_for_the_others()
    begun = time.perf_counter_ns()
    for batch in work:
        before = time.perf_counter_ns()
        writer.append(batch)
        appends.append(time.perf_counter_ns() - before)
    ended = time.perf_counter_ns()
    writer.close()
    wait_for_the_others()
    shutil.rmtree(place, ignore_errors=True)
    return _Run(len(ready), begun, ended, appends)
