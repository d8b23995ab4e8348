"""DSPy: modules within modules, and tools.

It takes callbacks, but whoever sets his own throws out all that were there before.
"""

from types import ModuleType
from typing import Any

from agentreplay.sdk.frameworks.methods import Methods, MethodSpan
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.revising import by_name
from agentreplay.sdk.scope import scope

__all__ = ["install"]


def install(patches: Patches, library: ModuleType) -> None:
    """Accompany the calls of modules and tools."""
    methods = Methods("DSPy", patches)
    for name in ("__call__", "acall"):
        methods.accompany(library.Module, name, _module)
        methods.tool(library.Tool, name, by_name)
        methods.accompany(library.Tool, name, _tool)


def _module(arguments: tuple[Any, ...], _: dict[str, Any]) -> MethodSpan:
    """The outermost module is the agent."""
    name = type(arguments[0]).__name__
    return MethodSpan(name, "agent", agent=name) if scope().agent is None else MethodSpan(name)


def _tool(arguments: tuple[Any, ...], named: dict[str, Any]) -> MethodSpan:
    return MethodSpan(arguments[0].name, "tool", input=dict(named))
