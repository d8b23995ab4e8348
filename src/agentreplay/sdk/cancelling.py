"""Time-outs of the program's own that cancel a call, and that need not run down again when it is replayed."""

import asyncio
import functools
from typing import Any
from weakref import WeakSet

from agentreplay.sdk.patching import Patches

__all__ = ["expire", "follow", "has_expired"]

_timeouts: WeakSet[asyncio.Timeout] = WeakSet()
_expired: WeakSet[asyncio.Task[Any]] = WeakSet()


def follow(patches: Patches) -> None:
    """Know the time-outs that are running, and the tasks they cancel."""
    reschedule: Any = asyncio.Timeout.reschedule
    on_timeout: Any = asyncio.Timeout._on_timeout  # type: ignore[attr-defined]  # noqa: SLF001  # where it cancels

    def watched_reschedule(self: asyncio.Timeout, when: float | None) -> None:
        _timeouts.add(self)
        reschedule(self, when)

    def watched_on_timeout(self: asyncio.Timeout) -> None:
        _expired.add(_task_of(self))
        on_timeout(self)

    patches.replace(asyncio.Timeout, "reschedule", watched_reschedule)
    patches.replace(asyncio.Timeout, "_on_timeout", watched_on_timeout)


def has_expired() -> bool:
    """Whether the running task is being cancelled by a time-out."""
    task = _running()
    if task is None:
        return False
    if task in _expired:
        _expired.discard(task)
        return True
    return bool(_waiters(task))


async def expire() -> None:
    """Let the time-out that would cancel the running task do so now. Returns when there is none."""
    task = _running()
    if task is None:
        return
    running = [(when, timeout) for timeout in _timeouts if (when := timeout.when()) is not None]
    found = [pair for pair in running if _task_of(pair[1]) is task and _is_entered(pair[1])]
    loop = asyncio.get_running_loop()
    if found:
        min(found, key=lambda pair: pair[0])[1].reschedule(loop.time())
    elif waiters := [waiter for waiter in _waiters(task) if not waiter.done()]:
        waiters[0].set_result(None)
    else:
        return
    await loop.create_future()


def _running() -> asyncio.Task[Any] | None:
    return asyncio.current_task() if asyncio._get_running_loop() is not None else None  # noqa: SLF001  # documented


def _task_of(timeout: Any) -> asyncio.Task[Any]:
    task: asyncio.Task[Any] = timeout._task  # noqa: SLF001  # it tells nobody whom it cancels
    return task


def _is_entered(timeout: Any) -> bool:
    return bool(timeout._state.name == "ENTERED")  # noqa: SLF001  # as above


def _waiters(task: Any) -> list["asyncio.Future[None]"]:
    """What `asyncio.wait_for` of Python 3.11 waits for, beside this task that it has made."""
    release = getattr(asyncio.tasks, "_release_waiter", None)
    callbacks = [callback for callback, _ in getattr(task, "_callbacks", None) or ()]
    return [
        callback.args[0]
        for callback in callbacks
        if release is not None and isinstance(callback, functools.partial) and callback.func is release
    ]
