"""Everything switched on for a while: what comes by OTLP, programs recorded, replayed and forked, replay jobs,
transcripts that grow, memories one by one and from documents, facts, and a browser that looks on.

What must come out is dull: each was done, no error, nothing lost, memory that stays flat, and no lag at the end. Memory
is what the server and its processes keep for themselves; the median of the last third of the time is compared with that
of the third before it.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import sync_playwright

from agentreplay.client.client import Client
from benchmarks.figures import Report, at_least, at_most
from benchmarks.otlp import SPANS, Server, bodies, memory, send_http
from tools import chromium

__all__ = ["measure_soak"]

_MIB = 1 << 20
_BATCH = 10
"""So many OTLP requests a second."""
_PATIENCE = 120.0
_PAGES = ("", "sessions", "measures", "settings")


def _transcript() -> Iterator[bytes]:
    """Lines without end, as Claude Code writes them: a prompt and its answer."""
    for number in count():
        for role, told in (("user", {}), ("assistant", {"id": f"msg_{number}", "model": "claude-sonnet-4"})):
            text = f"{role} {number} " + "and so on " * 100
            content: object = text if role == "user" else [{"type": "text", "text": text}]
            line = {
                "type": role,
                "uuid": f"{role}-{number}",
                "parentUuid": f"assistant-{number - 1}" if role == "user" else f"user-{number}",
                "sessionId": "session-1",
                "cwd": "/home/user",
                "version": "2.1.209",
                "timestamp": datetime.now(UTC).isoformat(),
                "message": {"role": role, "content": content, **told},
            }
            yield json.dumps(line).encode() + b"\n"


class _NotYetError(Exception):
    """There is nothing to do this with."""


class _Work(NamedTuple):
    """Something that is done again and again."""

    name: str
    pause: float
    do: Callable[[], None]


class _Soak:
    """The work that goes on at once, what of it was done and what went wrong."""

    def __init__(self, server: Server, address: str, folder: Path, home: Path) -> None:
        self.server = server
        self.address = address
        self.folder = folder
        self.home = home
        self.done: dict[str, int] = {}
        self.failed: list[str] = []
        self.stop = threading.Event()
        self._bodies = bodies(seed=1)
        self._client = Client(address)
        self._lines = _transcript()

    def works(self) -> list[_Work]:
        return [
            _Work("otlp", 1, self._send),
            _Work("demo", 15, self._demonstrate),
            _Work("job", 20, self._replay),
            _Work("transcript", 1, self._write),
            _Work("memory", 1, self._remember),
            _Work("document", 2, self._ingest),
            _Work("facts", 1, self._commit),
            _Work("questions", 2, self._ask),
        ]

    def go_on(self, work: _Work) -> None:
        """Do this until it is time to stop."""
        self.done[work.name] = 0
        while not self.stop.wait(work.pause):
            try:
                work.do()
                self.done[work.name] += 1
            except _NotYetError:
                pass
            except Exception as error:  # noqa: BLE001  # told at the end
                self.failed.append(f"{work.name}: {type(error).__name__}: {error}")

    def _send(self) -> None:
        send_http(self.server, list(islice(self._bodies, _BATCH)))

    def _demonstrate(self) -> None:
        """Records, replays and forks."""
        command = [sys.executable, "-m", "agentreplay.cli", "--db-path", str(self.folder), "demo"]
        done = subprocess.run(command, capture_output=True, check=False, timeout=_PATIENCE, text=True)
        assert done.returncode == 0, done.stderr

    def _replay(self) -> None:
        found = self._client.sessions(project="demo", limit=10)["items"]
        recorded = [one["id"] for one in found if one["name"] == "support agent" and one["status"] == "completed"]
        if not recorded:
            raise _NotYetError
        job = self._client.replay(recorded[0], project="demo")
        ended = self._client.wait_for(job["id"], _PATIENCE)
        assert ended["result"]["status"] == "identical", ended

    def _write(self) -> None:
        path = self.home / ".claude" / "projects" / "-home-user" / "session-1.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.writelines(islice(self._lines, 2))

    def _remember(self) -> None:
        number = self.done["memory"]
        self._post(
            "memory", {"id": f"{number % 100}", "text": f"The answer to question {number} is {number * number}."}
        )
        self._get(f"memory/search?text=question+{number}")

    def _ingest(self) -> None:
        """A document that grows by a paragraph each time, until it begins anew."""
        number = self.done["document"]
        text = "\n\n".join(f"# Part {part}\n\n{'It goes on and on. ' * 40}" for part in range(number % 20 + 1))
        self._client.ingest_memory(f"document {number // 20 % 5}.md", text)

    def _commit(self) -> None:
        number = self.done["facts"]
        self._client.commit_facts([{"agent": "soak", "key": f"key {number % 50}", "value": number}])

    def _ask(self) -> None:
        client = self._client
        newest = client.spans(limit=100)["items"]
        client.sessions(limit=50)
        client.measures(by=["model"])
        if newest:
            place = {name: newest[0][name] for name in ("trace_id", "span_id", "project")}
            client.span(**place)
            client.children(**place)

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.address}/api/v1/{path}", timeout=_PATIENCE) as answer:  # noqa: S310  # ours
            return json.load(answer)

    def _post(self, path: str, told: object) -> None:
        request = urllib.request.Request(  # noqa: S310  # as above
            f"{self.address}/api/v1/{path}", json.dumps(told).encode(), {"content-type": "application/json"}
        )
        urllib.request.urlopen(request, timeout=_PATIENCE).close()  # noqa: S310  # as above

    def look(self) -> None:
        """A tab that stays open on the sessions, and one that goes from page to page."""
        options = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium.find(), args=options)
            still, moving = browser.new_page(), browser.new_page()
            for page in (still, moving):
                page.on("pageerror", lambda error: self.failed.append(f"page: {error}"))
            still.goto(f"{self.address}/sessions")
            self.done["pages"] = 0
            while not self.stop.is_set():
                moving.goto(f"{self.address}/{_PAGES[self.done['pages'] % len(_PAGES)]}")
                moving.get_by_role("main").wait_for()
                self.done["pages"] += 1
                moving.wait_for_timeout(5_000)
            browser.close()

    def lag(self) -> float:
        """Bytes that are acknowledged and not yet visible."""
        with urllib.request.urlopen(f"{self.address}/metrics", timeout=_PATIENCE) as answer:  # noqa: S310  # ours
            lines = answer.read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("agentreplay_lag_bytes"))


def measure_soak(folder: Path, minutes: float, report: Report) -> None:
    """Go on for so long, and tell what came of it."""
    home = folder / "home"
    home.mkdir()
    with _running(folder / "data", home, folder / "errors.txt") as (server, address):
        soak = _Soak(server, address, folder / "data", home)
        threads = [threading.Thread(target=soak.go_on, args=(work,)) for work in soak.works()]
        threads.append(threading.Thread(target=soak.look))
        for thread in threads:
            thread.start()
        taken, lags = _watch(soak, minutes * 60)
        soak.stop.set()
        for thread in threads:
            thread.join()
        caught_up = _catch_up(soak)
        measured = Client(address).measures(since="2025-01-01", project="default", model="gpt-5-mini")["items"]
        found = sum(one["spans"] for one in measured)
        unfollowed = _unfollowed(soak)
    told = (folder / "errors.txt").read_text(encoding="utf-8").splitlines()
    for line in (*soak.failed[:20], *told[:20]):
        print(line, file=sys.stderr)
    for name, times in soak.done.items():
        report.add(f"soak.done.{name}", times, "times", at_least(1))
    report.add("soak.spans", found, "spans")
    report.add("soak.lost", max(0, soak.done["otlp"] * _BATCH * SPANS - found), "spans", at_most(0))
    report.add("soak.unfollowed", unfollowed, "answers", at_most(0))
    report.add("soak.failed", len(soak.failed), "times", at_most(0))
    report.add("soak.told", len(told), "lines", at_most(0))
    third = max(1, len(taken) // 3)
    before, behind = statistics.median(taken[-2 * third : -third]), statistics.median(taken[-third:])
    report.add("soak.memory", behind / _MIB, "MiB", at_most(400))
    report.add("soak.memory.most", max(taken) / _MIB, "MiB")
    report.add("soak.memory.growth", behind / before, "x", at_most(1.05))
    report.add("soak.lag.most", max(lags) / _MIB, "MiB")
    report.add("soak.lag.gone", caught_up, "s", at_most(5))


def _watch(soak: _Soak, seconds: float) -> tuple[list[float], list[float]]:
    """What the server took, and how far it was behind, every few seconds."""
    taken, lags = list[float](), list[float]()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(min(5.0, seconds / 30))
        taken.append(memory(soak.server.pid, "Pss_Anon"))
        lags.append(soak.lag())
    return taken, lags


def _catch_up(soak: _Soak) -> float:
    """Seconds until nothing is left to be made visible."""
    began = time.monotonic()
    while soak.lag() and time.monotonic() - began < _PATIENCE:
        time.sleep(0.1)
    return time.monotonic() - began


def _unfollowed(soak: _Soak) -> int:
    """How many answers of the transcript are not there, when there was time to follow it to its end."""
    began = time.monotonic()
    while True:
        sessions = Client(soak.address).sessions("source:claude-code", limit=10)["items"]
        lacking: int = soak.done["transcript"] - sum(one["summary"]["kinds"].get("llm", 0) for one in sessions)
        if lacking <= 0 or time.monotonic() - began > _PATIENCE:
            return lacking
        time.sleep(0.5)


@contextlib.contextmanager
def _running(folder: Path, home: Path, errors: Path) -> Iterator[tuple[Server, str]]:
    """A server that follows the transcripts of this home; what it has to say stands in `errors`."""
    options = ["--port", "0", "--otlp-http", "0", "--otlp-grpc", "0", "--watch"]
    command = [sys.executable, "-m", "agentreplay.cli", "--db-path", str(folder), "--json", "up", *options]
    with (
        errors.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=file, env={**os.environ, "HOME": str(home)}
        ) as process,
    ):
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            yield Server(process.pid, told["http"][0], told["grpc"][0], 0.0), told["address"]
        finally:
            process.terminate()
            process.wait()
