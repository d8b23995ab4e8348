"""Instructor: what is asked of a model until its answer has the shape that is wanted."""

from types import ModuleType
from typing import Any, cast

from agentreplay.sdk.frameworks.methods import Methods, MethodSpan
from agentreplay.sdk.patching import Patches

__all__ = ["install"]

_WAYS = "create", "create_partial", "create_iterable", "create_with_completion"


class _ParsingSpan(MethodSpan):
    __slots__ = ()

    def found(self, value: Any) -> Any:
        """The answer in its shape. A stream has none before it is read."""
        made: Any = cast("Any", value)[0] if type(value) is tuple else value
        return made.model_dump(mode="json") if hasattr(made, "model_dump") else None


def install(patches: Patches, library: ModuleType) -> None:
    """Accompany the ways to ask."""
    methods = Methods("Instructor", patches)
    for client in (library.Instructor, library.AsyncInstructor):
        for name in _WAYS:
            if name in vars(client):
                methods.accompany(client, name, _parsing)


def _parsing(arguments: tuple[Any, ...], named: dict[str, Any]) -> MethodSpan | None:
    wanted = named.get("response_model", arguments[1] if len(arguments) > 1 else None)
    return None if wanted is None else _ParsingSpan(getattr(wanted, "__name__", wanted), "parsing")
