"""The threads in which the store is asked: reading blocks, and a connection to the database belongs to a thread."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

__all__ = ["in_reader"]

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = 8
_POOL = ThreadPoolExecutor(_THREADS, thread_name_prefix="agentreplay-reader")


async def in_reader(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What the function returns, called in a thread that stays."""
    return await asyncio.get_running_loop().run_in_executor(_POOL, partial(function, *arguments, **named))
