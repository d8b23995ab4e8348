"""Sessions and spans recorded from inside the program."""

import functools
import inspect
import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import Token
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from agentreplay.core.live import Life
from agentreplay.core.redact import Redactor, read_rules
from agentreplay.model.batch import Batch
from agentreplay.model.content import JSON, Content, Kept
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId, new_session_id
from agentreplay.model.session import Program, Session, SessionStatus
from agentreplay.model.span import Event, Span, Status
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.playback.tape import ARGUMENTS, FUNCTION, RETURNED, SALT, SOURCES
from agentreplay.sdk import tasks
from agentreplay.sdk.boundary import Boundary, silence
from agentreplay.sdk.called import Called
from agentreplay.sdk.instrument import instrument
from agentreplay.sdk.plain import NotPlain, freeze, sketch
from agentreplay.sdk.recorder import Place, Recorder
from agentreplay.sdk.redacting import CallRedactor
from agentreplay.sdk.scope import Scope, enter, leave, scope
from agentreplay.sdk.sources import sources_of_program
from agentreplay.settings import Settings
from agentreplay.store.journal.writer import JournalWriter

__all__ = ["RecordedSession", "RecordedSpan", "close_writer", "init", "session", "settings_in_force", "span"]

F = TypeVar("F", bound=Callable[..., Any])

_now = time.time_ns
_chosen: dict[str, Any] = {}
_writers: dict[tuple[str, str], JournalWriter] = {}


def init(**settings: Any) -> None:
    """Choose settings for sessions of this process: db_path, project, tenant, durability, content, redact."""
    unknown = set(settings) - {"db_path", "project", "tenant", "durability", "content", "redact"}
    if unknown:
        raise TypeError(f"there is no setting {', '.join(sorted(unknown))}")
    _chosen.update({name: value for name, value in settings.items() if value is not None})


def settings_in_force() -> Settings:
    """The settings: what `init` chose before the environment before the defaults."""
    import dataclasses  # start-up

    chosen = dict(_chosen)
    for name in ("db_path", "redact"):
        if name in chosen:
            chosen[name] = Path(chosen[name]).expanduser()
    return dataclasses.replace(Settings.read(), **chosen)


def close_writer(settings: Settings) -> None:
    """Let go of the journal that sessions with these settings were recorded to."""
    writer = _writers.pop((str(settings.db_path), settings.durability), None)
    if writer is not None:
        writer.close()


def _writer_of(settings: Settings) -> JournalWriter:
    key = (str(settings.db_path), settings.durability)
    writer = _writers.get(key)
    if writer is None:
        writer = _writers[key] = JournalWriter(settings.db_path, settings.durability)
    return writer


class RecordedSpan:
    """A span of the running session, as a context manager. Without a session it does nothing."""

    def __init__(self, name: str, kind: str = "step", **attributes: Value) -> None:
        self._name = name
        self._kind = kind
        self._attributes = attributes
        self._agent = attributes.pop("agent", None)
        self._iteration = attributes.pop("iteration", None)
        self._events: list[Event] = []
        self._recorder: Recorder | None = None
        self._token: Token[Scope | None] | None = None

    def set(self, **attributes: Value) -> None:
        """Add attributes."""
        self._attributes |= attributes

    def event(self, name: str, **attributes: Value) -> None:
        """Something happened now."""
        self._events.append(Event(name=name, time=Nanoseconds(_now()), attributes=attributes))

    def __enter__(self) -> Self:
        around = scope()
        recorder = around.boundary.recorder if around.boundary is not None else None
        if not isinstance(recorder, Recorder):
            return self
        self._recorder = recorder
        self._start = Nanoseconds(_now())
        self._parent = around.span_id or recorder.place.parent
        self._span_id = recorder.new_span_id()
        self._agent = self._agent or around.agent
        iteration = around.iteration if self._iteration is None else self._iteration
        self._iteration = iteration
        self._token = enter(Scope(around.boundary, self._span_id, self._agent, iteration))
        recorder.open(self._span_id, lambda: self._build(recorder))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        recorder, token = self._recorder, self._token
        if recorder is None or token is None:
            return
        self._token = None
        with suppress(ValueError):  # a generator may be closed in another context than it ran in
            leave(token)
        try:
            recorder.close(self._build(recorder, Nanoseconds(_now()), error))
        except Exception as trouble:  # noqa: BLE001  # the program must not suffer
            recorder.trouble(trouble)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    def _build(self, recorder: Recorder, end: Nanoseconds | None = None, error: BaseException | None = None) -> Span:
        status: Status = "unset" if end is None else "ok" if error is None else "error"
        events = self._events
        if error is not None:
            told: dict[str, Value] = {"exception.type": type(error).__qualname__, "exception.message": str(error)}
            events = [*events, Event(name="exception", time=Nanoseconds(end or 0), attributes=told)]
        return recorder.span(
            self._span_id,
            parent_id=self._parent,
            kind=self._kind,
            name=self._name,
            start=self._start,
            end=end,
            status=status,
            status_message="" if error is None else str(error)[:1000],
            agent=self._agent,
            iteration=self._iteration,
            attributes={name: sketch(item) for name, item in self._attributes.items()},
            events=tuple(events),
        )


def span(name: str, kind: str = "step", **attributes: Value) -> RecordedSpan:
    """A span around what happens in its block."""
    return RecordedSpan(name, kind, **attributes)


class RecordedSession:
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
        self.id: SessionId | None = None
        """The id of the session; None inside of another one."""

    def __enter__(self) -> Self:
        if scope().boundary is not None:
            self._inner = RecordedSpan(self._name or "session", "session", agent=self._agent).__enter__()
            return self
        try:
            self._begin()
        except Exception as trouble:  # noqa: BLE001  # the program must not suffer
            Recorder.trouble(trouble)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._inner is not None:
            self._inner.__exit__(kind, error, traceback)
            return
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return
        with suppress(ValueError):
            leave(self._token)
            tasks.leave(self._task)
        try:
            with silence():
                self._end(recorder, error)
        except Exception as trouble:  # noqa: BLE001  # the program must not suffer
            recorder.trouble(trouble)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __call__(self, function: F) -> F:
        """Each call of the function is a session of its own; what it returns is kept."""
        name = self._name or function.__name__

        def fresh(*arguments: Any, **named: Any) -> RecordedSession:
            recorded = RecordedSession(
                name, agent=self._agent, labels=self._labels, settings=self._settings, source=self._source
            )
            recorded._called = Called(function, arguments, named)
            return recorded

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def run_async(*arguments: Any, **named: Any) -> Any:
                async with fresh(*arguments, **named) as recorded:
                    return recorded.returns(await function(*arguments, **named))

            return cast("F", run_async)

        @functools.wraps(function)
        def run(*arguments: Any, **named: Any) -> Any:
            with fresh(*arguments, **named) as recorded:
                return recorded.returns(function(*arguments, **named))

        return cast("F", run)

    def returns(self, value: Any) -> Any:
        """Keep what the program returns, and return it."""
        self._returned = value
        self._has_returned = True
        return value

    _returned: Any = None
    _has_returned = False

    def _begin(self) -> None:
        settings = self._settings or settings_in_force()
        self._started = Nanoseconds(_now())
        salt = secrets.token_hex(16)
        self.id = new_session_id(self._started, secrets.token_bytes(10))
        self._place = Place(
            tenant=TenantId(settings.tenant),
            project=ProjectId(settings.project),
            session=self.id,
            trace_id=TraceId(secrets.token_hex(16)),
            salt=salt,
        )
        rules = read_rules(settings.redact) if settings.redact else ()
        redacting = CallRedactor(Redactor(settings.content, rules, bytes.fromhex(salt)))
        recorder = Recorder(_writer_of(settings), self._place, redacting)
        self._redacting = redacting
        self._span_id = recorder.new_span_id()
        recorder.append(Batch(sessions=(self._told(self._started),)))
        self._life = Life(settings.db_path, self._told(self._started))
        recorder.open(self._span_id, lambda: self._root(recorder))
        instrument()
        self._recorder = recorder
        self._token = enter(Scope(Boundary(recorder), self._span_id, self._agent))
        self._task = tasks.enter("main")

    def _end(self, recorder: Recorder, error: BaseException | None) -> None:
        now = Nanoseconds(_now())
        status: SessionStatus = "completed" if error is None else "failed"
        contents: list[tuple[str, Content]] = []
        readings = recorder.remaining_readings()
        if readings is not None:
            contents.append(("readings", readings))
        sources = sources_of_program()
        if sources:
            contents.append((SOURCES, Content.of(freeze(sources), JSON)))
        if self._called is not None:
            with suppress(NotPlain):
                contents.append((ARGUMENTS, self._called.content(self._redacting)))
        if self._has_returned:
            with suppress(NotPlain):
                contents.append((RETURNED, Content.of(freeze(self._returned), JSON)))
        span = self._root(recorder, now, error, tuple(Kept(role=role, hash=item.hash) for role, item in contents))
        recorder.close(span, tuple(content for _, content in contents))
        recorder.tell(self._told(now, status))
        recorder.finish()
        self._life.end()

    def _told(self, revision: Nanoseconds, status: SessionStatus | None = None) -> Session:
        return Session(
            tenant=self._place.tenant,
            project=self._place.project,
            id=self._place.session,
            revision=revision,
            name=self._name,
            agent=self._agent,
            status=status,
            source=self._source,
            started=self._started,
            ended=None if status is None else revision,
            program=Program(argv=tuple(sys.argv), cwd=str(Path.cwd())) if self._source == "sdk" else None,
            labels=self._labels,
        )

    def _root(
        self,
        recorder: Recorder,
        end: Nanoseconds | None = None,
        error: BaseException | None = None,
        kept: tuple[Kept, ...] = (),
    ) -> Span:
        status: Status = "unset" if end is None else "ok" if error is None else "error"
        function = {} if self._called is None else {FUNCTION: self._called.name}
        return recorder.span(
            SpanId(self._span_id),
            kind="session",
            name=self._name or "session",
            start=self._started,
            end=end,
            status=status,
            status_message="" if error is None else f"{type(error).__name__}: {error}"[:1000],
            agent=self._agent,
            attributes={SALT: self._place.salt, "process.pid": os.getpid(), **function},
            kept=kept,
        )


def session(
    name: str | Callable[..., Any] = "", *, agent: str | None = None, labels: Mapping[str, str] | None = None
) -> Any:
    """A session around what happens in its block, or around each call of the function it decorates."""
    if callable(name):
        return RecordedSession()(name)
    return RecordedSession(name, agent=agent, labels=labels)
