"""The frameworks benchmark: how much longer an agent runs that is recorded, for each framework.

The programs of the tests run against models that answer after 50 ms, each in a process where nothing of ours is and in
one that records, in turns; the first runs import what they need, and do not count. Others may use the machine, so what
recording adds is counted in processor time of all threads, as if none of it fell into the time in which the program
waits for models anyway. It is set against the time in which the program waits and works without us.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import msgspec

from agentreplay.testing import ScriptedModels
from benchmarks.figures import Report, at_most
from tests.slow.frameworks import ENVIRONMENTS
from tests.slow.story import script_of

__all__ = ["measure_frameworks"]

_ROOT = Path(__file__).resolve().parent.parent
_LATENCY = 0.05
_FIRST, _ROUNDS = 2, 12
_MOST = 3.0


class _Run(NamedTuple):
    wall: float
    cpu: float


def measure_frameworks(folder: Path, report: Report, programs: list[str] | None = None) -> None:
    """Measure and report."""
    for program in programs or sorted(ENVIRONMENTS):
        name = f"frameworks.{program.removesuffix('_agent')}"
        waited, bare, recorded = _measure(folder / program, program)
        added = median(run.cpu for run in recorded) - median(run.cpu for run in bare)
        alone = waited + median(run.cpu for run in bare)
        report.add(f"{name}.bare", alone * 1e3, "ms")
        report.add(f"{name}.added", added * 1e3, "ms of CPU")
        report.add(f"{name}.longer", 100 * added / alone, "%", at_most(_MOST))
        walls = median(run.wall for run in recorded) / median(run.wall for run in bare)
        report.add(f"{name}.wall", 100 * (walls - 1), "%")


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
