"""MCP over standard input and output: a message a line, as an agent that started this process speaks it."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

from agentreplay.server.mcp.messages import INVALID_REQUEST, Refused, failed, written

__all__ = ["LONGEST_LINE", "serve", "taken_stdout"]

LONGEST_LINE = 16 << 20
"""Bytes of one message; no tool takes that much."""
_AT_ONCE = 4
_MOST_WAITING = 64


def taken_stdout() -> BinaryIO:
    """Standard output for our messages alone; what anything else writes there from now on goes to standard error."""
    sys.stdout.flush()
    ours = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return ours


def serve(
    answer: Callable[[bytes], bytes | None],
    source: BinaryIO,
    sink: BinaryIO,
    leaves: Callable[[], None] = lambda: None,
) -> None:
    """Answer each line, several at a time, until the input ends or nobody reads the output any more.

    Then `leaves` is called, which ends what answers wait for, and what was asked is answered to the end.
    """
    lock = threading.Lock()
    room = threading.BoundedSemaphore(_MOST_WAITING)
    is_over = threading.Event()

    def tell(told: bytes | None) -> None:
        if told is None or is_over.is_set():
            return
        try:
            with lock:
                sink.write(told + b"\n")
                sink.flush()
        except (OSError, ValueError):
            is_over.set()  # the client went away

    def work(line: bytes) -> None:
        try:
            tell(answer(line))
        finally:
            room.release()

    threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="agentreplay-mcp")
    try:
        while not is_over.is_set():
            line = source.readline(LONGEST_LINE)
            if not line:
                return
            if len(line) >= LONGEST_LINE and not line.endswith(b"\n"):
                tell(written(failed(None, Refused(INVALID_REQUEST, f"a message has at most {LONGEST_LINE} bytes"))))
                _skip_line(source)
            elif line.strip():
                room.acquire()
                threads.submit(work, line)
    finally:
        leaves()
        threads.shutdown(wait=True)


def _skip_line(source: BinaryIO) -> None:
    while (piece := source.readline(LONGEST_LINE)) and not piece.endswith(b"\n"):
        pass
