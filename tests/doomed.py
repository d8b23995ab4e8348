"""Processes that write to a store until they are killed, and tell the test over a pipe how far they came."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from random import Random
from typing import NamedTuple

from agentreplay.settings import Durability
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.sqlite.store import SqliteStore
from tests.evidence import Story

__all__ = ["LARGEST", "Moment", "context", "killed", "remaining", "started", "write_and_drain"]

LARGEST = 8 << 20


class Moment(NamedTuple):
    """What a process is about to do, or has just done: `open`, `write`, `write much`, `written` or `drain`."""

    what: str
    number: int
    """Of the batch."""


def context() -> ForkServerContext:
    """Starts processes in a few milliseconds: they are forked from one that has imported everything."""
    methods = multiprocessing.get_context("forkserver")
    methods.set_forkserver_preload([__name__])
    return methods


def write_and_drain(pipe: Connection, folder: Path, seed: int, durability: Durability, *, with_store: bool) -> None:
    """Append batch after batch, and drain now and then; with a store, or with a journal as a recorder has it."""
    story, random = Story(seed, LARGEST), Random(seed)
    pipe.send(Moment("open", 0))
    writer = SqliteStore(folder, durability) if with_store else JournalWriter(folder, durability)
    for number in range(1_000):
        batch = story.batch(number)
        is_much = sum(len(content.data) for content in batch.contents) > LARGEST // 4
        pipe.send(Moment("write much" if is_much else "write", number))
        writer.append(batch)
        pipe.send(Moment("written", number))
        if random.randrange(6) == 0:
            pipe.send(Moment("drain", number))
            if random.randrange(2):
                writer.close()
            if isinstance(writer, SqliteStore):
                writer.drain()


@contextmanager
def started(process: ForkServerProcess) -> Iterator[ForkServerProcess]:
    """Runs the process while the context lasts, and no longer."""
    process.start()
    try:
        yield process
    finally:
        killed(process)
        process.close()


def killed(process: ForkServerProcess) -> int | None:
    """Kill it as the system does when memory is short; returns how it ended."""
    if process.pid is not None and process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    return process.exitcode


def remaining(pipe: Connection) -> list[Moment]:
    """What a process that is dead said before, and nobody heard yet."""
    moments: list[Moment] = []
    while True:
        try:
            moments.append(pipe.recv())
        except (EOFError, ConnectionResetError):
            return moments
