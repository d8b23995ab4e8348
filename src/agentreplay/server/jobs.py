"""Jobs: sessions that are replayed, checked and forked for whoever asks, each in processes of its own.

A job runs `agentreplay replay`, `fork` or `check` and never anything in the server itself. What is running, how
long, and how much it may say is bounded. The list of jobs is kept in memory: it ends with the server, and so do the
jobs in it; a fork that came about is a session, and stays.
"""

import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Literal

import msgspec

from agentreplay.errors import JobMissing, JobsForbidden, JobsTooMany
from agentreplay.model.session import SessionKey
from agentreplay.model.time import Clock, Nanoseconds
from agentreplay.server.options import Options
from agentreplay.settings import Settings

__all__ = ["Job", "JobKind", "JobProgress", "JobStatus", "Jobs"]

JobKind = Literal["replay", "fork", "check"]
JobStatus = Literal["waiting", "running", "completed", "failed", "cancelled", "timed out"]

_AT_ONCE = 2
_MOST_WAITING = 32
_REMEMBERED = 200
_LONGEST = 1 << 20
"""Bytes that a job may print as its result; and of what else it says only the end is kept."""
_TOO_LONG = f"error: its result is longer than {_LONGEST:,} bytes\nhint: a check of fewer sessions is shorter: `sample`"
_LAST_WORDS = 4_000
_EVERY = 0.1
_OVER = frozenset({"completed", "failed", "cancelled", "timed out"})


class JobProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is."""

    done: int
    """The calls that the program has made; of a check, the sessions that were replayed."""
    of: int
    """The calls that were recorded, of which a fork may make more or fewer; of a check, the sessions there are."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it is now."""

    id: str
    kind: JobKind
    project: str
    session: str | None
    """None of a check, which is about many."""
    status: JobStatus
    created: Nanoseconds
    started: Nanoseconds | None = None
    ended: Nanoseconds | None = None
    progress: JobProgress | None = None
    result: dict[str, Any] | None = None
    """Of a replay its verdict, of a fork the new session, of a check the verdict of each session.

    It is what `agentreplay replay --json`, `fork --json` and `check --json` print.
    """
    exit_code: int | None = None
    said: str = ""
    """The end of what it and its program wrote to stderr."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will become of it."""
        return self.status in _OVER


class _Work:
    """A job with what it takes to run it."""

    def __init__(self, job: Job, key: SessionKey, arguments: Sequence[str], files: dict[str, str]) -> None:
        self.job = job
        self.key = key
        self.arguments = arguments
        self.files = files
        self.is_cancelled = threading.Event()


class Jobs:
    """Runs jobs. Safe to share between threads; `changed` is called in any of them with a job that changed."""

    def __init__(
        self, settings: Settings, options: Options, now: Clock, changed: Callable[[Job, SessionKey], None]
    ) -> None:
        self._settings = settings
        self._options = options
        self._now = now
        self._changed = changed
        self._lock = threading.Lock()
        self._works: OrderedDict[str, _Work] = OrderedDict()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="agentreplay-job")

    def start(self, kind: JobKind, key: SessionKey, arguments: Sequence[str], files: dict[str, str]) -> Job:
        """Have a session replayed or forked, or the sessions of a project checked, as soon as there is room.

        The key of a project is that of a session without an id. `files` are written for it; where one of the
        arguments is the name of one, it stands for its path. Raises JobsForbidden and JobsTooMany.
        """
        if not self._options.runs_jobs:
            raise JobsForbidden
        job = Job(
            id=secrets.token_hex(8),
            kind=kind,
            project=key.project,
            session=key.session or None,
            status="waiting",
            created=Nanoseconds(self._now()),
        )
        work = _Work(job, key, arguments, files)
        with self._lock:
            active = sum(not one.job.is_over for one in self._works.values())
            if active >= _AT_ONCE + _MOST_WAITING:
                raise JobsTooMany(most=active)
            self._works[job.id] = work
            self._forget()
        self._changed(job, key)
        self._threads.submit(self._run, work)
        return job

    def get(self, name: str) -> Job:
        """The job as it is now; raises JobMissing."""
        return self._find(name).job

    def all(self) -> list[Job]:
        """The jobs that are remembered, the newest first."""
        with self._lock:
            return [work.job for work in reversed(self._works.values())]

    def cancel(self, name: str) -> Job:
        """End a job; one that is over stays as it is. Raises JobMissing."""
        work = self._find(name)
        work.is_cancelled.set()
        if work.job.status == "waiting":
            self._put(work, status="cancelled", ended=Nanoseconds(self._now()))
        return work.job

    def close(self) -> None:
        """End all jobs, and return when they have ended."""
        with self._lock:
            works = list(self._works.values())
        for work in works:
            work.is_cancelled.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _find(self, name: str) -> _Work:
        with self._lock:
            work = self._works.get(name)
        if work is None:
            raise JobMissing(job=name)
        return work

    def _forget(self) -> None:
        """The oldest that are over, where there are too many."""
        surplus = len(self._works) - _REMEMBERED
        for name in [name for name, work in self._works.items() if work.job.is_over][: max(0, surplus)]:
            del self._works[name]

    def _put(self, work: _Work, **changes: Any) -> None:
        with self._lock:
            if work.job.is_over:
                return
            work.job = msgspec.structs.replace(work.job, **changes)
        self._changed(work.job, work.key)

    def _run(self, work: _Work) -> None:
        if work.is_cancelled.is_set():
            self._put(work, status="cancelled", ended=Nanoseconds(self._now()))
            return
        self._put(work, status="running", started=Nanoseconds(self._now()))
        try:
            with TemporaryDirectory(prefix="agentreplay-job-") as folder:
                outcome = self._perform(work, Path(folder))
        except Exception as error:  # noqa: BLE001  # whatever it is, the job is over and its thread goes on
            outcome = {"status": "failed", "said": f"{type(error).__name__}: {error}"}
        self._put(work, **outcome, ended=Nanoseconds(self._now()))

    def _perform(self, work: _Work, folder: Path) -> dict[str, Any]:
        for name, text in work.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        progress = folder / "progress"
        # What it prints goes to files, so that nobody has to read it for it to go on.
        with (folder / "stdout").open("w+b") as printed, (folder / "stderr").open("w+b") as said:
            with subprocess.Popen(  # noqa: S603  # ours
                self._command(work, folder, progress),
                stdin=subprocess.PIPE,
                stdout=printed,
                stderr=said,
                env=_variables(),
            ) as process:
                status = self._watch(work, process, (printed, said), progress)
                # All that is left of it ends with its standard input.
                if process.stdin is not None:
                    process.stdin.close()
            self._look_at(work, progress)
            return {"status": status, "said": _end_of(said), **_result(status, process.returncode, printed)}

    def _command(self, work: _Work, folder: Path, progress: Path) -> list[str]:
        settings = self._settings
        # -P: the folder the server was started in may hold modules with the names of those we need.
        here = [sys.executable, "-P", "-m"]
        mine = [f"--db-path={settings.db_path}", f"--tenant={work.key.tenant}", f"--project={work.key.project}"]
        told = [str(folder / part) if part in work.files else part for part in work.arguments]
        return [
            *(*here, "agentreplay.server.minding"),
            *(*here, "agentreplay.cli", *mine, "--json", work.job.kind),
            *(f"--progress={progress}", *told),
            # An id may look like an option.
            *(("--", work.key.session) if work.key.session else ()),
        ]

    def _watch(
        self, work: _Work, process: "subprocess.Popen[bytes]", files: tuple[IO[bytes], ...], progress: Path
    ) -> JobStatus:
        """Wait until it is over, and end what takes too long, says too much, or is cancelled."""
        deadline = time.monotonic() + self._seconds_for(work.job.kind)
        while process.poll() is None:
            self._look_at(work, progress)
            if work.is_cancelled.wait(_EVERY):
                return "cancelled"
            if time.monotonic() > deadline:
                return "timed out"
            if any(_size_of(file) > self._options.job_bytes for file in files):
                return "failed"
        return "completed"

    def _seconds_for(self, kind: JobKind) -> float:
        return self._options.check_seconds if kind == "check" else self._options.job_seconds

    def _look_at(self, work: _Work, progress: Path) -> None:
        with suppress(OSError, ValueError, IndexError, KeyError):  # it is being written, or was not begun
            told = json.loads(progress.read_bytes().rstrip(b"\n").rpartition(b"\n")[2])
            found = JobProgress(done=told["done"], of=told["of"])
            if found != work.job.progress:
                self._put(work, progress=found)


def _result(status: JobStatus, code: int, printed: IO[bytes]) -> dict[str, Any]:
    """What it printed as its result. Without one it failed, whatever its exit code; it says itself why."""
    if status != "completed":
        return {}
    printed.seek(0)
    text = printed.read(_LONGEST + 1)
    if len(text) > _LONGEST:
        return {"status": "failed", "exit_code": code, "said": _TOO_LONG}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return {"status": "failed", "exit_code": code}
    return {"result": found, "exit_code": code}


def _variables() -> dict[str, str]:
    """Ours, without the key: the program that is run has no business with it."""
    return {name: value for name, value in os.environ.items() if name != "AGENTREPLAY_KEY"}


def _size_of(file: IO[bytes]) -> int:
    return Path(file.name).stat().st_size


def _end_of(file: IO[bytes]) -> str:
    size = file.seek(0, 2)
    file.seek(max(0, size - _LAST_WORDS))
    return file.read().decode("utf-8", "replace")
