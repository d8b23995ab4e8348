"""Sessions and spans recorded from inside the program."""

import dataclasses
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, TypeVar, cast

from agentreplay.core.live import Life
from agentreplay.core.policy import policy_of, redactor_of
from agentreplay.core.redact import Redactor
from agentreplay.core.redact_call import CallRedactor
from agentreplay.core.redact_program import clean_arguments
from agentreplay.model.batch import Batch
from agentreplay.model.content import JSON, Content, Kept
from agentreplay.model.ids import ProjectId, SessionId, TenantId, TraceId, new_session_id
from agentreplay.model.session import Program, Session, SessionStatus
from agentreplay.model.span import Span, Status
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.playback.tape import ARGUMENTS, CONTENT, FUNCTION, READINGS, RETURNED, SALT, SOURCES, TROUBLES
from agentreplay.sdk import tasks
from agentreplay.sdk.boundary import Boundary
from agentreplay.sdk.called import Called
from agentreplay.sdk.instrument import begin
from agentreplay.sdk.marks import checkpoint, mark_checkpoint
from agentreplay.sdk.plain import NotPlain, freeze
from agentreplay.sdk.recorder import Pace, Place, Recorder, count_trouble, troubles, troubles_since
from agentreplay.sdk.scope import Scope, enter, leave, scope
from agentreplay.sdk.silence import silence
from agentreplay.sdk.sources import sources_of_program
from agentreplay.sdk.spans import RecordedSpan, around, text_of
from agentreplay.sdk.wrapping import Block, accompanied
from agentreplay.settings import ContentPolicy, Durability, Settings
from agentreplay.store.journal.writer import JournalWriter

__all__ = ["RecordedSession", "close_writer", "init", "session", "settings_in_force"]

F = TypeVar("F", bound=Callable[..., Any])

_now = time.time_ns
_chosen: dict[str, Any] = {}
_writers: dict[tuple[str, str], JournalWriter] = {}


def init(  # noqa: PLR0913  # each setting comes by its name
    *,
    db_path: str | os.PathLike[str] | None = None,
    project: str | None = None,
    tenant: str | None = None,
    durability: Durability | None = None,
    content: ContentPolicy | None = None,
    redact: str | os.PathLike[str] | None = None,
    url: str | None = None,
    checkpoint_calls: int | None = None,
    checkpoint_seconds: int | None = None,
) -> None:
    """Choose settings for the sessions of this process that begin from now on."""
    given: dict[str, Any] = {"project": project, "tenant": tenant, "durability": durability, "content": content}
    given |= {"url": url, "checkpoint_calls": checkpoint_calls, "checkpoint_seconds": checkpoint_seconds}
    paths = {name: Path(path).expanduser() for name, path in (("db_path", db_path), ("redact", redact)) if path}
    _chosen.update(paths)
    _chosen.update({name: value for name, value in given.items() if value is not None})


def settings_in_force() -> Settings:
    """The settings: what `init` chose before the environment before the defaults."""
    return dataclasses.replace(Settings.read(), **_chosen)


def close_writer(settings: Settings) -> None:
    """Let go of the journal that sessions with these settings were recorded to."""
    writer = _writers.pop((str(settings.recordings), settings.durability), None)
    if writer is not None:
        writer.close()


def _writer_of(settings: Settings) -> JournalWriter:
    key = (str(settings.recordings), settings.durability)
    writer = _writers.get(key)
    if writer is None:
        writer = _writers.setdefault(key, JournalWriter(settings.recordings, settings.durability))
    return writer


class RecordedSession(Block):
    """A session as a context manager or a decorator. Inside of another session it is a span of that one."""

    def __init__(
        self,
        name: str = "",
        *,
        agent: str | None = None,
        labels: Mapping[str, str] | None = None,
        settings: Settings | None = None,
        source: str = "sdk",
    ) -> None:
        self._name = name
        self._agent = agent
        self._labels = dict(labels or {})
        self._settings = settings
        self._source = source
        self._called: Called | None = None
        self._inner: RecordedSpan | None = None
        self._recorder: Recorder | None = None
        self._entered: tuple[Any, Any] | None = None
        self._returned: Any = None
        self._has_returned = False
        self.id: SessionId | None = None
        """The id of the session; None inside of another one."""

    def begin(self) -> None:
        """It begins."""
        if scope().boundary is not None:
            self._inner = RecordedSpan(self._name or "session", "session", agent=self._agent)
            self._inner.begin()
            return
        try:
            with silence():
                self._begin()
        except Exception as trouble:  # noqa: BLE001  # the program must not suffer
            count_trouble(trouble, "a session")

    def enter(self) -> None:
        """What the running flow does belongs to it."""
        if self._inner is not None:
            self._inner.enter()
        elif self._recorder is not None:
            self._entered = enter(self._inside), tasks.enter_task(self._task)

    def leave(self) -> None:
        """What the running flow does belongs to what is around it."""
        if self._inner is not None:
            self._inner.leave()
        entered, self._entered = self._entered, None
        if entered is not None:
            with suppress(ValueError):  # a block may be left in another context than it was entered in
                leave(entered[0])
            with suppress(ValueError):  # as above
                tasks.leave(entered[1])

    def end(self, error: BaseException | None = None) -> None:
        """It ends."""
        if self._inner is not None:
            self._inner.end(error)
        recorder, self._recorder = self._recorder, None
        if recorder is None or recorder.forks:
            return
        try:
            with silence():
                self._end(recorder, error)
        except Exception as trouble:  # noqa: BLE001  # the program must not suffer
            recorder.trouble(trouble)

    def __call__(self, function: F) -> F:
        """Each call of the function is a session of its own; what it returns is kept."""
        name = self._name or getattr(function, "__name__", "session")

        def make(arguments: tuple[Any, ...], named: dict[str, Any]) -> RecordedSession:
            recorded = RecordedSession(
                name, agent=self._agent, labels=self._labels, settings=self._settings, source=self._source
            )
            recorded._called = Called(function, arguments, named)
            return recorded

        return cast("F", accompanied(function, around(make)))

    def returns(self, value: Any) -> Any:
        """Keep what the program returns, and return it."""
        self._returned = value
        self._has_returned = True
        return value

    def checkpoint(self, name: str, state: Value = None) -> str:
        """Name this moment of the session, and keep the state there, without secrets. Returns the hash of the state."""
        recorder, around = self._recorder, scope()
        if recorder is None or around.boundary is not None:
            return checkpoint(name, state)
        return mark_checkpoint(recorder, self._inside, name, state)

    def _begin(self) -> None:
        settings = self._settings or settings_in_force()
        self._started = Nanoseconds(_now())
        self._spared_before = troubles.copy()
        salt = secrets.token_hex(16)
        place = self._place = Place(
            tenant=TenantId(settings.tenant),
            project=ProjectId(settings.project),
            session=new_session_id(self._started, secrets.token_bytes(10)),
            trace_id=TraceId(secrets.token_hex(16)),
            salt=salt,
        )
        self._content = policy_of(settings, settings.project)
        self._redactor = redactor_of(settings, bytes.fromhex(salt), self._content)
        redacting = CallRedactor(self._redactor)
        pace = Pace(settings.checkpoint_calls, settings.checkpoint_seconds)
        recorder = Recorder(_writer_of(settings), place, redacting, pace)
        self._redacting = redacting
        self._span_id = recorder.new_span_id()
        opening = self._told(self._started)
        begin()
        recorder.append(Batch(sessions=(opening,)))
        self._life = Life(settings.recordings, opening)
        if settings.url:
            from agentreplay.sdk.sender import ship  # start-up

            ship(settings)
        # Last of all, because from here on a thread watches what is open until the session ends.
        recorder.open(self._span_id, lambda: self._root(recorder))
        self.id, self._recorder = place.session, recorder
        self._inside = Scope(Boundary(recorder), self._span_id, self._agent)
        self._task = tasks.Task("main")

    def _end(self, recorder: Recorder, error: BaseException | None) -> None:
        now = Nanoseconds(_now())
        status: SessionStatus = "completed" if error is None else "failed"
        with ExitStack() as ending:
            # What comes last is put down first, and comes whatever becomes of what is before it.
            ending.callback(self._life.end)
            ending.callback(recorder.finish)
            ending.callback(lambda: recorder.tell(self._told(now, status)))
            held = list(self._held(recorder))
            root = self._root(recorder, now, error, tuple(Kept(role=role, hash=content.hash) for role, content in held))
            recorder.close(root, tuple(content for _, content in held))

    def _held(self, recorder: Recorder) -> Iterator[tuple[str, Content]]:
        """What the outermost span holds. What cannot be had is left out and counted; the session ends all the same."""
        for role, make in (
            (READINGS, recorder.remaining_readings),
            (SOURCES, _sources),
            (ARGUMENTS, self._arguments),
            (RETURNED, self._result),
        ):
            try:
                content = make()
            except Exception as trouble:  # noqa: BLE001  # the program must not suffer
                count_trouble(trouble, f"the {role} of a session")
                continue
            if content is not None:
                yield role, content

    def _arguments(self) -> Content | None:
        if self._called is None:
            return None
        try:
            return self._called.content(self._redacting)
        except NotPlain:
            return None

    def _result(self) -> Content | None:
        if not self._has_returned:
            return None
        try:
            return Content.of(self._redactor.data(freeze(self._returned)), JSON)
        except NotPlain:
            return None

    def _told(self, revision: Nanoseconds, status: SessionStatus | None = None) -> Session:
        return Session(
            tenant=self._place.tenant,
            project=self._place.project,
            id=self._place.session,
            revision=revision,
            name=self._redactor.word(self._name),
            agent=self._agent,
            status=status,
            source=self._source,
            started=self._started,
            ended=None if status is None else revision,
            program=_program(self._redactor) if self._source == "sdk" else None,
            labels={key: self._redactor.word(value, key) for key, value in self._labels.items()},
        )

    def _attributes(self) -> dict[str, Value]:
        told: dict[str, Value] = {SALT: self._place.salt, "process.pid": os.getpid()}
        if self._content != "redacted":
            told[CONTENT] = self._content
        if self._called is not None:
            told[FUNCTION] = self._called.name
        spared = troubles_since(self._spared_before)
        if spared:
            told[TROUBLES] = spared
        return told

    def _root(
        self,
        recorder: Recorder,
        end: Nanoseconds | None = None,
        error: BaseException | None = None,
        kept: tuple[Kept, ...] = (),
    ) -> Span:
        status: Status = "unset" if end is None else "ok" if error is None else "error"
        return recorder.span(
            span_id=self._span_id,
            kind="session",
            name=self._name or "session",
            start=self._started,
            end=end,
            status=status,
            status_message="" if error is None else f"{type(error).__name__}: {text_of(error)}",
            agent=self._agent,
            attributes=self._attributes(),
            kept=kept,
        )


def _program(redactor: Redactor) -> Program:
    try:
        cwd = str(Path.cwd())
    except OSError:  # the folder is gone
        cwd = ""
    return Program(argv=clean_arguments(redactor, sys.argv), cwd=cwd)


def _sources() -> Content | None:
    found = sources_of_program()
    return Content.of(freeze(found), JSON) if found else None


def session(
    name: str | Callable[..., Any] = "", *, agent: str | None = None, labels: Mapping[str, str] | None = None
) -> Any:
    """A session around what happens in its block, or around each call of the function it decorates."""
    if callable(name):
        return RecordedSession()(name)
    return RecordedSession(name, agent=agent, labels=labels)
