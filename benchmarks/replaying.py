"""The replay benchmark: what a served call costs, on the program's own thread."""

import statistics
import time
from pathlib import Path

import agentreplay
from agentreplay.sdk.replaying import Playback, find_tape
from benchmarks.figures import Report, at_most

__all__ = ["measure_replay"]

_CALLS = 2_000


@agentreplay.tool("lookup_order")
def _lookup(number: int) -> dict[str, str]:
    return {"order": str(number), "status": "shipped"}


def measure_replay(folder: Path, report: Report) -> None:
    """Record a session, serve it, and report what each served call took."""
    agentreplay.init(db_path=folder / "replay", durability="process")
    with agentreplay.session("benchmark") as session:
        for number in range(_CALLS):
            _lookup(number)
    assert session.id is not None, "nothing was recorded"
    before = time.perf_counter_ns()
    playback = Playback(find_tape(session.id))
    report.add("replay.tape", (time.perf_counter_ns() - before) / 1e6, "ms")
    taken: list[int] = []
    with playback:
        for number in range(_CALLS):
            before = time.thread_time_ns()
            _lookup(number)
            taken.append(time.thread_time_ns() - before)
    assert playback.verdict().status == "identical", playback.verdict()
    taken.sort()
    report.add("replay.served", statistics.median(taken) / 1e3, "us", at_most(1_000))
    report.add("replay.served.p99", taken[len(taken) * 99 // 100] / 1e3, "us")
