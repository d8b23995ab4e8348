"""Exceptions as they are kept, and raised again as the same type.

A tape may come from a stranger, so a type is only looked up in modules the program has imported itself, and
only an exception is ever made of it.
"""

import sys
from collections.abc import Callable
from typing import Any

from agentreplay.model.call import Raised
from agentreplay.model.values import Value, decode, encode

__all__ = ["RecordedError", "Reviver", "find_type", "revive", "revive_async", "revivers", "told_of"]

_BY_TIMEOUT = "by_timeout"
"""Says of a cancellation that a time-out of the program did it, and turns it into something else."""

Reviver = Callable[[type[BaseException], Raised, Any], BaseException | None]

_CONTAINERS: frozenset[object] = frozenset({list, tuple, dict})

revivers: dict[str, Reviver] = {}
"""By the name of a library: how its exceptions are made again; a seam adds its own."""


class RecordedError(Exception):
    """Stands for an exception whose type is not there any more."""


def told_of(error: BaseException) -> Raised:
    """What is kept of an exception. Never raises, whatever the exception does when it is looked at."""
    kind = type(error)
    arguments = tuple([item if _is_plain(item) else _text_of(item) for item in error.args])
    state: dict[str, Value]
    try:
        state = {name: item for name, item in vars(error).items() if _is_plain(item)}
    except Exception:  # noqa: BLE001  # as said
        state = {}
    if isinstance(error, OSError) and error.errno is not None and error.errno not in error.args:
        state |= {"errno": error.errno, "strerror": error.strerror}
    if _is_by_timeout(error):
        state[_BY_TIMEOUT] = True
    return Raised(
        module=kind.__module__, name=kind.__qualname__, message=_text_of(error), arguments=arguments, state=state
    )


def revive(raised: Raised, origin: Any) -> BaseException:
    """The exception again; `origin` is what a seam's reviver needs, such as the request."""
    kind = find_type(raised.module, raised.name)
    if kind is None or not issubclass(kind, BaseException):
        return RecordedError(f"{raised.module}.{raised.name}: {raised.message}")
    reviver = revivers.get(raised.module.partition(".")[0])
    if reviver is not None and (made := reviver(kind, raised, origin)) is not None:
        return made
    try:
        error = kind(*raised.arguments)
    except Exception:  # noqa: BLE001  # what a constructor wants is its own affair
        try:
            error = kind.__new__(kind)
        except Exception:  # noqa: BLE001  # as above
            return RecordedError(f"{raised.module}.{raised.name}: {raised.message}")
        error.args = raised.arguments
    for name, item in raised.state.items():
        try:
            if not name.startswith("__"):
                setattr(error, name, item)
        except Exception:  # noqa: BLE001, S112  # a property may refuse as it likes
            continue
    return error


async def revive_async(raised: Raised, origin: Any) -> BaseException:
    """The same, for a task; one that was cancelled by a time-out of the program is so again, at once."""
    if raised.state.get(_BY_TIMEOUT):
        from agentreplay.sdk import cancelling  # start-up

        await cancelling.expire()
    return revive(raised, origin)


def find_type(module: str, path: str) -> type[Any] | None:
    """A class of a module that is imported already. Nothing is asked of the module, which might import more."""
    found: object = sys.modules.get(module)
    for name in path.split("."):
        found = getattr(found, "__dict__", {}).get(name)
    return found if isinstance(found, type) else None


def _is_by_timeout(error: BaseException) -> bool:
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or not isinstance(error, asyncio.CancelledError):
        return False
    from agentreplay.sdk import cancelling  # start-up

    return cancelling.has_expired()


def _text_of(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001  # as said
        return f"<{type(value).__qualname__}>"


def _is_plain(value: Value) -> bool:
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return True
    kind: object = value.__class__
    if kind not in _CONTAINERS:
        return False
    try:
        return bool(decode(encode(value)) == (list(value) if kind is tuple else value))
    except Exception:  # noqa: BLE001  # as said
        return False
