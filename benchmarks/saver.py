"""The saver benchmark: what a thread of 200 steps takes in LangGraph's saver of ours, and in its own for SQLite.

Both run the same graph, step after step, each in a process of its own in the environment of the tests' programs: an
agent, whose conversation grows to 150,000 tokens, and a chat of short messages. What a thread takes is all that lies in
the folder once the saver is closed; of ours that is a whole empty store too, which is also told alone. CPU time is that
of the process, less what the same graph takes with a saver in memory; the processes take turns, and the least counts.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.figures import Report, at_least

__all__ = ["measure_saver"]

_ROOT = Path(__file__).resolve().parent.parent
_PYTHON = _ROOT / ".venvs" / "programs" / "bin" / "python"
_ROUNDS = 2
_SMALLER = {"agent": at_least(20), "chat": None}


def measure_saver(folder: Path, report: Report) -> None:
    """Measure and report."""
    if not _PYTHON.exists():
        raise SystemExit("error: the programs of the tests are not set up\nhint: `make slow` does it")
    empty = 0
    for kind, budget in _SMALLER.items():
        rounds = [
            {side: _run(side, kind, folder / f"{kind} {number} {side}") for side in ("memory", "sqlite", "ours")}
            for number in range(_ROUNDS)
        ]
        first = rounds[0]
        empty = first["ours"]["empty"]
        assert first["ours"]["digest"] == first["sqlite"]["digest"], "a thread came back changed"
        for side in ("ours", "sqlite"):
            name = f"saver.{kind}" if side == "ours" else f"saver.{kind}.{side}"
            report.add(f"{name}.disk", first[side]["bytes"], "bytes")
            spent = min(each[side]["run"] for each in rounds) - min(each["memory"]["run"] for each in rounds)
            report.add(f"{name}.step", spent / first[side]["steps"] * 1e3, "ms of CPU")
            report.add(f"{name}.read", min(each[side]["read"] for each in rounds) * 1e3, "ms of CPU")
        report.add(f"saver.{kind}.smaller", first["sqlite"]["bytes"] / first["ours"]["bytes"], "x", budget)
    report.add("saver.empty", empty, "bytes")


def _run(side: str, kind: str, folder: Path) -> dict[str, Any]:
    command = [str(_PYTHON), "-m", "benchmarks.saver_thread", side, kind, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=_ROOT)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures
