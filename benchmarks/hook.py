"""What a coding agent waits for at each of its hooks: the whole process, beside Python that does nothing."""

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from agentreplay.store.journal.reader import journals_in
from agentreplay.store.registry import open_store
from benchmarks.figures import Report, at_most

__all__ = ["measure_hook"]

_ROUNDS = 40
_NOTHING = ("-c", "pass")
_BARE = ("-S", "-c", "pass")
# As the script that an installation puts on the PATH.
_HOOK = ("-c", "import sys; from agentreplay.cli import main; sys.argv[0] = 'agentreplay'; sys.exit(main())")
_EVENT = {
    "session_id": "8d0f6c5e-4a7d-4a0e-9d5c-2f5f4f0e8a11",
    "transcript_path": "/srv/transcript.jsonl",
    "cwd": "/srv/shop",
    "permission_mode": "default",
    "hook_event_name": "PostToolUse",
    "tool_name": "Bash",
    "tool_use_id": "toolu_01",
    "tool_input": {"command": "ls -la"},
    "tool_response": {"stdout": "a line of output\n" * 200, "stderr": "", "interrupted": False},
}


def measure_hook(folder: Path, report: Report) -> None:
    """The processor's time of a hook; and what its events cost when they are indexed."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        data = Path(place)
        event = data / "event.json"
        event.write_text(json.dumps(_EVENT), encoding="utf-8")
        taken: dict[str, list[float]] = {"hook": [], "pass": [], "bare": []}
        # In turns, so that whatever else the machine does meets all of them alike.
        for _ in range(_ROUNDS):
            for name, arguments in (("hook", (*_HOOK, "hook")), ("pass", _NOTHING), ("bare", _BARE)):
                taken[name].append(_processor(arguments, event, data))
        events = len(list(journals_in(data)))
        assert events == _ROUNDS, "each of them was kept"
        hook, nothing, bare = (statistics.median(taken[name]) for name in ("hook", "pass", "bare"))
        report.add("hook, the whole process, CPU, median", hook * 1e3, "ms", at_most(80))
        report.add("hook, the whole process, CPU, least", min(taken["hook"]) * 1e3, "ms")
        report.add("hook / python -c pass, CPU", hook / nothing, "times", at_most(2.5))
        report.add("hook / python -S -c pass, CPU", hook / bare, "times")
        report.add("hook, indexing an event from a journal of its own, CPU", _indexing(data) / events * 1e3, "ms")


def _processor(arguments: tuple[str, ...], event: Path, data: Path) -> float:
    """The seconds of the processor that such a Python takes, from its start to its end."""
    environment = {**os.environ, "AGENTREPLAY_DB": str(data)}
    actions = [(os.POSIX_SPAWN_OPEN, 0, event, os.O_RDONLY, 0)]
    process = os.posix_spawn(sys.executable, [sys.executable, *arguments], environment, file_actions=actions)
    _, status, used = os.wait4(process, 0)
    assert status == 0
    return used.ru_utime + used.ru_stime


def _indexing(data: Path) -> float:
    store = open_store(data)
    began = time.process_time()
    store.drain()
    took = time.process_time() - began
    store.close()
    return took
