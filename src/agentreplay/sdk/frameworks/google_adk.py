"""Google ADK: what functions as tools are given and find, which its tracing leaves out; `tracers` sees all else."""

from types import ModuleType
from typing import Any

from agentreplay.sdk.frameworks.methods import Methods
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.revising import Arguments, Given

__all__ = ["install"]


def install(patches: Patches, library: ModuleType) -> None:
    """Stand around tools."""
    Methods("Google ADK", patches).tool(library.FunctionTool, "run_async", _given, tells=True)


def _given(arguments: tuple[Any, ...], named: dict[str, Any]) -> Given:
    def put(changed: dict[str, Any]) -> Arguments:
        return arguments, {**named, "args": changed}

    return Given(dict(named["args"]), put)
