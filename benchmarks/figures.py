"""What a benchmark reports: figures, with a budget where there is one, and the machine they come from."""

import json
import os
import platform
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import apsw
import blake3
import msgspec

import agentreplay
from benchmarks.packing import zstd

__all__ = ["Budget", "Figure", "Report", "at_least", "at_most", "describe_machine"]

_ROOT = Path(__file__).resolve().parent.parent
_HISTORY = _ROOT / "benchmarks" / "history"


class Budget(msgspec.Struct, frozen=True):
    """A bound a figure must keep."""

    bound: float
    is_most: bool

    def __str__(self) -> str:
        return f"{'<=' if self.is_most else '>='} {self.bound:g}"

    def holds(self, value: float) -> bool:
        """Whether the value keeps it."""
        return value <= self.bound if self.is_most else value >= self.bound


def at_most(bound: float) -> Budget:
    """The figure may not be higher."""
    return Budget(bound, is_most=True)


def at_least(bound: float) -> Budget:
    """The figure may not be lower."""
    return Budget(bound, is_most=False)


class Figure(msgspec.Struct, frozen=True):
    """One measured value."""

    name: str
    value: float
    unit: str
    budget: Budget | None = None

    @property
    def holds(self) -> bool | None:
        """Whether it keeps its budget; None where there is none."""
        return None if self.budget is None else self.budget.holds(self.value)

    def to_json(self) -> str:
        """One line."""
        budget = None if self.budget is None else str(self.budget)
        line = {"figure": self.name, "value": _rounded(self.value), "unit": self.unit}
        return json.dumps({**line, "budget": budget, "holds": self.holds})

    def to_row(self) -> str:
        """One row of the table for people."""
        verdict = {None: "", True: "holds", False: "BROKEN"}[self.holds]
        budget = "" if self.budget is None else str(self.budget)
        return f"{self.name:<64} {_rounded(self.value):>14,} {self.unit:<12} {budget:<12} {verdict}".rstrip()


class Report:
    """Collects figures and shows each as soon as it is known."""

    def __init__(self, show: Callable[[str], None], *, as_json: bool) -> None:
        self.figures: list[Figure] = []
        self._show = show
        self._as_json = as_json
        self._machine = describe_machine()
        show(json.dumps(self._machine) if as_json else _heading(self._machine))

    def add(self, name: str, value: float, unit: str, budget: Budget | None = None) -> None:
        """Report a figure."""
        figure = Figure(name, value, unit, budget)
        self.figures.append(figure)
        self._show(figure.to_json() if self._as_json else figure.to_row())

    @property
    def broken(self) -> Sequence[Figure]:
        """The figures that do not keep their budgets."""
        return [figure for figure in self.figures if figure.holds is False]

    def keep(self, now: datetime) -> Path:
        """Add everything to the history; several runs of a day and a commit share a file."""
        _HISTORY.mkdir(parents=True, exist_ok=True)
        path = _HISTORY / f"{now:%Y-%m-%d}-{self._machine['commit']}.jsonl"
        with path.open("a", encoding="utf-8") as file:
            lines = [json.dumps(self._machine), *(figure.to_json() for figure in self.figures)]
            file.write("\n".join(lines) + "\n")
        return path


def describe_machine() -> dict[str, object]:
    """What the figures depend on, and nothing that says whose machine it is."""
    return {
        "machine": {
            "system": platform.system(),
            "cpu": _cpu(),
            "cores": _cores(),
            "memory_gib": _memory_gib(),
            "load": _load(),
        },
        "versions": {
            "agentreplay": agentreplay.__version__,
            "python": platform.python_version(),
            "sqlite": apsw.sqlite_lib_version(),
            "apsw": apsw.apsw_version(),
            "msgspec": msgspec.__version__,
            "blake3": blake3.__version__,
            "zstd": zstd.zstd_version,
        },
        "commit": _commit(),
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def _heading(machine: dict[str, object]) -> str:
    def listed(value: object) -> str:
        if not isinstance(value, dict):
            return str(value)
        return ", ".join(f"{name} {item}" for name, item in value.items())

    return "\n".join(f"{name}: {listed(value)}" for name, value in machine.items())


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _load() -> float | None:
    """How busy others kept the machine in the minute before, which they may still be doing."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _memory_gib() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, OSError, ValueError):
        return None


def _commit() -> str:
    """The commit, marked where what was measured differs from it."""
    commit = _git("rev-parse", "--short", "HEAD")
    if not commit:
        return "uncommitted"
    return f"{commit}-changed" if _git("status", "--porcelain", "--", "src", "benchmarks/*.py") else commit


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(_ROOT), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _rounded(value: float) -> float:
    """Four significant digits say more than the measurement can."""
    if value >= 1000 or value == int(value):
        return round(value)
    return float(f"{value:.4g}")
