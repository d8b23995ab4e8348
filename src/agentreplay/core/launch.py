"""Runs a program with orders, forwards what goes in and out of it, and keeps that."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from agentreplay.core.orders import ORDERS, PATH, Orders
from agentreplay.errors import ProgramMissing

__all__ = ["Ended", "Streams", "launch"]

_BOOTSTRAP = Path(__file__).parent.parent / "sdk" / "bootstrap"
_MOST_KEPT = 64 << 20
_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class Streams:
    """Where the program's streams go, as file descriptors; None: nowhere."""

    stdin: int | bytes | None = None
    """A descriptor to forward from, or what to feed."""
    stdout: int | None = None
    stderr: int | None = None


@dataclass
class Ended:
    """How the program ended, and what went in and out of it."""

    code: int = 0
    """As a shell tells it: 128 and the number of the signal, if one ended it."""
    signal: int | None = None
    stdin: bytes | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    missing: str = ""
    """Why a Python of the program recorded nothing."""
    processes: int = 0
    """How many processes of it recorded or were served."""


@dataclass
class _Pump:
    """Forwards a stream and keeps what passes."""

    source: int
    sink: int | None
    kept: bytearray = field(default_factory=bytearray)

    def run(self) -> None:
        while True:
            try:
                data = os.read(self.source, _AT_ONCE)
            except OSError:
                break  # the other end of a pseudo-terminal is gone
            if not data:
                break
            if len(self.kept) < _MOST_KEPT:
                self.kept += data
            _write_all(self.sink, data)
        os.close(self.source)


def launch(
    command: Sequence[str],
    orders: Orders,
    streams: Streams,
    *,
    cwd: str | None = None,
    variables: Mapping[str, str] | None = None,
) -> Ended:
    """Run the program and return when it has ended. Raises ProgramMissing when it cannot be started.

    `variables` are set in its environment beside what is in ours.
    """
    environment = {**_environment(orders), **(variables or {})}
    ended = Ended()
    out, out_end = _channel(streams.stdout)
    err, err_end = _channel(streams.stderr)
    feeding = isinstance(streams.stdin, bytes) or (isinstance(streams.stdin, int) and not os.isatty(streams.stdin))
    try:
        process = subprocess.Popen(  # noqa: S603  # to run what the user asked for is the purpose
            list(command),
            stdin=subprocess.PIPE if feeding else None,
            stdout=out_end,
            stderr=err_end,
            env=environment,
            cwd=cwd or None,
        )
    except OSError as error:
        raise ProgramMissing(program=command[0], problem=error.strerror or str(error)) from error
    finally:
        os.close(out_end)
        os.close(err_end)
    pumps = [_Pump(out, streams.stdout), _Pump(err, streams.stderr)]
    threads = [threading.Thread(target=pump.run, daemon=True) for pump in pumps]
    fed = bytearray()
    if feeding and process.stdin is not None:
        threading.Thread(target=_feed, args=(streams.stdin, process.stdin, fed), daemon=True).start()
    for thread in threads:
        thread.start()
    with _signals_passed_to(process):
        code = process.wait()
    for thread in threads:
        thread.join(timeout=5)
    ended.signal = -code if code < 0 else None
    ended.code = 128 - code if code < 0 else code
    ended.stdout, ended.stderr = bytes(pumps[0].kept), bytes(pumps[1].kept)
    ended.stdin = bytes(fed) if feeding else None
    _look_at_reports(Path(orders.reports), ended)
    return ended


def _environment(orders: Orders) -> dict[str, str]:
    environment = dict(os.environ)
    environment[ORDERS] = orders.encode()
    environment[PATH] = "main"
    environment["AGENTREPLAY_REPORTS"] = orders.reports
    others = environment.get("PYTHONPATH", "")
    environment["PYTHONPATH"] = os.pathsep.join([str(_BOOTSTRAP), *([others] if others else [])])
    return environment


def _channel(sink: int | None) -> tuple[int, int]:
    """Both ends of a channel: a terminal where the program would have written to one."""
    if sink is not None and sys.platform != "win32" and os.isatty(sink):
        import pty  # start-up

        return pty.openpty()
    return os.pipe()


def _feed(source: int | bytes | None, sink: BinaryIO, fed: bytearray) -> None:
    with suppress(OSError, ValueError), sink:
        if isinstance(source, bytes):
            fed += source
            sink.write(source)
            return
        while source is not None and (data := os.read(source, _AT_ONCE)):
            fed += data
            sink.write(data)
            sink.flush()


def _write_all(sink: int | None, data: bytes) -> None:
    while sink is not None and data:
        try:
            data = data[os.write(sink, data) :]
        except OSError:
            return  # nobody reads it any more; the program goes on


class _signals_passed_to:  # noqa: N801  # reads as a statement
    """While the program runs, what ends us ends it instead; Ctrl-C reaches it by itself."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self._before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])):
            self._before[number] = signal.signal(number, lambda found, _: self._process.send_signal(found))

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _look_at_reports(folder: Path, ended: Ended) -> None:
    ended.processes = len(list(folder.glob("*.started")))
    for path in folder.glob("*.missing"):
        ended.missing = path.read_text("utf-8", "replace")
