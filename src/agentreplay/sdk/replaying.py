"""Replays a session inside the process: serves a function its tape, and says how it came out."""

import inspect
from collections.abc import Callable, Coroutine
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self

from agentreplay.core.policy import redactor_of
from agentreplay.core.redact_call import CallRedactor
from agentreplay.core.redact_program import as_recorded
from agentreplay.core.sessions import resolve
from agentreplay.core.transfer import load_tape
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.session import SessionKey
from agentreplay.playback.divergence import Divergence, describe
from agentreplay.playback.player import OnDivergence, Plan, Player
from agentreplay.playback.tape import Outputs, Tape, read_tape
from agentreplay.playback.verdict import Verdict, judge
from agentreplay.sdk import guard, scope, tasks
from agentreplay.sdk.boundary import Boundary
from agentreplay.sdk.instrument import begin
from agentreplay.sdk.plain import NotPlain, freeze
from agentreplay.sdk.serving import Serving
from agentreplay.sdk.session import settings_in_force
from agentreplay.sdk.sources import edited
from agentreplay.store.registry import open_store

__all__ = ["Diverged", "Playback", "find_tape", "replay"]


class Diverged(BaseException):
    """The program parted from its tape.

    Not an Exception, because programs catch those and go on.
    """

    def __init__(self, divergence: Divergence) -> None:
        self.divergence = divergence
        super().__init__("\n  ".join(describe(divergence)))


def find_tape(session: str | Path) -> Tape:
    """The tape of a session, given by its id or the beginning of it, or by a tape file."""
    path = Path(session)
    if isinstance(session, Path) or path.suffix == ".tape":
        return read_tape(*load_tape(path))
    settings = settings_in_force()
    with closing(open_store(settings.db_path)) as store:
        store.drain()
        row = resolve(store.sessions, TenantId(settings.tenant), ProjectId(settings.project), str(session))
        key: SessionKey = row.session.key
        return read_tape(store, key)


class Playback:
    """A tape being served to the running flow, as a context manager. Ask for the verdict behind it."""

    def __init__(self, tape: Tape, *, on_divergence: OnDivergence = "stop", allow: tuple[str, ...] = ()) -> None:
        self._tape = tape
        self._allow = allow
        self._player = Player(tape, Plan(on_divergence=on_divergence), edited=lambda: edited(tape.sources))
        self._redactor = redactor_of(settings_in_force(), tape.salt, tape.content)
        self.returned: Any = None

    def __enter__(self) -> Self:
        begin()
        redacting = CallRedactor(self._redactor)
        boundary = Boundary(None, self._player, Serving(prepare=redacting.request, stop=_stop))
        self._token = scope.enter(scope.Scope(boundary))
        self._task = tasks.enter("main")
        guard.shut(self._player.report.refused, self._allow)
        return self

    def __exit__(self, *_: object) -> None:
        guard.lift()
        tasks.leave(self._task)
        scope.leave(self._token)

    @property
    def is_stopped(self) -> bool:
        """Whether a divergence ended it."""
        return self._player.report.stopped

    def note(self, text: str) -> None:
        """Add to what the verdict tells."""
        self._player.report.notes.append(text)

    def verdict(self, outputs: Outputs | None = None) -> Verdict:
        """How it came out; what was put out is what was returned, unless it is given."""
        return judge(self._tape, [self._player.finish()], outputs or self._outputs())

    def _outputs(self) -> Outputs:
        recorded = self._tape.outputs
        returned = None if recorded.returned is None else _frozen(self.returned)
        returned = as_recorded(self._redactor, recorded.returned, returned)
        return Outputs(recorded.stdout, recorded.stderr, recorded.exit_code, returned)


def _frozen(value: object) -> bytes:
    try:
        return freeze(value)
    except NotPlain:
        return repr(value).encode()


def replay(
    session: str | Path, function: Callable[..., Any], *arguments: Any, on_divergence: OnDivergence = "stop"
) -> Verdict:
    """Run a function with the answers of a recorded session, offline, and say whether it came out the same.

    What the function raises is not raised here: the verdict tells whether the recording has it too.
    """
    playback = Playback(find_tape(session), on_divergence=on_divergence)
    with playback, suppress(Diverged):
        try:
            playback.returned = _run(function, arguments)
        except Exception as error:  # noqa: BLE001  # it is part of how the program came out
            playback.note(f"the function raised {type(error).__name__}: {error}")
    return playback.verdict()


def _run(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    result = function(*arguments)
    if inspect.iscoroutine(result):
        import asyncio  # start-up

        return asyncio.run(_as_main(result))
    if inspect.isgenerator(result):
        for _ in result:
            pass
        return None
    return result


async def _as_main(result: Coroutine[Any, Any, Any]) -> Any:
    """The task a loop runs first stands for the recorded session, and not for a task of its own."""
    token = tasks.enter("main")
    try:
        return await result
    finally:
        tasks.leave(token)


def _stop(divergence: Divergence) -> None:
    raise Diverged(divergence)
