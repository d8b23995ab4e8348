"""Google ADK: what functions as tools are given and find, which its tracing leaves out; `tracers` sees all else."""

from types import ModuleType
from typing import Any

from agentreplay.sdk.frameworks.methods import Methods
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.revising import Given

__all__ = ["install"]


def install(patches: Patches, library: ModuleType) -> None:
    """Stand around tools."""
    Methods("Google ADK", patches).tool(library.FunctionTool, "run_async", _given, tells=True)


def _given(arguments: tuple[Any, ...], named: dict[str, Any]) -> Given:
    return Given(dict(named["args"]), lambda changed: (arguments, {**named, "args": changed}))
