"""Hugging Face smolagents: agents, their steps, and tools.

Its own callbacks come when a step is over, and so too late for what happens in it.
"""

from types import ModuleType
from typing import Any

from agentreplay.sdk.frameworks.methods import Methods, MethodSpan
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.revising import Given, by_name

__all__ = ["install"]


def install(patches: Patches, library: ModuleType) -> None:
    """Accompany the methods of agents of every kind."""
    methods = Methods("smolagents", patches)
    for kind in (library.MultiStepAgent, library.ToolCallingAgent, library.CodeAgent):
        for name, describe in (("_run_stream", _agent), ("_step_stream", _step)):
            if name in vars(kind):
                methods.accompany(kind, name, describe)
    methods.tool(library.Tool, "__call__", _given)
    methods.accompany(library.Tool, "__call__", _tool)


def _agent(arguments: tuple[Any, ...], named: dict[str, Any]) -> MethodSpan:
    agent = arguments[0]
    name = getattr(agent, "name", None) or type(agent).__name__
    task = named.get("task", arguments[1] if len(arguments) > 1 else None)
    return MethodSpan(name, "agent", agent=name, task=task)


def _step(arguments: tuple[Any, ...], named: dict[str, Any]) -> MethodSpan:
    number = getattr(arguments[1] if len(arguments) > 1 else named.get("memory_step"), "step_number", None)
    return MethodSpan(f"step {number}", iteration=number)


def _tool(arguments: tuple[Any, ...], named: dict[str, Any]) -> MethodSpan:
    given = {name: value for name, value in named.items() if name != "sanitize_inputs_outputs"}
    return MethodSpan(arguments[0].name, "tool", input=given or list(arguments[1:]))


def _given(arguments: tuple[Any, ...], named: dict[str, Any]) -> Given:
    return by_name(arguments, named, "sanitize_inputs_outputs")
