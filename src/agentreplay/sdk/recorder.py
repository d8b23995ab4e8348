"""Writes what one process does in one session to its journal: calls before their answers are returned, spans a moment
after they end, and what is still open a moment after it began.
"""

import logging
import os
import time
import weakref
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple, cast

import msgspec

from agentreplay.core.calls import batch_of_crossing
from agentreplay.core.notices import give_notice
from agentreplay.model.batch import Batch
from agentreplay.model.call import Answer, Crossing, Request
from agentreplay.model.checkpoint import AUTOMATIC, CHECKPOINT, DIGEST, STATE, TASK
from agentreplay.model.content import JSON, OCTETS, Content, Kept
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.session import Session
from agentreplay.model.span import Span
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.values import Value, encode
from agentreplay.playback.tape import READINGS, UNRECORDED
from agentreplay.sdk.backlog import Backlog
from agentreplay.sdk.boundary import Pending
from agentreplay.sdk.keeping import Noted, Redacting, crossing
from agentreplay.sdk.scope import Scope, scope
from agentreplay.sdk.silence import silence
from agentreplay.sdk.telemetry import mark_call
from agentreplay.store.journal.frame import CALL, CALL_VERSION
from agentreplay.store.journal.writer import JournalWriter

__all__ = ["Pace", "Place", "Recorder", "count_trouble", "troubles", "troubles_since"]

_TOO_MANY_READS = 100_000
_LONG = 16_384
_log = logging.getLogger("agentreplay")
_log.addHandler(logging.NullHandler())  # a program that sets up no logging is told nothing on its stderr
_ids = Random()  # noqa: S311 - ids name spans and guard nothing
_now = cast("Callable[[], Nanoseconds]", time.time_ns)
"""As it is before anything is patched."""

troubles: dict[str, int] = {}
"""Errors of our own that the program was spared, by kind, with how often they happened."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a process records to: whose session it is, and below which span."""

    tenant: TenantId
    project: ProjectId
    session: SessionId
    trace_id: TraceId
    parent: SpanId | None = None
    salt: str = ""


class Pace(NamedTuple):
    """How often a process makes a checkpoint by itself, where a call has just been kept; 0: never."""

    calls: int = 0
    seconds: int = 0


class Recorder:
    """The recording of one session by one process. Never raises into the program."""

    def __init__(
        self, journal: JournalWriter, place: Place, redacting: Redacting, pace: Pace | None = None, notices: str = ""
    ) -> None:
        self.place = place
        self._pace = pace if pace is not None and any(pace) else None
        self._notices = notices
        self._calls = 0
        self._marked = _now()
        self._journal = journal
        self._redacting = redacting
        self._readings: dict[str, dict[str, list[Value]]] = {}
        self._backlog = Backlog(self._put, redacting.span, self.trouble)
        self._announced: dict[SpanId, tuple[Request, Request]] = {}
        """The requests of calls that were announced, as they were asked and as they may be kept."""
        self.forks = 0
        """How often the process was forked off another one since the recording began; 0 in the one that began it."""
        _recorders.add(self)

    def new_span_id(self) -> SpanId:
        """An id no other span has."""
        return SpanId(f"{_ids.getrandbits(64) or 1:016x}")

    def prepare(self, request: Request) -> Request:
        """The request without its secrets."""
        return self._redacting.request(request)

    def begin(self, pending: Pending) -> None:
        """A call begins."""
        try:
            noted = pending.note = Noted(self.new_span_id(), scope())
            self._backlog.open(noted.span_id, lambda: self._begun(pending, noted))
            if pending.request.seam == "http":
                mark_call(noted.span_id, noted.scope.span_id)
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            self.trouble(error)

    def keep(self, pending: Pending, answer: Answer) -> None:
        """Keep a call with its answer."""
        noted = pending.note
        if not isinstance(noted, Noted):
            return
        try:
            with silence():
                ended = _now()
                read = self._readings.pop(pending.address.path, None) if self._readings else None
                readings = None if read is None else encode({pending.address.path: read})
                # An announcement under way comes before what is written next, and none comes behind it.
                self._backlog.forget(noted.span_id)
                self._backlog.write()
                # One right after the other: alone, each would find the processor's caches cold.
                request, answer = self._clean(noted, pending.request, answer)
                self._write(crossing(self.place, pending, noted, request, answer, ended, readings))
                if self._notices:
                    give_notice(self._notices, ended)
                if self._pace is not None:
                    self._keep_pace(self._pace, noted.scope)
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            self.trouble(error)

    def _begun(self, pending: Pending, noted: Noted) -> Crossing:
        """A call whose answer has not come."""
        asked = pending.request
        request = self._redacting.request(asked)
        self._announced[noted.span_id] = asked, request
        return crossing(self.place, pending, noted, request)

    def _clean(self, noted: Noted, asked: Request, answer: Answer) -> tuple[Request, Answer]:
        """A call without its secrets. A request that was announced was looked at while its answer was under way."""
        announced = self._announced.pop(noted.span_id, None)
        if announced is not None and announced[0] is asked:
            return announced[1], self._redacting.answer(answer)
        return self._redacting.call(asked, answer)

    def _put(self, told: Batch | Crossing) -> None:
        """What the backlog writes."""
        if isinstance(told, Crossing):
            self._write(told)
        else:
            self._journal.append(told)

    def _write(self, call: Crossing) -> None:
        """Write a call down as it is; a long conversation is taken apart at once, for most of it is written already."""
        if len(call.request.body) > _LONG:
            self._journal.append(batch_of_crossing(call))
        else:
            self._journal.append_payloads(CALL, CALL_VERSION, (encode(call),))

    def mark(
        self,
        name: str,
        around: Scope,
        *,
        kind: str = "custom",
        attributes: dict[str, Value] | None = None,
        state: Content | None = None,
    ) -> None:
        """Something of this moment, in a scope."""
        try:
            now = _now()
            span = self.span(
                span_id=self.new_span_id(),
                parent_id=around.span_id or self.place.parent,
                kind=kind,
                name=name,
                start=now,
                end=now,
                status="ok",
                agent=around.agent,
                iteration=around.iteration,
                attributes=attributes or {},
                kept=() if state is None else (Kept(role=STATE, hash=state.hash),),
            )
            self.close(span, () if state is None else (state,))
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            self.trouble(error)

    def checkpoint(self, name: str, around: Scope, task: str, digest: str, state: bytes) -> None:
        """The program names this moment; its state is kept without secrets."""
        try:
            kept = Content.of(self._redacting.state(state), JSON)
        except Exception as error:  # noqa: BLE001  # as above
            self.trouble(error)
            return
        self.mark(name, around, kind=CHECKPOINT, attributes={DIGEST: digest, TASK: task}, state=kept)

    def _keep_pace(self, pace: Pace, around: Scope) -> None:
        """Make a checkpoint where one is due."""
        self._calls += 1
        is_due = pace.calls and self._calls % pace.calls == 0
        if is_due or (pace.seconds and _now() - self._marked >= pace.seconds * SECOND):
            self._marked = _now()
            self.mark(f"after {self._calls} calls", around, kind=CHECKPOINT, attributes={AUTOMATIC: True})

    def read(self, path: str, place: str, value: Value) -> None:
        """Keep what was read."""
        places = self._readings.get(path)
        if places is None:
            places = self._readings[path] = {}
        values = places.get(place)
        if values is None:
            places[place] = [value]
        else:
            values.append(value)
            if len(values) >= _TOO_MANY_READS:
                self._write_readings(path)

    def unrecorded(self, what: str) -> None:
        """Keep that something went by which cannot be served again."""
        now = _now()
        span = self.span(
            span_id=self.new_span_id(),
            kind="custom",
            name=what,
            start=now,
            end=now,
            attributes={UNRECORDED: what},
            parent_id=scope().span_id or self.place.parent,
        )
        self.append(Batch(spans=(span,)))

    def tell(self, session: Session) -> None:
        """Say something of the session."""
        self.append(Batch(sessions=(session,)))

    def append(self, batch: Batch) -> None:
        """Append, behind what ended before; what goes wrong is counted."""
        try:
            with silence():
                self._backlog.write()
                self._journal.append(batch)
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            self.trouble(error)

    def open(self, span_id: SpanId, build: Callable[[], Span]) -> None:
        """A span begins; it is written when it ended, or before if it takes long."""
        self._backlog.open(span_id, build)

    def end(self, span_id: SpanId, build: Callable[[], Span]) -> None:
        """A span ended, and is written soon. `build` makes it of what does not change any more."""
        self._backlog.end(span_id, build)

    def close(self, span: Span, contents: tuple[Content, ...] = ()) -> None:
        """A span ends, and is written before the program goes on."""
        self._backlog.forget(span.span_id)
        self.append(Batch(spans=(self._redacting.span(span),), contents=contents))

    def span(self, **fields: Any) -> Span:
        """A span of this session."""
        place = self.place
        return Span(
            tenant=place.tenant, project=place.project, session=place.session, trace_id=place.trace_id, **fields
        )

    def remaining_readings(self) -> Content | None:
        """What was read and is not written yet, of all tasks."""
        readings, self._readings = self._readings, {}
        # A thread that is just adding to it goes on meanwhile.
        taken = {
            path: {place: values.copy() for place, values in places.copy().items()} for path, places in readings.items()
        }
        return Content.of(encode(taken), OCTETS) if taken else None

    def finish(self) -> None:
        """Nothing follows, but for what threads do that outlive the session."""
        self._backlog.finish()

    def after_fork(self) -> None:
        """A child has readings of its own."""
        self.forks += 1
        self._readings = {}

    @staticmethod
    def trouble(error: BaseException) -> None:
        """Count an error of our own, and tell of the first of its kind."""
        count_trouble(error, "something")

    def _take_readings(self, path: str) -> Content | None:
        if not self._readings:
            return None
        readings = self._readings.pop(path, None)
        return None if readings is None else Content.of(encode({path: readings}), OCTETS)

    def _write_readings(self, path: str) -> None:
        """Write what a task has read a lot of, on a span of its own."""
        try:
            content = self._take_readings(path)
            if content is not None:
                now = _now()
                span = self.span(
                    span_id=self.new_span_id(),
                    kind="function",
                    name="readings",
                    start=now,
                    end=now,
                    status="ok",
                    kept=(Kept(role=READINGS, hash=content.hash),),
                    parent_id=scope().span_id or self.place.parent,
                )
                self.append(Batch(spans=(span,), contents=(content,)))
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            self.trouble(error)


def count_trouble(error: BaseException, what: str) -> None:
    """Count an error of our own, and tell of the first of its kind."""
    try:
        kind = f"{what}: {type(error).__name__}: {error}"[:200]
    except Exception:  # noqa: BLE001  # what an error says of itself may be one
        kind = f"{what}: {type(error).__name__}"
    troubles[kind] = troubles.get(kind, 0) + 1
    if troubles[kind] == 1:
        _log.warning("agentreplay could not record %s", kind)


def troubles_since(before: dict[str, int]) -> dict[str, int]:
    """What was counted since the errors stood as they stood before."""
    return {kind: count - before.get(kind, 0) for kind, count in troubles.copy().items() if count > before.get(kind, 0)}


_recorders: weakref.WeakSet[Recorder] = weakref.WeakSet()


def _begin_anew() -> None:
    """In a forked child, which would go on to give the very ids its parent gives."""
    with silence():
        _ids.seed(int.from_bytes(os.urandom(16)))
    for recorder in list(_recorders):
        recorder.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
