"""What stands between a test and the world: a tape that is served to it, or a recording that becomes one."""

import dataclasses
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from contextvars import Token
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agentreplay.core.transfer import export_tape, load_tape
from agentreplay.errors import Unavailable
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.session import SessionKey
from agentreplay.playback.player import OnDivergence
from agentreplay.playback.tape import read_tape
from agentreplay.playback.verdict import Verdict
from agentreplay.sdk import scope, tasks
from agentreplay.sdk.recorder import troubles, troubles_since
from agentreplay.sdk.replaying import Playback
from agentreplay.sdk.session import RecordedSession, close_writer, settings_in_force
from agentreplay.store.registry import open_store

__all__ = ["NotRecorded", "Recording", "Replaying", "Taping"]


_PREPARING = "main/0"
"""The task of what comes before the body: tasks that are created are counted from 1."""


class NotRecorded(Unavailable):
    """The test was not recorded: {problem}."""


class Taping:
    """The boundary of one test. It is entered before the fixtures of the test, and left behind its body."""

    def __init__(self, path: Path, around: AbstractContextManager[object]) -> None:
        self.path = path
        self._around = around
        self._is_entered = False
        self._preparing: Token[Any] | None = None

    def enter(self) -> None:
        """What the running flow does from now on happens within; it prepares the test."""
        self._around.__enter__()
        self._is_entered = True
        self._scope = scope.scope()
        self._preparing = tasks.enter(_PREPARING)

    def begin(self) -> None:
        """The body of the test begins. It counts its calls anew, so that they are those of what it calls."""
        if self._preparing is not None:
            tasks.leave(self._preparing)
            self._preparing = None

    def leave(self) -> None:
        """What happens from now on happens outside. Leaving twice is harmless."""
        if self._is_entered:
            self._is_entered = False
            self.begin()
            self._around.__exit__(None, None, None)

    @contextmanager
    def body(self) -> Generator[None, None, None]:
        """In here the body runs, in a task that may not know what was entered before it began."""
        token = scope.enter(self._scope)
        try:
            with tasks.within("main"):
                yield
        finally:
            scope.leave(token)

    def close(self) -> None:
        """The test is over, however it went."""
        self.leave()


class Replaying(Taping):
    """A tape that is served to a test. Raises what `load_tape` raises."""

    def __init__(self, path: Path, on_divergence: OnDivergence, allow: tuple[str, ...]) -> None:
        self._tape = read_tape(*load_tape(path))
        self._playback = Playback(self._tape, on_divergence=on_divergence, allow=allow)
        super().__init__(path, self._playback)

    @property
    def is_stopped(self) -> bool:
        """Whether a divergence ended the test."""
        return self._playback.is_stopped

    def verdict(self) -> Verdict:
        """How it came out. What the test puts out is its own, so that only its calls are compared."""
        return self._playback.verdict(self._tape.outputs)


class Recording(Taping):
    """A recording of a test, in a store of its own until it becomes a tape."""

    def __init__(self, path: Path, name: str) -> None:
        self._folder = TemporaryDirectory(prefix="agentreplay-", ignore_cleanup_errors=True)
        self._settings = dataclasses.replace(settings_in_force(), db_path=Path(self._folder.name), url="")
        self._session = RecordedSession(name, settings=self._settings, source="test")
        self._troubles = dict(troubles)
        super().__init__(path, self._session)

    def enter(self) -> None:
        """As above; raises NotRecorded when the recording cannot begin."""
        super().enter()
        self._look_for_troubles()

    def save(self) -> int:
        """Write the tape, all or nothing, and return how many bytes it has. Raises NotRecorded."""
        self.leave()
        close_writer(self._settings)
        self._look_for_troubles()
        settings, session = self._settings, self._session.id
        if session is None:
            raise NotRecorded(problem="it ran inside of another session")
        key = SessionKey(TenantId(settings.tenant), ProjectId(settings.project), session)
        store = open_store(settings.db_path)
        try:
            store.drain()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return export_tape(store, key, self.path)
        except OSError as error:
            raise NotRecorded(problem=f"{self.path} cannot be written: {error.strerror or error}") from error
        finally:
            store.close()

    def close(self) -> None:
        """The test is over; what was not saved is gone."""
        self.leave()
        close_writer(self._settings)
        self._folder.cleanup()

    def _look_for_troubles(self) -> None:
        """A recording leaves a program alone when something goes wrong; a tape with a gap is none."""
        for kind in troubles_since(self._troubles):
            raise NotRecorded(problem=kind)
