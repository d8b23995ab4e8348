"""Makes vectors anew while the server goes on: in a process of its own, one project after the other.

The process is `agentreplay memory reembed --all`. Each vector is kept as soon as it is made, and until the last is
there those of the model before serve; so whatever ends the process or the server, the next one goes on from there.
"""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Literal

import msgspec

from agentreplay.core.memory_embedding import is_unfinished, vectors_of_project
from agentreplay.errors import AgentReplayError
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store

__all__ = ["Reembedding", "ReembeddingState", "ReembeddingStatus"]

ReembeddingStatus = Literal["idle", "waiting", "running", "failed", "cancelled"]
_EVERY = 0.1
_LAST_WORDS = 2_000


class ReembeddingState(msgspec.Struct, frozen=True, kw_only=True):
    """What is being done for a project."""

    status: ReembeddingStatus = "idle"
    said: str = ""
    """Why it failed."""


class Reembedding:
    """Safe to share between threads."""

    def __init__(self, settings: Settings, store: Store, command: Sequence[str] | None = None) -> None:
        self._settings = settings
        self._store = store
        self._tenant = TenantId(settings.tenant)
        # -P: the folder the server was started in may hold modules with the names of those we need.
        self._command = command or (sys.executable, "-P", "-m", "agentreplay.cli")
        self._lock = threading.Lock()
        self._states: dict[ProjectId, ReembeddingState] = {}
        self._cancelled: dict[ProjectId, threading.Event] = {}
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="agentreplay-reembedding")

    def start(self, project: ProjectId) -> ReembeddingState:
        """Have all vectors of a project made that are missing, unless that is under way already."""
        with self._lock:
            state = self._states.get(project, ReembeddingState())
            if state.status not in {"waiting", "running"}:
                state = self._states[project] = ReembeddingState(status="waiting")
                self._cancelled[project] = threading.Event()
                self._threads.submit(self._run, project, self._cancelled[project])
            return state

    def resume(self) -> None:
        """Go on, in every project, with what a change of the model began or asks for. Returns at once."""
        self._threads.submit(self._look_for_more)

    def state(self, project: ProjectId) -> ReembeddingState:
        """What is being done for a project now."""
        with self._lock:
            return self._states.get(project, ReembeddingState())

    def cancel(self, project: ProjectId) -> ReembeddingState:
        """End it; what was made stays. The state tells when it has ended."""
        with self._lock:
            if project in self._cancelled:
                self._cancelled[project].set()
        return self.state(project)

    def close(self) -> None:
        """End all of it, and return when it has ended."""
        with self._lock:
            for event in self._cancelled.values():
                event.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _look_for_more(self) -> None:
        wanted = self._settings.embeddings
        for project in sorted({one.project for one in self._store.memories.collections(self._tenant)}):
            try:
                found = vectors_of_project(self._store.memories, self._tenant, project, wanted)
            except AgentReplayError as error:
                self._put(project, ReembeddingState(status="failed", said=error.message))
                continue
            if is_unfinished(found):
                self.start(project)

    def _put(self, project: ProjectId, state: ReembeddingState) -> None:
        with self._lock:
            self._states[project] = state

    def _run(self, project: ProjectId, cancelled: threading.Event) -> None:
        if cancelled.is_set():
            self._put(project, ReembeddingState(status="cancelled"))
            return
        self._put(project, ReembeddingState(status="running"))
        try:
            with tempfile.TemporaryFile() as said:
                state = self._perform(project, said, cancelled.wait)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is over and the thread goes on
            state = ReembeddingState(status="failed", said=f"{type(error).__name__}: {error}")
        self._put(project, state)

    def _perform(self, project: ProjectId, said: IO[bytes], is_cancelled: Callable[[float], bool]) -> ReembeddingState:
        mine = (f"--db-path={self._settings.db_path}", f"--tenant={self._tenant}", f"--project={project}")
        minding = (sys.executable, "-P", "-m", "agentreplay.server.minding")
        command = [*minding, *self._command, *mine, "memory", "reembed", "--all"]
        with subprocess.Popen(  # noqa: S603  # ours
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
        ) as process:
            was_cancelled = False
            while process.poll() is None and not was_cancelled:
                was_cancelled = is_cancelled(_EVERY)
            if process.stdin is not None:
                process.stdin.close()
        if was_cancelled:
            return ReembeddingState(status="cancelled")
        if process.returncode == 0:
            return ReembeddingState()
        size = said.seek(0, 2)
        said.seek(max(0, size - _LAST_WORDS))
        return ReembeddingState(status="failed", said=said.read().decode("utf-8", "replace").strip())
