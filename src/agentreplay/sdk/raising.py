"""Exceptions as they are kept, and raised again as the same type.

A tape may come from a stranger, so a type is only looked up in modules the program has imported itself, and
only an exception is ever made of it.
"""

import builtins
import sys
from asyncio import CancelledError
from collections.abc import Callable, Mapping
from typing import Any, cast

from agentreplay.errors import ValueInvalid
from agentreplay.model.call import Raised
from agentreplay.model.values import Value, decode, encode
from agentreplay.sdk import cancelling

__all__ = ["RecordedError", "Reviver", "revive", "revive_async", "revivers", "told_of"]

_BY_TIMEOUT = "by_timeout"
"""Says of a cancellation that a time-out of the program did it, and turns it into something else."""

Reviver = Callable[[type[BaseException], Raised, Any], BaseException | None]

revivers: dict[str, Reviver] = {}
"""By the name of a library: how its exceptions are made again; a seam adds its own."""


class RecordedError(Exception):
    """Stands for an exception whose type is not there any more."""


def told_of(error: BaseException) -> Raised:
    """What is kept of an exception."""
    kind = type(error)
    state = {name: item for name, item in vars(error).items() if _is_plain(item)} if hasattr(error, "__dict__") else {}
    if isinstance(error, OSError) and error.errno is not None and error.errno not in error.args:
        state |= {"errno": error.errno, "strerror": error.strerror}
    if isinstance(error, CancelledError) and cancelling.has_expired():
        state[_BY_TIMEOUT] = True
    arguments = tuple(item if _is_plain(item) else str(item) for item in error.args)
    return Raised(module=kind.__module__, name=kind.__qualname__, message=str(error), arguments=arguments, state=state)


def revive(raised: Raised, origin: Any) -> BaseException:
    """The exception again; `origin` is what a seam's reviver needs, such as the request."""
    kind = _kind_of(raised)
    if kind is None:
        return RecordedError(f"{raised.module}.{raised.name}: {raised.message}")
    reviver = revivers.get(raised.module.partition(".")[0])
    if reviver is not None and (made := reviver(kind, raised, origin)) is not None:
        return made
    try:
        error = kind(*raised.arguments)
    except Exception:  # noqa: BLE001  # what a constructor wants is its own affair
        error = kind.__new__(kind)
        error.args = raised.arguments
    for name, item in raised.state.items():
        try:
            setattr(error, name, item)
        except (AttributeError, TypeError):
            continue
    return error


async def revive_async(raised: Raised, origin: Any) -> BaseException:
    """The same, for a task; one that was cancelled by a time-out of the program is so again, at once."""
    if raised.state.get(_BY_TIMEOUT):
        await cancelling.expire()
    return revive(raised, origin)


def _kind_of(raised: Raised) -> type[BaseException] | None:
    found: Any = builtins if raised.module == "builtins" else sys.modules.get(raised.module)
    for name in raised.name.split("."):
        found = getattr(found, name, None)
    return cast("type[BaseException]", found) if isinstance(found, type) and issubclass(found, BaseException) else None


def _is_plain(value: Value) -> bool:
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return True
    if isinstance(value, list | tuple | Mapping):
        try:
            return bool(
                decode(encode(value)) == (list(cast("tuple[Value]", value)) if isinstance(value, tuple) else value)
            )
        except (ValueInvalid, TypeError):
            return False
    return False
