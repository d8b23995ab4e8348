"""How far a long piece of work is: a line on stderr after its first second, for a person who looks at it."""

import os
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TextIO

from agentreplay.cli.output import is_terminal, terminal_width

__all__ = ["Report", "line", "shown"]

Report = Callable[[int, int], None]
"""Called with what is done and what there is to do in all."""

_PATIENCE = 1.0
_PACE = 0.1
_BAR = 24
_WIPE = "\r\x1b[K"


@contextmanager
def shown(
    label: str,
    measure: Callable[[], tuple[int, int]] | None = None,
    stream: TextIO | None = None,
    patience: float = _PATIENCE,
) -> Generator[Report, None, None]:
    """Show how far the work inside is, by what it reports or, if it cannot, by what `measure` says."""
    target = stream if stream is not None else sys.stderr
    if not is_terminal(target) or os.environ.get("TERM") == "dumb":
        yield lambda _done, _total: None
        return
    bar = _Bar(label, measure, target)
    finished = threading.Event()
    thread = threading.Thread(target=bar.draw_until, args=(finished, patience), daemon=True)
    thread.start()
    try:
        yield bar.report
    finally:
        finished.set()
        thread.join()
        bar.wipe()


def line(label: str, done: int, total: int, seconds: float, width: int) -> str:
    """One look at the work: a bar and per cent where the total is known, else the time it took so far."""
    if total <= 0:
        return f"{label} … {seconds:.0f} s"[:width]
    share = min(1.0, max(0.0, done / total))
    filled = round(share * _BAR)
    return f"{label}  {'█' * filled}{'░' * (_BAR - filled)} {share:4.0%}  {seconds:.0f} s"[:width]


class _Bar:
    """A line that a thread of its own keeps drawing, because the work has other things to do."""

    def __init__(self, label: str, measure: Callable[[], tuple[int, int]] | None, stream: TextIO) -> None:
        self._label = label
        self._measure = measure
        self._stream = stream
        self._known = (0, 0)
        self._began = time.monotonic()
        self._drawn = False

    def report(self, done: int, total: int) -> None:
        self._known = (done, total)

    def draw_until(self, finished: threading.Event, patience: float) -> None:
        wait = patience
        while not finished.wait(wait):
            self._draw()
            wait = _PACE

    def wipe(self) -> None:
        if self._drawn:
            self._write(_WIPE)

    def _draw(self) -> None:
        done, total = self._known if self._measure is None else self._measured()
        width = terminal_width() - 1
        self._write(_WIPE + line(self._label, done, total, time.monotonic() - self._began, width))
        self._drawn = True

    def _measured(self) -> tuple[int, int]:
        try:
            return self._measure() if self._measure is not None else (0, 0)
        except Exception:  # noqa: BLE001  # the work itself meets the same trouble, and tells it better
            return (0, 0)

    def _write(self, text: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()
