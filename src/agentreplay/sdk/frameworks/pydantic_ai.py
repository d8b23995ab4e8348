"""Pydantic AI: the tracing that is built into it is switched on, and recorded as that of `tracers`; and its tools."""

from types import ModuleType
from typing import Any

from agentreplay.sdk.frameworks.methods import Methods
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.revising import Arguments, Given

__all__ = ["install"]


def install(patches: Patches, library: ModuleType) -> None:
    """Trace every agent that is not told otherwise; who traces already goes on doing so. Or stand around tools."""
    if library.__name__ == "pydantic_ai.toolsets.function":
        Methods("Pydantic AI", patches).tool(library.FunctionToolset, "call_tool", _given)
    elif not library.Agent._instrument_default:
        library.Agent.instrument_all(instrument=True)
        patches.later(lambda: library.Agent.instrument_all(instrument=False))


def _given(arguments: tuple[Any, ...], named: dict[str, Any]) -> Given:
    given: dict[str, Any] = dict(named["tool_args"] if "tool_args" in named else arguments[2])

    def put(changed: dict[str, Any]) -> Arguments:
        if "tool_args" in named:
            return arguments, {**named, "tool_args": changed}
        return (*arguments[:2], changed, *arguments[3:]), named

    return Given(given, put)
