"""Runs functions in processes of their own, one alone or several that start at the same moment."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from typing import ParamSpec, Self, TypeVar

__all__ = ["Together", "apart", "together", "wait_for_the_others"]

P = ParamSpec("P")
T = TypeVar("T")

_PATIENCE = 900
_context = multiprocessing.get_context("spawn")
_barriers: list[Barrier] = []


def apart(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What the function returns in a fresh process, which has nothing in its memory yet."""
    with ProcessPoolExecutor(1, mp_context=_context) as pool:
        return pool.submit(function, *arguments, **named).result()


class Together:
    """Several processes; each of them waits for the others where it calls `wait_for_the_others`."""

    def __init__(self, count: int) -> None:
        self._pool = ProcessPoolExecutor(
            count, mp_context=_context, initializer=_remember, initargs=(_context.Barrier(count),)
        )

    def start(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> Future[T]:
        """Give one process its work; call it once for each process."""
        return self._pool.submit(function, *arguments, **named)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()


def together(function: Callable[..., T], arguments: Sequence[tuple[object, ...]]) -> list[T]:
    """What the function returns for each of the arguments, all at the same time."""
    with Together(len(arguments)) as processes:
        futures = [processes.start(function, *each) for each in arguments]
        return [future.result() for future in futures]


def wait_for_the_others() -> None:
    """Go on when all processes got here."""
    _barriers[0].wait(_PATIENCE)


def _remember(barrier: Barrier) -> None:
    _barriers.append(barrier)
