"""The frameworks benchmark: how much longer an agent runs that is recorded, for each framework.

The programs of the tests run against models that answer after 50 ms, each in a process where nothing of ours is and in
one that records, in turns, and what counts is how the two runs of a round differ: what else the machine does meanwhile
changes from round to round, and is much the same within one. A run is the program from its first line to its last, and
on the side that records the beginning and the end of its session too. On both sides the first runs import what they
need, and do not count.

* `bare` is how long a run takes without us: the latency of each model call, and the processor time of all threads.
* `added` is the processor time of all threads, in the kernel too, that recording adds, `quartiles` how far apart the
  middle half of all rounds lies.
* `longer` is `added` in percent of `bare`, as if none of it fell into the time in which the program waits for models.
* `wall` is how much longer a run takes by the clock, in percent. Where others use the machine, both sides wait for the
  processor as well, so this says something only on a machine that does nothing else.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import msgspec

from agentreplay.testing import ScriptedModels
from benchmarks.figures import Report, at_most
from tests.slow.frameworks import ENVIRONMENTS
from tests.slow.story import script_of

__all__ = ["measure_frameworks"]

_ROOT = Path(__file__).resolve().parent.parent
_LATENCY = 0.05
_FIRST, _ROUNDS = 2, 24
_MOST = 3.0


class _Run(NamedTuple):
    wall: float
    cpu: float


def measure_frameworks(folder: Path, report: Report, programs: list[str] | None = None) -> None:
    """Measure and report."""
    for program in programs or sorted(ENVIRONMENTS):
        name = f"frameworks.{program.removesuffix('_agent')}"
        waited, bare, recorded = _measure(folder / program, program)
        rounds = list(zip(bare, recorded, strict=True))
        low, added, high = quantiles((ours.cpu - theirs.cpu for theirs, ours in rounds), n=4, method="inclusive")
        alone = waited + median(run.cpu for run in bare)
        report.add(f"{name}.bare", alone * 1e3, "ms")
        report.add(f"{name}.added", added * 1e3, "ms of CPU")
        report.add(f"{name}.quartiles", (high - low) * 1e3, "ms of CPU")
        report.add(f"{name}.longer", 100 * added / alone, "%", at_most(_MOST))
        longer = median(ours.wall - theirs.wall for theirs, ours in rounds)
        report.add(f"{name}.wall", 100 * longer / median(run.wall for run in bare), "%")


def _measure(folder: Path, program: str) -> tuple[float, list[_Run], list[_Run]]:
    """How long the program waits for models, and its runs without and with recording."""
    python = _ROOT / ".venvs" / ENVIRONMENTS[program] / "bin" / "python"
    if not python.exists():
        raise SystemExit("error: the programs of the tests are not set up\nhint: `make test-frameworks` does it")
    folder.mkdir(parents=True)
    lines = [msgspec.structs.replace(line, after=_LATENCY) for line in script_of(program)]
    runs: dict[str, list[_Run]] = {"bare": [], "recorded": []}
    with ScriptedModels(lines * (2 * (_FIRST + _ROUNDS))) as models:
        sides = {side: _process(python, side, program, folder / side, models.url) for side in runs}
        with sides["bare"] as bare, sides["recorded"] as recorded:
            for number in range(_FIRST + _ROUNDS):
                # Neither is always the first.
                for side, process in (("bare", bare), ("recorded", recorded))[:: -1 if number % 2 else 1]:
                    runs[side].append(_next(process))
        asked = len(models.requests) / 2 / (_FIRST + _ROUNDS)
    return asked * _LATENCY, runs["bare"][_FIRST:], runs["recorded"][_FIRST:]


@contextmanager
def _process(python: Path, side: str, program: str, folder: Path, url: str) -> Iterator[subprocess.Popen[str]]:
    path = _ROOT / "tests" / "programs" / f"{program}.py"
    process = subprocess.Popen(
        [str(python), "-m", "benchmarks.framework_runs", side, str(path), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=_ROOT,
        env={**os.environ, "MODELS_URL": url},
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def _next(process: subprocess.Popen[str]) -> _Run:
    if process.stdin is None or process.stdout is None:
        raise AssertionError("they are pipes")
    process.stdin.write("\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"error: {process.args!r} ended\nhint: run the program alone to see why")
    return _Run(**json.loads(line))
