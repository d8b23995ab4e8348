"""Pydantic AI: the tracing that is built into it is switched on, and recorded as that of `tracers`; and its tools."""

import sys
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
        settings = library.InstrumentationSettings()
        library.Agent.instrument_all(settings)
        patches.later(lambda: library.Agent.instrument_all(instrument=False))
        _leave_out_models(patches, settings)


def _leave_out_models(patches: Patches, settings: Any) -> None:
    """The seams tell of models. Telling of them here as well would prepare and price each request a second time."""
    kind: Any = getattr(sys.modules.get("pydantic_ai.capabilities"), "Instrumentation", None)
    original = getattr(kind, "wrap_model_request", None)
    if original is None:  # it is told, and dropped, as `tracers` does with all it hears of models
        return

    async def wrap_model_request(tracing: Any, ctx: Any, *, request_context: Any, handler: Any) -> Any:
        if tracing.settings is settings:
            return await handler(request_context)
        return await original(tracing, ctx, request_context=request_context, handler=handler)

    patches.replace(kind, "wrap_model_request", wrap_model_request)


def _given(arguments: tuple[Any, ...], named: dict[str, Any]) -> Given:
    given: dict[str, Any] = dict(named["tool_args"] if "tool_args" in named else arguments[2])

    def put(changed: dict[str, Any]) -> Arguments:
        if "tool_args" in named:
            return arguments, {**named, "tool_args": changed}
        return (*arguments[:2], changed, *arguments[3:]), named

    return Given(given, put)
