"""One process of a launched program: what it does before the program's first line, and after its last."""

import atexit
import json
import os
import sys
import time
from pathlib import Path

import msgspec

from agentreplay.core.counting import Counter
from agentreplay.core.orders import Orders, read_orders
from agentreplay.core.policy import redactor_of
from agentreplay.core.redact_call import CallRedactor
from agentreplay.core.redact_program import clean_arguments
from agentreplay.model.content import JSON, Content, Kept
from agentreplay.model.ids import SpanId
from agentreplay.model.session import Program
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.playback.divergence import Divergence
from agentreplay.playback.patch import Patch, parse
from agentreplay.playback.player import OnDivergence, Plan, Player
from agentreplay.playback.tape import READINGS, SERVED, SOURCES, TROUBLES, read_tape
from agentreplay.sdk import guard, scope, tasks
from agentreplay.sdk.boundary import Boundary
from agentreplay.sdk.instrument import instrument
from agentreplay.sdk.recorder import Pace, Place, Recorder, troubles
from agentreplay.sdk.scripting import Script, speak
from agentreplay.sdk.serving import Serving
from agentreplay.sdk.sources import edited, sources_of_program, versions
from agentreplay.settings import PATH_VARIABLE, Settings
from agentreplay.store.journal.writer import JournalWriter

__all__ = ["start"]

_DIVERGED = 3


class _Process:
    """This process of the run."""

    def __init__(self, orders: Orders, path: str) -> None:
        self.orders = orders
        self.path = path
        settings = self.settings = Settings.read()
        self.redactor = redactor_of(settings, bytes.fromhex(orders.salt), orders.content)
        self.redacting = CallRedactor(self.redactor)
        self.recorder: Recorder | None = None
        self.player: Player | None = None
        self.span_id = SpanId("")
        self.started = Nanoseconds(time.time_ns())
        self.is_finished = False
        self._pid = os.getpid()

    def begin(self) -> None:
        orders = self.orders
        self._report_name = f"{os.getpid()}-{self.started}"
        _write(Path(orders.reports) / f"{self._report_name}.started", self.path.encode())
        if orders.records:
            self._begin_recording()
        if orders.tape is not None:
            self._begin_serving(orders.tape)
        script = Script(Path(orders.script)) if orders.script else None
        serving = Serving(
            at_recorded_speed=orders.at_recorded_speed,
            prepare=self.redacting.request,
            stop=self.stop,
            script=script,
        )
        boundary = Boundary(self.recorder, self.player, serving)
        scope.default_boundary(boundary, self.span_id or None)
        instrument()
        if self.player is not None and not self.player.plan.is_fork:
            guard.shut(self.player.report.refused, orders.allow)

    def _begin_recording(self) -> None:
        orders = self.orders
        place = Place(
            tenant=orders.tenant,
            project=orders.project,
            session=orders.session,
            trace_id=orders.trace_id,
            parent=orders.parent,
            salt=orders.salt,
        )
        if self.settings.url:
            from agentreplay.sdk.sender import ship  # start-up

            ship(self.settings)
        pace = Pace(self.settings.checkpoint_calls, self.settings.checkpoint_seconds)
        journal = JournalWriter(Path(orders.db_path), orders.durability)
        self.recorder = Recorder(journal, place, self.redacting, pace, orders.notices)
        self.span_id = self.recorder.new_span_id()
        self.recorder.open(self.span_id, self._span)

    def _begin_serving(self, path: str) -> None:
        from agentreplay.core.transfer import load_tape  # start-up

        orders = self.orders
        tape = read_tape(*load_tape(Path(path)))
        plan = Plan(
            at=orders.at,
            patches=_patches(orders),
            tail=orders.tail,
            on_divergence=orders.on_divergence,
        )
        counter = Counter(Path(orders.reports) / self._report_name) if orders.counts_calls else None
        self.player = Player(
            tape,
            plan,
            ask=_ask,
            edited=lambda: edited(tape.sources),
            speak=speak,
            process=self.path,
            tell=counter.count if counter is not None else _nothing,
        )

    def _span(self) -> Span:
        recorder = self.recorder
        if recorder is None:
            raise AssertionError("only a process that records has a span")
        words = (sys.executable, *clean_arguments(self.redactor, sys.orig_argv[1:] or sys.argv))
        attributes: dict[str, Value] = {
            "process.pid": os.getpid(),
            "process.path": self.path,
            "process.command_line": " ".join(words),
        }
        return recorder.span(
            span_id=self.span_id,
            kind="step",
            name=Program(argv=words).title,
            start=self.started,
            parent_id=self.orders.parent,
            attributes=attributes,
        )

    def stop(self, divergence: Divergence) -> None:
        """The replay ends here, whatever the program would do about an exception."""
        del divergence
        self.finish()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(_DIVERGED)  # finishing again does nothing

    def finish(self) -> None:
        """The process ends. What a forked child has inherited of its parent does nothing."""
        if self.is_finished or os.getpid() != self._pid:
            return
        self.is_finished = True
        guard.lift()
        if self.player is not None:
            report = Path(self.orders.reports) / f"{self._report_name}.report"
            _write(report, msgspec.msgpack.encode(self.player.finish()))
        if self.recorder is not None:
            self._finish_recording(self.recorder)

    def _finish_recording(self, recorder: Recorder) -> None:
        contents: list[tuple[str, Content]] = []
        readings = recorder.remaining_readings()
        if readings is not None:
            contents.append((READINGS, readings))
        sources = sources_of_program()
        if sources:
            contents.append((SOURCES, Content.of(json.dumps(sources, sort_keys=True).encode(), JSON)))
        if self.player is not None:
            served = json.dumps(self.player.served_steps()).encode()
            contents.append((SERVED, Content.of(served, JSON)))
        span = self._span()
        attributes = {**span.attributes, "versions": versions()}
        if troubles:
            attributes[TROUBLES] = troubles.copy()
        closed = msgspec.structs.replace(
            span,
            end=Nanoseconds(max(time.time_ns(), self.started)),
            status="ok",
            attributes=attributes,
            kept=tuple(Kept(role=role, hash=content.hash) for role, content in contents),
        )
        recorder.close(closed, tuple(content for _, content in contents))
        recorder.finish()


def start() -> None:
    """Begin as the orders in the environment say. Without orders nothing happens."""
    orders = read_orders()
    if orders is None:
        return
    path = os.environ.get(PATH_VARIABLE) or "main"
    tasks.start_at(path)
    try:
        process = _Process(orders, path)
        process.begin()
    except Exception as error:  # noqa: BLE001  # the program must not suffer; the launcher tells
        told = f"{sys.executable}: {type(error).__name__}: {error}"
        _write(Path(orders.reports) / f"{os.getpid()}.missing", told.encode())
        return
    _finish_at_exit(process)
    exit_now = os._exit

    def finish_and_exit(status: int) -> None:
        _running[-1].finish()
        exit_now(status)

    os._exit = finish_and_exit  # type: ignore[assignment]  # it never returns either
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: _restart(orders))


_running: list[_Process] = []
"""The process, and behind it what it became when it was forked."""


def _finish_at_exit(process: _Process) -> None:
    _running.append(process)
    atexit.register(process.finish)


def _restart(orders: Orders) -> None:
    """A forked child records and replays as a process of its own."""
    process = _Process(orders, tasks.main_path())
    try:
        process.begin()
    except Exception as error:  # noqa: BLE001  # the program must not suffer; the launcher tells
        _write(Path(orders.reports) / f"{os.getpid()}.missing", f"a forked child: {error}".encode())
        return
    _finish_at_exit(process)


def _nothing() -> None:
    """Nobody watches."""


def _patches(orders: Orders) -> tuple[Patch, ...]:
    if orders.patches is None:
        return ()
    texts = msgspec.json.decode(Path(orders.patches).read_bytes(), type=list[str])
    return tuple(parse(text) for text in texts)


def _ask(divergence: Divergence) -> OnDivergence:
    """Ask whoever sits at the terminal."""
    from agentreplay.playback.divergence import describe  # start-up

    try:
        with Path("/dev/tty").open("r+", encoding="utf-8") as terminal:
            terminal.write("\n".join(["", *describe(divergence), "serve it anyway, go live, or stop? [s/l/Q] "]))
            terminal.flush()
            answer = terminal.readline().strip().lower()[:1]
    except OSError:
        return "stop"
    return {"s": "serve", "l": "live"}.get(answer, "stop")  # type: ignore[return-value]  # all three are choices


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError:
        return
