"""Runs a program with orders, forwards what goes in and out of it, and keeps that."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

from agentreplay.core.channels import Channels
from agentreplay.core.orders import Orders
from agentreplay.core.terminal import is_terminal, size_of
from agentreplay.errors import ProgramMissing
from agentreplay.playback.tape import STDERR, STDIN, STDOUT, Size
from agentreplay.settings import ORDERS_VARIABLE, PATH_VARIABLE, REPORTS_VARIABLE

__all__ = ["Ended", "Streams", "accompany", "find_program", "interruptible", "launch"]

_GRACE = 2.0
"""Seconds that a program has to end after it was asked to."""
_BOOTSTRAP = Path(__file__).parent.parent / "sdk" / "bootstrap"


@dataclass(frozen=True)
class Streams:
    """Where the program's streams go, as file descriptors; None: nowhere."""

    stdin: int | bytes | None = None
    """A descriptor to forward from, or what to feed."""
    stdout: int | None = None
    stderr: int | None = None
    terminals: Mapping[str, Size] | None = None
    """Which of them are terminals for the program; None: those that are one for us."""

    def own_terminals(self) -> dict[str, Size]:
        """Those that are one for us."""
        ours = {STDIN: self.stdin, STDOUT: self.stdout, STDERR: self.stderr}
        return {name: size_of(sink) for name, sink in ours.items() if isinstance(sink, int) and is_terminal(sink)}


@dataclass
class Ended:
    """How the program ended, and what went in and out of it."""

    code: int = 0
    """As a shell tells it: 128 and the number of the signal, if one ended it."""
    signal: int | None = None
    stdin: bytes | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    terminals: Mapping[str, Size] = field(default_factory=dict[str, Size])
    """Which streams were terminals for the program."""
    cut: tuple[str, ...] = ()
    """The streams of which only the beginning was kept, because so much went through."""
    has_hung: bool = False
    """Whether it was ended because it took too long."""
    missing: str = ""
    """Why a Python of the program recorded nothing."""
    processes: int = 0
    """How many processes of it recorded or were served."""


def find_program(command: Sequence[str], cwd: str | None = None) -> None:
    """Raise ProgramMissing when there is no such program."""
    name = command[0]
    path = Path(cwd or ".", name) if os.path.dirname(name) else None  # noqa: PTH120  # a bare name has no folder
    found = shutil.which(name) if path is None else shutil.which(path)
    if found is None:
        exists = path is not None and path.exists()
        raise ProgramMissing(program=name, problem="it may not be executed" if exists else "there is no such program")


def launch(  # noqa: PLR0913  # what differs from run to run, each by its name
    command: Sequence[str],
    orders: Orders,
    streams: Streams,
    *,
    cwd: str | None = None,
    variables: Mapping[str, str] | None = None,
    patience: float | None = None,
) -> Ended:
    """Run the program and return when it has ended. Raises ProgramMissing when it cannot be started.

    `variables` are set in its environment beside what is in ours. After `patience` seconds it is ended.
    """
    terminals = streams.own_terminals() if streams.terminals is None else streams.terminals
    channels = Channels(streams.stdin, {STDOUT: streams.stdout, STDERR: streams.stderr}, terminals)
    with _SignalsPassed() as signals:
        process = _start(command, {**_environment(orders), **(variables or {})}, channels, cwd)
        signals.pass_to(process)
        channels.begin(process.stdin)
        code, has_hung = _wait(process, patience, Path(orders.reports))
    channels.finish()
    kept = channels.kept
    ended = Ended(
        code=128 - code if code < 0 else code,
        signal=-code if code < 0 else None,
        stdin=None if process.stdin is None else kept[STDIN].data,
        stdout=kept[STDOUT].data,
        stderr=kept[STDERR].data,
        terminals=terminals,
        cut=tuple(name for name, stream in kept.items() if stream.is_cut),
        has_hung=has_hung,
    )
    _look_at_reports(Path(orders.reports), ended)
    return ended


def accompany(
    command: Sequence[str], variables: Mapping[str, str], *, cwd: str | None = None, is_quiet: bool = False
) -> int:
    """Run a program with our own streams, untouched, and return its exit code as a shell tells it.

    Raises ProgramMissing when it cannot be started.
    """
    find_program(command, cwd)
    sink = subprocess.DEVNULL if is_quiet else None
    with _SignalsPassed() as signals:
        try:
            process = subprocess.Popen(  # noqa: S603  # to run what the user asked for is the purpose
                list(command), env={**os.environ, **variables}, cwd=cwd, stdout=sink, stderr=sink
            )
        except OSError as error:
            raise ProgramMissing(program=command[0], problem=error.strerror or str(error)) from error
        signals.pass_to(process)
        code = process.wait()
    return 128 - code if code < 0 else code


def _start(
    command: Sequence[str], environment: Mapping[str, str], channels: Channels, cwd: str | None
) -> "subprocess.Popen[bytes]":
    ends = channels.ends
    try:
        return subprocess.Popen(  # noqa: S603  # to run what the user asked for is the purpose
            list(command), stdin=ends[STDIN], stdout=ends[STDOUT], stderr=ends[STDERR], env=environment, cwd=cwd or None
        )
    except OSError as error:
        channels.close()
        raise ProgramMissing(program=command[0], problem=error.strerror or str(error)) from error
    finally:
        channels.hand_over()


def _wait(process: "subprocess.Popen[bytes]", patience: float | None, reports: Path) -> tuple[int, bool]:
    """How the program ended, and whether it had to be ended: kindly at first, so that it can say how far it came."""
    try:
        return process.wait(patience), False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    process.kill()
    for path in reports.glob("*.started"):
        if not path.with_suffix(".report").exists():
            # A child of it that is served too, and would go on alone.
            with suppress(OSError):
                os.kill(int(path.name.partition("-")[0]), signal.SIGTERM)
    return process.wait(), True


def _environment(orders: Orders) -> dict[str, str]:
    environment = dict(os.environ)
    environment[ORDERS_VARIABLE] = orders.encode()
    environment[PATH_VARIABLE] = "main"
    environment[REPORTS_VARIABLE] = orders.reports
    if orders.hash_seed:
        environment["PYTHONHASHSEED"] = orders.hash_seed
    others = environment.get("PYTHONPATH", "")
    environment["PYTHONPATH"] = os.pathsep.join([str(_BOOTSTRAP), *([others] if others else [])])
    return environment


class _SignalsPassed:
    """While the program runs, what ends us ends it instead; Ctrl-C reaches it by itself."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []
        self._before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> Self:
        # Installed before the program is started, so that there is no moment at which it could be left behind.
        if _is_main_thread():
            self._before[signal.SIGINT] = signal.signal(signal.SIGINT, _leave_it)
            for number in (signal.SIGTERM, *([] if sys.platform == "win32" else [signal.SIGHUP])):
                self._before[number] = signal.signal(number, lambda found, _: self._pass(found))
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def pass_to(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def _pass(self, number: int) -> None:
        if self._process is None:
            self._early.append(number)
        else:
            self._process.send_signal(number)


@contextmanager
def interruptible() -> Generator[None]:
    """Let programs that other threads launch meanwhile be interrupted, so that one that hangs can say how far it came.

    What a shell runs in the background ignores interrupts, and so does all that is started from there.
    """
    is_ignored = _is_main_thread() and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if is_ignored:
        signal.signal(signal.SIGINT, _leave_it)
    try:
        yield
    finally:
        if is_ignored:
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _leave_it(number: int, frame: FrameType | None) -> None:
    """It reached the program too."""


def _look_at_reports(folder: Path, ended: Ended) -> None:
    ended.processes = len(list(folder.glob("*.started")))
    for path in folder.glob("*.missing"):
        ended.missing = path.read_text("utf-8", "replace")
