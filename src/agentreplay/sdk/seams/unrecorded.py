"""What no seam records yet: websockets and gRPC. It is told, so that nobody takes the recording for whole."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from agentreplay.sdk.patching import Patches
from agentreplay.sdk.scope import boundary

__all__ = ["NotRecorded", "install"]


class NotRecorded(ConnectionRefusedError):
    """A replay cannot serve what was never recorded."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} goes through no seam, so that the recording has nothing to serve in its place")


def install(patches: Patches, library: ModuleType) -> None:
    """Tell of every connection this library opens."""
    if library.__name__.startswith("grpc"):
        _install_grpc(patches, library)
        return
    connect: Any = getattr(library, "connect", None)
    if isinstance(connect, type):
        patches.replace(connect, "__init__", _telling("websocket", getattr(connect, "__init__"), 1))  # noqa: B009  # of a class
    elif connect is not None:
        patches.replace(library, "connect", _telling("websocket", connect, 0))


def _install_grpc(patches: Patches, library: ModuleType) -> None:
    for holder in (library, getattr(library, "aio", None)):
        for name in ("insecure_channel", "secure_channel"):
            if holder is not None and hasattr(holder, name):
                patches.replace(holder, name, _telling("grpc", getattr(holder, name), 0))


def _telling(kind: str, original: Callable[..., Any], position: int) -> Callable[..., Any]:
    def opened(*arguments: Any, **named: Any) -> Any:
        found = boundary()
        if found is not None:
            target = arguments[position] if len(arguments) > position else named.get("uri", named.get("target", ""))
            what = f"{kind} {_without_secrets(str(target))}"
            if not found.unrecorded(what):
                raise NotRecorded(what)
        return original(*arguments, **named)

    return opened


def _without_secrets(target: str) -> str:
    scheme, sign, rest = target.partition("?")[0].rpartition("://")
    return f"{scheme}{sign}{rest.rpartition('@')[2]}"
