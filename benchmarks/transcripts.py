"""How fast transcripts are taken in: until they are acknowledged, and until they can be read; beside the parser alone.

The transcripts are sessions as Claude Code writes them, of generated prose: prompts, answers in several lines, calls of
tools with results of some kilobytes, edits. As with `agentreplay import` and the command behind it, they are read first
and then indexed, each by two processes side by side. By the clock is how long that takes here and now, whatever else
the machine does; the processor time of both together, and that of the busier one, say what it takes where two
processors are free. The peer is the parser of Python's standard library, which does nothing but read the JSON.
"""

import json
import os
import random
import resource
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event, Timer
from typing import Any

from agentreplay.core.transcript_files import find
from agentreplay.core.transcripts import Importer
from agentreplay.core.watch import Watch
from agentreplay.intake.transcripts.readers import READERS
from agentreplay.settings import Settings
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.registry import open_store
from benchmarks.figures import Report, at_least, at_most
from benchmarks.prose import Prose

__all__ = ["measure_transcripts"]

_TURNS, _CALLS = 12, 8
_MB = 1_000_000
_IDLE = 10.0
_FOLDER = "home/.claude/projects/-work"


def measure_transcripts(folder: Path, megabytes: int, report: Report) -> None:
    """Generate so many megabytes, take them in, and follow them while nothing happens."""
    projects = folder / _FOLDER
    projects.mkdir(parents=True)
    size, lines = _generate(projects, megabytes * _MB)
    report.add("transcripts.bytes", size / _MB, "MB")
    report.add("transcripts.lines", lines, "lines")
    parsing = _parse(projects)
    report.add("transcripts.parser_alone", size / _MB / parsing, "MB/s cpu")
    settings = replace(Settings.read({}), db_path=folder / "data")
    began, used = time.monotonic(), _processor()
    with closing(JournalWriter(settings.db_path)) as writer:
        importer = Importer(settings, writer, _long_after)
        with closing(importer):
            there = list(find(READERS, projects, projects, {}))
            own = time.process_time()
            with importer.ahead(there):
                spans = sum(importer.read(found).spans for found in there)
            clock = time.monotonic() - began
            own, both = time.process_time() - own, _processor() - used
            report.add("transcripts.acknowledged", size / _MB / both, "MB/s cpu")
            report.add("transcripts.acknowledged.busier", size / _MB / max(own, both - own), "MB/s cpu", at_least(20))
            report.add("transcripts.acknowledged.clock", size / _MB / clock, "MB/s", at_least(20))
            report.add("transcripts.beside_parser", both / parsing, "times")
    with closing(open_store(settings.db_path)) as store:
        store.drain()
        clock = time.monotonic() - began
        statistics = store.statistics()
    # The process that prepares is waited for when the store is closed.
    visible = _processor() - used
    assert statistics.conflicts == 0
    report.add("transcripts.visible", size / _MB / visible, "MB/s cpu")
    report.add("transcripts.visible.clock", size / _MB / clock, "MB/s", at_least(20))
    report.add("transcripts.span", visible / spans * 1e6, "µs cpu/span")
    report.add("transcripts.stored", statistics.stored_bytes / size, "of the bytes")
    report.add("transcripts.watch.idle", _idle(settings, folder / "home") * 100, "% of a core", at_most(1))


def _idle(settings: Settings, home: Path) -> float:
    """The share of a processor that following takes while nothing is written."""
    stop = Event()
    with closing(JournalWriter(settings.db_path)) as writer:
        importer = Importer(settings, writer, _long_after)
        with closing(importer):
            watch = Watch(importer, READERS, home, {}, _long_after)
            watch.sweep()
            Timer(_IDLE, stop.set).start()
            used = time.process_time()
            watch.run(stop, lambda _: None)
            return (time.process_time() - used) / _IDLE


def _long_after() -> int:
    """When all that was generated just now has come to rest."""
    return time.time_ns() + 10**12


def _processor() -> float:
    """What this process and those it started have used."""
    mine, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


def _parse(folder: Path) -> float:
    began = time.process_time()
    for path in folder.iterdir():
        with path.open("rb") as file:
            for line in file:
                json.loads(line)
    return time.process_time() - began


def _generate(folder: Path, size: int) -> tuple[int, int]:
    written = lines = 0
    number = 0
    while written < size:
        number += 1
        data = [json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in _Session(number).lines()]
        (folder / f"session-{number}.jsonl").write_bytes(b"".join(data))
        written += sum(map(len, data))
        lines += len(data)
    os.sync()
    return written, lines


class _Session:
    """One session, always the same for its number."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._random = random.Random(number)
        self._prose = Prose(f"transcripts {number}", 400_000)
        self._time = 1_750_000_000 + number * 10_000
        self._parent: str | None = None
        self._count = 0

    def lines(self) -> Iterator[dict[str, Any]]:
        for turn in range(_TURNS):
            yield self._line("user", {"role": "user", "content": self._prose.passage(240)})
            for call in range(_CALLS):
                yield from self._call(f"{self._number}-{turn}-{call}", call)

    def _call(self, name: str, call: int) -> Iterator[dict[str, Any]]:
        text = {"type": "text", "text": self._prose.passage(360)}
        usage = {
            "input_tokens": 9,
            "cache_read_input_tokens": 40_000,
            "cache_creation_input_tokens": 900,
            "output_tokens": 400,
        }
        told = {"id": f"msg_{name}", "role": "assistant", "model": "claude-sonnet-4", "usage": usage}
        tool = {
            "type": "tool_use",
            "id": f"toolu_{name}",
            "name": "Bash",
            "input": {"command": self._prose.passage(48)},
        }
        if call % 4 == 3:
            path = f"/home/user/{self._number}/{call}.py"
            tool = {**tool, "name": "Write", "input": {"file_path": path, "content": self._prose.passage(1800)}}
        yield self._line("assistant", {**told, "content": [text]}, requestId=f"req_{name}")
        yield self._line("assistant", {**told, "content": [tool]}, requestId=f"req_{name}")
        output = self._prose.passage(self._random.choice((100, 1_200, 9_000)))
        result = {"type": "tool_result", "tool_use_id": f"toolu_{name}", "content": output, "is_error": False}
        yield self._line("user", {"role": "user", "content": [result]}, toolUseResult={"stdout": output, "stderr": ""})

    def _line(self, kind: str, message: dict[str, Any], **fields: Any) -> dict[str, Any]:
        self._count += 1
        self._time += 1
        parent, self._parent = self._parent, f"{self._number:08x}-0000-4000-8000-{self._count:012x}"
        return {
            "parentUuid": parent,
            "isSidechain": False,
            "userType": "external",
            "cwd": "/home/user",
            "sessionId": f"session-{self._number}",
            "version": "2.1.209",
            "gitBranch": "main",
            "type": kind,
            "message": message,
            "uuid": self._parent,
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(self._time)),
            **fields,
        }
