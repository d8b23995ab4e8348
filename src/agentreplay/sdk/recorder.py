"""Writes what one process does in one session to its journal: calls before their answers are returned, spans when
they end, and what is still open a moment after it began.
"""

import logging
import threading
import time
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from agentreplay.model.batch import Batch
from agentreplay.model.call import Answer, Request
from agentreplay.model.content import OCTETS, Content, Kept
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.session import Session
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value, encode
from agentreplay.playback.tape import READINGS, UNRECORDED
from agentreplay.sdk.boundary import Pending, silence
from agentreplay.sdk.keeping import Noted, Redacting, finished, note, opened
from agentreplay.sdk.scope import scope
from agentreplay.store.protocol import Writer

__all__ = ["Place", "Recorder", "count_trouble", "troubles"]

_EVERY = 0.25
_TOO_MANY_READS = 100_000
_log = logging.getLogger("agentreplay")
_log.addHandler(logging.NullHandler())  # a program that sets up no logging is told nothing on its stderr
_ids = Random()  # noqa: S311 - ids name spans and guard nothing
_now = time.time_ns

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


class Recorder:
    """The recording of one session by one process. Never raises into the program."""

    def __init__(self, writer: Writer, place: Place, redacting: Redacting) -> None:
        self.place = place
        self._writer = writer
        self._redacting = redacting
        self._readings: dict[str, dict[str, list[Value]]] = {}
        self._open: dict[SpanId, Callable[[], Batch]] = {}
        self._announced: set[SpanId] = set()
        self._ticker: threading.Thread | None = None
        self._is_closed = False

    def new_span_id(self) -> SpanId:
        """An id no other span has."""
        return SpanId(f"{_ids.getrandbits(64) or 1:016x}")

    def prepare(self, request: Request) -> Request:
        """The request without its secrets."""
        return self._redacting.request(request)

    def begin(self, pending: Pending) -> None:
        """A call begins."""
        try:
            with silence():
                noted = note(self.new_span_id(), scope(), self.prepare(pending.request))
            pending.note = noted
            self._open[noted.span_id] = lambda: opened(self.place, pending, noted)
            self._tick()
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            self.trouble(error)

    def keep(self, pending: Pending, answer: Answer) -> None:
        """Keep a call with its answer."""
        try:
            with silence():
                noted = pending.note
                if not isinstance(noted, Noted):
                    return
                answer = self._redacting.answer(answer)
                span, contents, links = finished(self.place, pending, noted, answer)
                readings = self._take_readings(pending.address.path)
                if readings is not None:
                    span = msgspec.structs.replace(span, kept=(*span.kept, Kept(role=READINGS, hash=readings.hash)))
                    contents = (*contents, readings)
                self._open.pop(noted.span_id, None)
                self._writer.append(Batch(spans=(span,), contents=contents, links=links))
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            self.trouble(error)

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
        now = Nanoseconds(_now())
        span = self.span(
            self.new_span_id(),
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
        """Append; what goes wrong is counted."""
        try:
            with silence():
                self._writer.append(batch)
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            self.trouble(error)

    def open(self, span_id: SpanId, build: Callable[[], Span]) -> None:
        """A span begins; it is written when it ends, or before if it takes long."""
        self._open[span_id] = lambda: Batch(spans=(build(),))
        self._tick()

    def close(self, span: Span, contents: tuple[Content, ...] = ()) -> None:
        """A span ends."""
        self._open.pop(span.span_id, None)
        self.append(Batch(spans=(span,), contents=contents))

    def span(self, span_id: SpanId, **fields: Any) -> Span:
        """A span of this session."""
        place = self.place
        return Span(
            tenant=place.tenant,
            project=place.project,
            session=place.session,
            trace_id=place.trace_id,
            span_id=span_id,
            **fields,
        )

    def remaining_readings(self) -> Content | None:
        """What was read and is not written yet, of all tasks."""
        readings, self._readings = self._readings, {}
        return Content.of(encode(readings), OCTETS) if readings else None

    def finish(self) -> None:
        """Nothing follows."""
        self._is_closed = True
        self._flush()

    @staticmethod
    def trouble(error: BaseException) -> None:
        """Count an error of our own, and tell of the first of its kind."""
        count_trouble(error, "something")

    def _take_readings(self, path: str) -> Content | None:
        readings = self._readings.pop(path, None)
        return None if readings is None else Content.of(encode({path: readings}), OCTETS)

    def _write_readings(self, path: str) -> None:
        """Write what a task has read a lot of, on a span of its own."""
        content = self._take_readings(path)
        if content is not None:
            now = Nanoseconds(_now())
            kept = (Kept(role=READINGS, hash=content.hash),)
            span = self.span(
                self.new_span_id(),
                kind="function",
                name="readings",
                start=now,
                end=now,
                status="ok",
                kept=kept,
                parent_id=scope().span_id or self.place.parent,
            )
            self.append(Batch(spans=(span,), contents=(content,)))

    def _tick(self) -> None:
        """Have what is open written soon, so that a call that hangs is seen hanging."""
        if self._ticker is None or not self._ticker.is_alive():
            with silence():
                self._ticker = threading.Thread(target=self._watch, name="agentreplay", daemon=True)
                _start(self._ticker)

    def _watch(self) -> None:
        while not self._is_closed:
            _sleep(_EVERY)
            self._flush()

    def _flush(self) -> None:
        for span_id, build in list(self._open.items()):
            if span_id in self._announced:
                continue
            self._announced.add(span_id)
            try:
                batch = build()
            except Exception as error:  # noqa: BLE001  # the program must not suffer
                self.trouble(error)
                continue
            if span_id in self._open:
                self.append(batch)
        self._announced &= set(self._open)


def count_trouble(error: BaseException, what: str) -> None:
    """Count an error of our own, and tell of the first of its kind."""
    kind = f"{what}: {type(error).__name__}: {error}"[:200]
    troubles[kind] = troubles.get(kind, 0) + 1
    if troubles[kind] == 1:
        _log.warning("agentreplay could not record %s", kind)


_start = threading.Thread.start
_sleep = time.sleep
"""As they are before anything is patched."""
