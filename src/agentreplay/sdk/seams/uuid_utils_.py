"""The seam of uuid_utils, whose identifiers are made beside Python's own sources of chance."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from agentreplay.sdk.patching import Patches
from agentreplay.sdk.places import frame_at
from agentreplay.sdk.scope import boundary
from agentreplay.sdk.silence import silence

__all__ = ["install"]

_NAMES = ("uuid1", "uuid4", "uuid6", "uuid7")


def install(patches: Patches, library: ModuleType) -> None:
    """Read what it makes through the boundary."""
    for name in _NAMES:
        if hasattr(library, name):
            patches.replace(library, name, _naming(f"{library.__name__}.{name}", getattr(library, name)))


def _naming(place: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def named(*arguments: Any, **options: Any) -> Any:
        found = boundary()
        if found is None:
            return original(*arguments, **options)
        made: list[Any] = []

        def live() -> bytes:
            with silence():
                made.append(original(*arguments, **options))
            data: bytes = made[0].bytes
            return data

        caller = frame_at(1).f_code
        data = found.read(place, caller, live)
        if made:
            return made[0]
        with silence():
            return type(original(*arguments, **options))(bytes=data)

    return named
