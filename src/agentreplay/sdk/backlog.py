"""What one process did in a session and has not written yet: spans that ended a moment ago, and what is still open.

A span that ends is put down here, which is all its program waits for. What has gathered is written together: when
enough of it has, before the answer of a call is kept, a moment later at the latest, and when the program leaves.
"""

import atexit
import os
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from agentreplay.model.batch import Batch
from agentreplay.model.call import Crossing
from agentreplay.model.ids import SpanId
from agentreplay.model.span import Span
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.silence import is_silent, silence

__all__ = ["Backlog", "follow_departures", "leave"]

_EVERY = 0.125
"""The seconds between two looks at what is open. At the second one that finds it so, it is written."""
_AT_ONCE = 64
"""So many spans are written by the one that ends last of them: more together would hardly cost less each."""
_PATIENCE = 2.0
"""The seconds that the end of a process may wait for a thread that is writing."""
_start, _sleep = threading.Thread.start, time.sleep
"""As they are before anything is patched."""


class Backlog:
    """The spans of one recording that wait to be written. Safe to share between threads; never raises."""

    def __init__(
        self,
        append: Callable[[Batch | Crossing], None],
        redact: Callable[[Span], Span],
        trouble: Callable[[BaseException], None],
    ) -> None:
        self._append = append
        self._redact = redact
        self._trouble = trouble
        self._writes_at_once = False
        """Whether nobody comes later to write what waits."""
        self.begin_anew()
        _backlogs.add(self)

    def begin_anew(self) -> None:
        """Nothing waits, as in a forked child: what is its parent's its parent writes, and the thread is not here."""
        self._open: dict[SpanId, Callable[[], Span | Crossing]] = {}
        self._seen: set[SpanId] = set()
        """What was open at the last look."""
        self._announced: set[SpanId] = set()
        self._ended: list[Callable[[], Span]] = []
        # Taken again by a thread that has it, where a finalizer ends a session in the middle of our own work.
        self._writing = threading.RLock()
        self._ticker: threading.Thread | None = None

    def open(self, span_id: SpanId, build: Callable[[], Span | Crossing]) -> None:
        """Something begins; it is written when it ends, or before if it takes long."""
        self._open[span_id] = build
        if self._ticker is None:
            self._tick()

    def forget(self, span_id: SpanId) -> None:
        """It ended, and others write it."""
        self._open.pop(span_id, None)

    def end(self, span_id: SpanId, build: Callable[[], Span]) -> None:
        """A span ended. `build` makes it of what does not change any more."""
        # First it is open no longer, then it is to be written: so it is never announced behind its own end.
        self._open.pop(span_id, None)
        ended = self._ended
        ended.append(build)
        # In the middle of our own work, where a finalizer may end a span, the writer's lock may be ours already.
        if self._writes_at_once or (len(ended) >= _AT_ONCE and not is_silent()):
            self.write()

    def write(self) -> None:
        """Write what has ended. When this returns, all that ended before it was called is written."""
        with self._writing:
            if self._ended:
                with silence():
                    self._write_ended()

    def flush(self) -> None:
        """Write what has ended, and what is open and was not announced yet."""
        with self._writing, silence():
            self._write_ended()
            self._announce(self._open.copy())

    def come_by(self) -> None:
        """Write what has ended, and what was open the last time too: most calls are over sooner, and are told once."""
        opened = self._open.copy()
        long = {span_id: build for span_id, build in opened.items() if span_id in self._seen}
        self._seen = set(opened)
        if self._ended or not self._announced.issuperset(long):
            with self._writing, silence():
                self._write_ended()
                self._announce(long)

    def finish(self) -> None:
        """Write everything; what ends from now on is written at once."""
        self._writes_at_once = True
        self.flush()

    def leave(self, *, is_final: bool) -> None:
        """The process ends in a moment, or becomes another program; a thread that hangs does not hold it up."""
        self._writes_at_once = self._writes_at_once or is_final
        if not is_silent() and self._writing.acquire(timeout=_PATIENCE):
            try:
                self.flush()
            finally:
                self._writing.release()

    def _write_ended(self) -> None:
        waiting = self._ended
        taken = waiting[:]
        try:
            # In place, because a thread may just be adding to this very list.
            del waiting[: len(taken)]
            self._write_all(taken)
        except BaseException:
            # Interrupted from outside. To write a span twice is harmless, and not to write it is not.
            waiting[:0] = taken
            raise

    def _write_all(self, taken: list[Callable[[], Span]]) -> None:
        spans: list[Span] = []
        for build in taken:
            try:
                spans.append(self._redact(build()))
            except Exception as error:  # noqa: BLE001  # the program must not suffer
                self._trouble(error)
        if not spans:
            return
        try:
            self._append(Batch(spans=tuple(spans)))
        except Exception as error:  # noqa: BLE001  # as above
            self._write_each(spans, error)

    def _write_each(self, spans: list[Span], error: Exception) -> None:
        """One span that cannot be kept takes no other with it, and each that is lost is counted."""
        if len(spans) == 1:
            self._trouble(error)
            return
        for span in spans:
            try:
                self._append(Batch(spans=(span,)))
            except Exception as trouble:  # noqa: BLE001  # as above
                self._trouble(trouble)

    def _announce(self, opened: dict[SpanId, Callable[[], Span | Crossing]]) -> None:
        for span_id, build in opened.items():
            if span_id in self._announced or span_id not in self._open:
                continue
            self._announced.add(span_id)
            try:
                built = build()
                told = built if isinstance(built, Crossing) else Batch(spans=(self._redact(built),))
                if span_id in self._open:
                    self._append(told)
            except Exception as error:  # noqa: BLE001  # as above
                self._trouble(error)
        self._announced &= self._open.keys()

    def _tick(self) -> None:
        """Have a thread write what nobody else does, so that a call that hangs is seen hanging."""
        ticker = self._ticker = threading.Thread(target=self._watch, name="agentreplay", daemon=True)
        try:
            with silence():
                _start(ticker)
        except RuntimeError as error:  # there are too many threads, or the interpreter is ending
            self._writes_at_once = True
            self._trouble(error)

    def _watch(self) -> None:
        while not self._writes_at_once:
            _sleep(_EVERY)
            with suppress(Exception):  # a set or a mapping that another thread changes is read again the next time
                self.come_by()


_backlogs: weakref.WeakSet[Backlog] = weakref.WeakSet()


def follow_departures(patches: Patches) -> None:
    """Write what waits before the program leaves in a way of which `atexit` learns nothing."""
    for name in ("_exit", "execv", "execve"):
        patches.replace(os, name, _leaving(getattr(os, name)))


def _leaving(depart: Callable[..., Any]) -> Callable[..., Any]:
    def leave_and_depart(*arguments: Any, **named: Any) -> Any:
        leave()
        return depart(*arguments, **named)

    return leave_and_depart


def leave(*, is_final: bool = False) -> None:
    """Write what waits in this process, which ends in a moment. When that is final, nothing waits any more."""
    for backlog in list(_backlogs):
        backlog.leave(is_final=is_final)


def _begin_anew() -> None:
    for backlog in list(_backlogs):
        backlog.begin_anew()


atexit.register(leave, is_final=True)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
