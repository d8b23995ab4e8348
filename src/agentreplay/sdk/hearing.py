"""Which transports of HTTP are listened to: all of them, or only those of clients that were wrapped.

Clients of model providers speak through httpx or its successor, and each client has transports of its own. They are
found by looking through what the client holds, so that none of these clients needs to be known here.
"""

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, cast
from weakref import WeakSet

__all__ = [
    "hear_everything",
    "hear_only_wrapped",
    "hears",
    "is_selective",
    "other_ways",
    "transports_in",
    "wrap_transports",
]

_LIBRARIES = ("httpx", "httpx2")
_DEEPEST = 6
_MOST = 2000
_OTHER_WAYS = {"aiohttp": "aiohttp.client"}
"""Libraries that a client may go through instead, by the name of the attributes in which it keeps their sessions."""

_wrapped: WeakSet[Any] = WeakSet()
_is_selective = False


def hears(transport: object) -> bool:
    """Whether what goes through this transport is recorded and served."""
    return not _is_selective or transport in _wrapped


def is_selective() -> bool:
    """Whether only wrapped clients are listened to."""
    return _is_selective


def hear_everything() -> None:
    """Listen to all transports."""
    global _is_selective  # noqa: PLW0603  # there is one process
    _is_selective = False


def hear_only_wrapped() -> None:
    """Listen to the transports of wrapped clients and to no others."""
    global _is_selective  # noqa: PLW0603  # as above
    _is_selective = True


def wrap_transports(transports: list[Any]) -> None:
    """Listen to these as well."""
    for transport in transports:
        _wrapped.add(transport)


def transports_in(client: object) -> list[Any]:
    """The transports that a client goes through, as far as they are those that use the network."""
    kinds = tuple(
        getattr(library, name)
        for library in map(sys.modules.get, _LIBRARIES)
        if library is not None
        for name in ("HTTPTransport", "AsyncHTTPTransport")
    )
    return [held for held in _held_by(client) if isinstance(held, kinds)]


def other_ways(client: object) -> set[str]:
    """The modules of other libraries that a client may go through beside httpx."""
    names = {name.lower() for held in _held_by(client) for name in _attributes(held)}
    return {module for way, module in _OTHER_WAYS.items() if any(f"{way}_session" in name for name in names)}


def _held_by(client: object) -> Iterator[object]:
    """The client and what it holds, and so on, each once."""
    seen: set[int] = set()
    layer: list[object] = [client]
    for _ in range(_DEEPEST):
        following: list[object] = []
        for held in layer:
            if id(held) in seen or len(seen) >= _MOST:
                continue
            seen.add(id(held))
            yield held
            following += (cast("dict[object, object]", held) if isinstance(held, dict) else _attributes(held)).values()
        layer = [held for held in following if _may_hold(held)]


def _attributes(held: object) -> dict[str, Any]:
    found = getattr(held, "__dict__", None)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _may_hold(held: object) -> bool:
    return isinstance(held, dict) or (hasattr(held, "__dict__") and not isinstance(held, type | ModuleType))
