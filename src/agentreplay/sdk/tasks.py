"""Logical tasks: which flow of the program is running, named by what it runs and by the order of creation.

The main thread is `main`; the third thread, executor job or asyncio task in which it runs `fetch` is `main/fetch-3`;
what happens inside its second call is `main:2`; the first process it starts is `main!1`. What is created by chance is
counted for itself, as `main~1`: the threads of pools, and the tasks that close iterators. The names do not depend on
the scheduler, so a call has the same address in every run. What a flow runs is part of its name, because a library may
start helpers of its own, such as one that waits for a queue, as often as time has it.
"""

import itertools
import os
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import Context, ContextVar, Token
from functools import lru_cache, partial
from types import CoroutineType, ModuleType
from typing import Any

from agentreplay.sdk import places
from agentreplay.sdk.patching import Patches

__all__ = [
    "Task",
    "current",
    "enter",
    "enter_task",
    "follow",
    "follow_jobs",
    "follow_tasks",
    "inside",
    "leave",
    "main_path",
    "start_at",
    "within",
]


class Task:
    """A flow of the program."""

    __slots__ = ("_numbers", "is_job", "path")

    def __init__(self, path: str, *, is_job: bool = False) -> None:
        self.path = path
        self.is_job = is_job
        # By what is counted: a name, or one of the signs that no name has. Most tasks never count anything.
        self._numbers: dict[str, itertools.count[int]] = {}

    def next_call(self) -> int:
        """The ordinal of the call that is made now."""
        return self._next(":")

    def next_tool(self) -> str:
        """The address of the tool that a framework runs now: tools are counted for themselves, and by no call."""
        return f"{self.path}#{self._next('#')}"

    def child(self, runs: str, *, is_job: bool = False) -> "Task":
        """A flow that this one creates now, by the name of what runs in it."""
        return Task(f"{self.path}/{runs}-{self._next(runs)}", is_job=is_job)

    def worker(self) -> "Task":
        """A thread that a pool starts for this flow now."""
        return Task(f"{self.path}~{self._next('~')}")

    def process(self) -> str:
        """The path of a process that this flow starts now."""
        return f"{self.path}!{self._next('!')}"

    def _next(self, what: str) -> int:
        # Two threads may come at once: both get the counter that was there first.
        numbers = self._numbers.get(what) or self._numbers.setdefault(what, itertools.count(1))
        return next(numbers)


async def _nothing() -> AsyncGenerator[None, None]:
    yield


def _type_of_closing() -> type[object]:
    closing = _nothing().aclose()
    closing.close()  # else Python 3.13 and newer warn, in the program that is watched, that nobody awaited it
    return type(closing)


_Closing = _type_of_closing()
"""What closes an asynchronous generator."""


class _Thread(threading.local):
    """What a thread runs."""

    base: Task | None = None


_thread = _Thread()
_main = Task("main")
_context: ContextVar[tuple[Task, Task | None] | None] = ContextVar("agentreplay_task", default=None)
"""The task, and the thread's base when it was set; None instead of a base inside an event loop."""

_Carried = Callable[[], Callable[[], None]]


def current() -> Task:
    """The flow that is running."""
    found = _context.get()
    if _running_loop() is not None:
        return found[0] if found is not None else _thread.base or _main
    base = _thread.base or _main
    # A job of an executor often runs in a copy of its creator's context, where the creator's task is found.
    if found is not None and (found[1] is base or not base.is_job):
        return found[0]
    return base


def start_at(path: str) -> None:
    """Begin as the process with this path."""
    global _main  # noqa: PLW0603  # there is one process
    _main = Task(path)


def enter(path: str) -> Token[tuple[Task, Task | None] | None]:
    """Begin to count calls and tasks anew in the running flow; returns what `leave` takes."""
    return _context.set((Task(path), _base()))


def enter_task(task: Task) -> Token[tuple[Task, Task | None] | None]:
    """Go on as this task in the running flow; returns what `leave` takes."""
    return _context.set((task, _base()))


leave = _context.reset


def main_path() -> str:
    """The path of this process."""
    return _main.path


@contextmanager
def inside(ordinal: int) -> Generator[None, None, None]:
    """What happens in here happens inside a call of the running flow."""
    with within(f"{current().path}:{ordinal}"):
        yield


@contextmanager
def within(path: str) -> Generator[None, None, None]:
    """What happens in here belongs to the flow with this path, which begins anew."""
    token = _context.set((Task(path), _base()))
    try:
        yield
    finally:
        _context.reset(token)


def _base() -> Task | None:
    return None if _running_loop() is not None else _thread.base or _main


def follow(patches: Patches, carry: _Carried) -> None:
    """Give every new thread and process its name. What `carry` returns is called where a thread begins."""
    _follow_threads(patches, carry)
    _follow_forks()
    if "asyncio" in sys.modules:
        _know_loops(sys.modules["asyncio"])


def follow_tasks(patches: Patches, asyncio: ModuleType) -> None:
    """Give every new task of an event loop its name, once the program has event loops."""
    _know_loops(asyncio)
    original: Callable[..., Any] = asyncio.BaseEventLoop.create_task

    def create_task(loop: Any, *arguments: Any, **named: Any) -> Any:
        # An iterator that nobody reads to its end is closed by a task when its memory is freed, which is chance: such
        # tasks are counted for themselves, as the threads of pools are.
        runs = arguments[0] if arguments else next(iter(named.values()))
        if type(runs) is CoroutineType:
            # As nearly all are; hundreds of tasks in a run are not unusual.
            task = current().child(_shown(runs.__qualname__))
        else:
            task = current().worker() if type(runs) is _Closing else current().child(_name(runs))
        given = named.get("context") if named else None
        if given is not None:
            # It runs in a context of the caller's choice, as the main task of asyncio.run does.
            given.run(_context.set, (task, None))
            return original(loop, *arguments, **named)
        token = _context.set((task, None))
        try:
            return original(loop, *arguments, **named)
        finally:
            _context.reset(token)

    patches.replace(asyncio.BaseEventLoop, "create_task", create_task)


_PARTIAL: type[Any] = partial
_KEPT_FREE = str.maketrans("/:~!#", "-----")
"""What separates the parts of an address."""


def _name(runs: Any, arguments: Sequence[Any] = ()) -> str:
    """What a function or coroutine is called in its module or function, found behind what only hands it on."""
    if isinstance(runs, _PARTIAL):
        return _name(runs.func, (*runs.args, *arguments))
    if arguments and isinstance(getattr(runs, "__self__", None), Context):
        return _name(arguments[0], arguments[1:])
    name = getattr(runs, "__qualname__", None)
    if not isinstance(name, str):
        name = type(runs).__qualname__
    return _shown(name)


@lru_cache(4096)
def _shown(name: str) -> str:
    return name.rpartition("<locals>.")[2].translate(_KEPT_FREE)


def _name_of_thread(thread: threading.Thread) -> str:
    target = getattr(thread, "_target", None)
    return _name(thread.run if target is None else target, getattr(thread, "_args", ()))


def _no_loop() -> object | None:
    return None


_running_loop: Callable[[], object | None] = _no_loop


def _know_loops(asyncio: ModuleType) -> None:
    global _running_loop  # noqa: PLW0603  # it costs the start of a program too much to import asyncio for it
    _running_loop = asyncio._get_running_loop  # noqa: SLF001  # public, but for its name: asyncio documents it


def _follow_threads(patches: Patches, carry: _Carried) -> None:
    original = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        # A pool starts a thread when it finds none idle, which is chance: its jobs are named and counted, and its
        # threads are counted for themselves.
        by_pool = places.is_machinery(places.frame_at(1).f_code.co_filename)
        task = current().worker() if by_pool else current().child(_name_of_thread(thread))
        enter, run = carry(), thread.run

        def named() -> None:
            _thread.base = task
            enter()
            run()

        thread.run = named  # type: ignore[method-assign]  # of this one thread
        original(thread)

    patches.replace(threading.Thread, "start", start)


def follow_jobs(patches: Patches, carry: _Carried, library: ModuleType) -> None:
    """Give every new job of a pool of threads its name, once the program has such pools."""
    pool = library.ThreadPoolExecutor
    original: Callable[..., Any] = pool.submit

    def submit(executor: Any, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
        task, enter = current().child(_name(function, arguments), is_job=True), carry()

        def job(*arguments: Any, **named: Any) -> Any:
            before, _thread.base = _thread.base, task
            try:
                enter()
                return function(*arguments, **named)
            finally:
                _thread.base = before

        return original(executor, job, *arguments, **named)

    patches.replace(pool, "submit", submit)


class _Fork(threading.local):
    """The path of the process this thread is about to fork; of all threads only this one goes on in the child."""

    path = ""


_fork = _Fork()
_is_following_forks = False


def _follow_forks() -> None:
    global _is_following_forks  # noqa: PLW0603  # a hook at fork cannot be taken back
    if _is_following_forks or not hasattr(os, "register_at_fork"):
        return
    _is_following_forks = True
    os.register_at_fork(before=_before_fork, after_in_child=_in_child)


def _before_fork() -> None:
    _fork.path = current().process()


def _in_child() -> None:
    start_at(_fork.path)
    _thread.base = None
    _context.set(None)
