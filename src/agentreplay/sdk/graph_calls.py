"""The threads of graphs as calls of the program: recorded, and on replay served, so that nothing is kept twice."""

import asyncio
import functools
import os
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, ParamSpec, TypeVar

from agentreplay.core.graph_threads import GraphThreads, StepKey
from agentreplay.core.graph_values import Parts
from agentreplay.core.state_transaction import OpenTransaction, new_transaction_id
from agentreplay.model.time import Nanoseconds
from agentreplay.sdk.functions import database
from agentreplay.sdk.silence import silence
from agentreplay.sdk.state import States
from agentreplay.store.protocol import Facts

__all__ = ["Asking", "Desk", "GraphStates", "copy", "get", "keys", "put", "put_writes", "retain", "steps", "threads"]

P = ParamSpec("P")
T = TypeVar("T")


class GraphStates:
    """The threads of graphs in the data folder of this machine, opened when they are first needed."""

    def __init__(self, states: States, namespace: str) -> None:
        self._states = states
        self._opening = threading.Lock()
        self.threads = GraphThreads(self._facts, self._begin, (states.tenant, states.project, namespace))

    def close(self) -> None:
        """Let go of the files. Closing twice is harmless."""
        self._states.close()

    def _facts(self) -> Facts:
        with self._opening:
            return self._states.store.facts

    def _begin(self) -> OpenTransaction:
        transaction = new_transaction_id(Nanoseconds(time.time_ns()), os.urandom(10))
        return OpenTransaction(self._facts(), self._states.tenant, self._states.project, transaction=transaction)


@dataclass(frozen=True)
class Desk:
    """What performs a call, and what it is given beside what is told of it."""

    threads: GraphThreads
    thing: Any = None
    parts: Parts = field(default_factory=Parts)


class Asking(Generic[P, T]):
    """One kind of call, in both colours. All its arguments are told but `self`, which is the desk."""

    def __init__(self, perform: Callable[P, T]) -> None:
        @functools.wraps(perform)
        def silently(*arguments: P.args, **named: P.kwargs) -> T:
            with silence():
                return perform(*arguments, **named)

        @functools.wraps(perform)
        async def elsewhere(*arguments: P.args, **named: P.kwargs) -> T:
            # The store is synchronous, and who writes to it may have to wait for others.
            return await asyncio.to_thread(silently, *arguments, **named)

        decorate = database(f"langgraph.{perform.__name__}")
        self.now: Callable[P, T] = decorate(silently)
        self.later: Callable[P, Awaitable[T]] = decorate(elsewhere)


# Told is what names a thing, and not what is in it: where secrets were taken out of what was read, that differs.


@Asking
def put(self: Desk, thread: str, namespace: str, checkpoint: str, parent: str | None, channels: Sequence[str]) -> None:  # noqa: PLR0913, PLR0917
    """Keep a checkpoint: the desk has it and its parts."""
    del parent, channels
    self.threads.put(StepKey(thread, namespace, checkpoint), self.thing, self.parts)


@Asking
def put_writes(self: Desk, thread: str, namespace: str, checkpoint: str, task: str, channels: Sequence[str]) -> None:  # noqa: PLR0913, PLR0917
    """Keep what a task wrote: the desk has it and its parts."""
    del channels
    self.threads.put_writes(StepKey(thread, namespace, checkpoint), task, self.thing, self.parts)


@Asking
def get(self: Desk, thread: str, namespace: str, checkpoint: str | None) -> Any:
    """What the desk makes of a `Stored`, or None."""
    stored = self.threads.get(thread, namespace, checkpoint)
    return None if stored is None else self.thing(stored)


@Asking
def keys(self: Desk, thread: str | None, namespace: str | None) -> list[list[str]]:
    """The names of checkpoints, the newest first."""
    return [list(key) for key in self.threads.keys(thread, namespace)]


@Asking
def steps(self: Desk, thread: str | None, namespace: str | None) -> list[Any]:
    """What checkpoints are, the newest first: name, parent, what the desk makes of the metadata, channels."""
    found = self.threads.steps(thread, namespace).items()
    return [[list(key), step.parent, self.thing(step.metadata), sorted(step.channels)] for key, step in found]


@Asking
def threads(self: Desk) -> list[str]:
    """The threads there are."""
    return self.threads.threads()


@Asking
def retain(self: Desk, thread: str, kept: Sequence[Sequence[str]]) -> None:
    """Delete the other checkpoints of a thread."""
    stays = {StepKey(*key) for key in kept}
    self.threads.retain(thread, stays.__contains__)


@Asking
def copy(self: Desk, source: str, target: str) -> None:
    """Copy a thread into another."""
    self.threads.copy(source, target)
