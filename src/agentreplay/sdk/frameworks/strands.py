"""Strands Agents: tools that are functions can be given something else; `tracers` sees all that its tracing tells."""

from types import ModuleType
from typing import Any

from agentreplay.sdk.frameworks.methods import Methods
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.revising import Arguments, Given

__all__ = ["install"]


def install(patches: Patches, library: ModuleType) -> None:
    """Stand around tools."""
    Methods("Strands Agents", patches).tool(library.DecoratedFunctionTool, "stream", _given)


def _given(arguments: tuple[Any, ...], named: dict[str, Any]) -> Given:
    tool, use, *rest = arguments

    def put(changed: dict[str, Any]) -> Arguments:
        return (tool, {**use, "input": changed}, *rest), named

    def returns(result: Any) -> Any:
        return tool._wrap_tool_result(use.get("toolUseId", "unknown"), result)

    return Given(dict(use.get("input") or {}), put, returns)
