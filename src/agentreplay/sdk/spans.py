"""Spans around what the program does itself: blocks, and functions of every colour."""

import time
from collections.abc import Callable
from contextvars import Token
from typing import Any, cast

import msgspec

from agentreplay.model.ids import SpanId
from agentreplay.model.span import Event, Span, Status
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.sdk.plain import sketch
from agentreplay.sdk.recorder import Place, Recorder, count_trouble
from agentreplay.sdk.scope import Scope, enter, leave, scope
from agentreplay.sdk.wrapping import Accompany, Block

__all__ = ["RecordedSpan", "around", "exception", "span", "text_of"]

_now = cast("Callable[[], Nanoseconds]", time.time_ns)
_LONGEST_MESSAGE = 1_000
_SIMPLE = {str, int, float, bool, type(None)}


class RecordedSpan(Block):
    """A span of the running session, as a context manager. Without a session it does nothing."""

    __slots__ = (
        "_agent",
        "_attributes",
        "_events",
        "_forks",
        "_iteration",
        "_kind",
        "_name",
        "_parent",
        "_place",
        "_recorder",
        "_span_id",
        "_start",
        "_token",
        "inside",
    )

    def __init__(
        self, name: str, /, kind: str = "step", *, agent: str | None = None, iteration: int | None = None, **told: Value
    ) -> None:
        self._name = name
        self._kind = kind
        self._agent = agent
        self._iteration = iteration
        self._attributes = told
        self._events: tuple[Event, ...] = ()
        self._recorder: Recorder | None = None
        self.inside: Scope | None = None
        """Whatever works in it belongs to this span; None before it begins, and without a session."""
        self._token: Token[Scope | None] | None = None

    def set(self, **attributes: Value) -> None:
        """Add attributes."""
        self._attributes |= attributes

    def rename(self, name: str, kind: str, agent: str | None = None) -> None:
        """What it is became clear later than it began."""
        self._name, self._kind, self._agent = name, kind, agent or self._agent

    def event(self, name: str, /, **attributes: Value) -> None:
        """Something happened now."""
        told = {key: sketch(item) for key, item in attributes.items()}
        self._events = (*self._events, Event(name=name, time=_now(), attributes=told))

    def begin(self, below: "RecordedSpan | None" = None) -> None:
        """It begins, below what the running flow works at, or below another span that is told."""
        outside = (None if below is None else below.inside) or scope()
        recorder = outside.boundary.recorder if outside.boundary is not None else None
        if not isinstance(recorder, Recorder):
            return
        self._start = _now()
        self._place = recorder.place
        self._parent = outside.span_id or self._place.parent
        span_id: SpanId = recorder.new_span_id()
        self._span_id = span_id
        if self._agent is None:
            self._agent = outside.agent
        if self._iteration is None:
            self._iteration = outside.iteration
        self.inside = Scope(outside.boundary, span_id, self._agent, self._iteration, outside.printing)
        self._recorder, self._forks = recorder, recorder.forks
        recorder.open(span_id, self._so_far)

    def enter(self) -> None:
        """What the running flow does belongs to it."""
        if self._recorder is not None and self.inside is not None:
            self._token = enter(self.inside)

    def leave(self) -> None:
        """What the running flow does belongs to what is around it."""
        token, self._token = self._token, None
        if token is not None:
            try:  # noqa: SIM105  # suppressing takes as long as all the rest of it
                leave(token)
            except ValueError:
                pass  # a block may be left in another context than it was entered in

    def end(self, error: BaseException | None = None) -> None:
        """It ends."""
        recorder, self._recorder = self._recorder, None
        # What a forked child has inherited ends in its parent.
        if recorder is None or recorder.forks != self._forks:
            return
        try:
            recorder.end(self._span_id, self._told(_now(), error))
        except Exception as trouble:  # noqa: BLE001  # the program must not suffer
            recorder.trouble(trouble)

    def _so_far(self) -> Span:
        return self._told()()

    def _told(self, end: Nanoseconds | None = None, error: BaseException | None = None) -> "_Told":
        """What is known of it now. Whatever the program changes later, this stays as it is."""
        return _Told(
            place=self._place,
            span_id=self._span_id,
            parent_id=self._parent,
            kind=self._kind,
            name=self._name,
            start=self._start,
            end=end,
            agent=self._agent,
            iteration=self._iteration,
            attributes={
                name: item if type(item) in _SIMPLE else sketch(item) for name, item in self._attributes.copy().items()
            },
            events=self._events if error is None or end is None else (*self._events, exception(error, end)),
            error=None if error is None else text_of(error),
        )


class _Told(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A span as its program told it. Made on the program's time, so nothing is checked yet."""

    place: Place
    span_id: SpanId
    parent_id: SpanId | None
    kind: str
    name: str
    start: Nanoseconds
    end: Nanoseconds | None
    agent: str | None
    iteration: int | None
    attributes: dict[str, Value]
    events: tuple[Event, ...]
    error: str | None

    def __call__(self) -> Span:
        error, place = self.error, self.place
        status: Status = "unset" if self.end is None else "ok" if error is None else "error"
        return Span(
            tenant=place.tenant,
            project=place.project,
            session=place.session,
            trace_id=place.trace_id,
            span_id=self.span_id,
            parent_id=self.parent_id,
            kind=self.kind,
            name=self.name,
            start=self.start,
            end=self.end,
            status=status,
            status_message=error or "",
            agent=self.agent,
            iteration=self.iteration,
            tool=self.name if self.kind == "tool" else None,
            attributes=self.attributes,
            events=self.events,
        )


def exception(error: BaseException, at: Nanoseconds) -> Event:
    """The event of an exception."""
    told: dict[str, Value] = {"exception.type": type(error).__qualname__, "exception.message": text_of(error)}
    return Event(name="exception", time=at, attributes=told)


def text_of(error: BaseException) -> str:
    """What an exception says of itself, if it does."""
    try:
        return str(error)[:_LONGEST_MESSAGE]
    except Exception:  # noqa: BLE001  # its own affair
        return type(error).__qualname__


def span(
    name: str, /, kind: str = "step", *, agent: str | None = None, iteration: int | None = None, **attributes: Value
) -> RecordedSpan:
    """A span around what happens in its block."""
    return RecordedSpan(name, kind, agent=agent, iteration=iteration, **attributes)


class _Accompanied:
    """A run of a function with a block around it."""

    def __init__(self, block: Block) -> None:
        self._block = block

    def __enter__(self) -> None:
        self._block.enter()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object, /) -> None:
        self._block.leave()

    def returned(self, value: Any) -> None:
        self._block.returns(value)
        self._block.end()

    def raised(self, error: BaseException) -> None:
        self._block.end(error)

    def yielded(self, item: Any) -> None:
        """It goes on later."""

    def left(self) -> None:
        self._block.end()


def around(make: Callable[[tuple[Any, ...], dict[str, Any]], Block]) -> Accompany:
    """Put a block, made of the arguments, around each run of a function."""

    def accompany(arguments: tuple[Any, ...], named: dict[str, Any]) -> _Accompanied:
        block = make(arguments, named)
        try:
            block.begin()
        except Exception as trouble:  # noqa: BLE001  # the program must not suffer
            count_trouble(trouble, "the beginning of a span")
        return _Accompanied(block)

    return accompany
