"""AutoGen: what tools are given and what they find, which its own tracing leaves out; `tracers` sees all else."""

from types import ModuleType
from typing import Any

from agentreplay.sdk.frameworks.methods import Methods, MethodSpan
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.revising import Arguments, Given

__all__ = ["install"]


def install(patches: Patches, library: ModuleType) -> None:
    """Accompany the runs of tools."""
    methods = Methods("AutoGen", patches)
    methods.tool(library.BaseTool, "run_json", _given)
    methods.accompany(library.BaseTool, "run_json", _tool)


def _tool(arguments: tuple[Any, ...], named: dict[str, Any]) -> MethodSpan:
    tool, given = arguments[0], named.get("args", arguments[1] if len(arguments) > 1 else None)
    return MethodSpan(tool.name, "tool", input=given)


def _given(arguments: tuple[Any, ...], named: dict[str, Any]) -> Given:
    given: dict[str, Any] = dict(named["args"] if "args" in named else arguments[1])

    def put(changed: dict[str, Any]) -> Arguments:
        if "args" in named:
            return arguments, {**named, "args": changed}
        return (arguments[0], changed, *arguments[2:]), named

    return Given(given, put)
