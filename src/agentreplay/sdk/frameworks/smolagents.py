"""Hugging Face smolagents: agents, their steps, and tools.

Its own callbacks come when a step is over, and so too late for what happens in it; the methods behind them are
accompanied instead.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any, cast

from agentreplay.sdk.patching import Patches
from agentreplay.sdk.spans import RecordedSpan, around
from agentreplay.sdk.wrapping import accompanied

__all__ = ["install"]


class _ToolSpan(RecordedSpan):
    __slots__ = ()

    def returns(self, value: Any) -> Any:
        """What the tool found."""
        self.set(output=value)
        return value


def install(patches: Patches, library: ModuleType) -> None:
    """Accompany the methods of agents of every kind."""
    for kind in (library.MultiStepAgent, library.ToolCallingAgent, library.CodeAgent):
        for name, make in (("_run_stream", _agent), ("_step_stream", _step)):
            method = cast("Callable[..., Any] | None", vars(kind).get(name))
            if method is not None:
                patches.replace(kind, name, accompanied(method, around(make)))
    patches.replace(library.Tool, "__call__", accompanied(library.Tool.__call__, around(_tool)))


def _agent(arguments: tuple[Any, ...], named: dict[str, Any]) -> RecordedSpan:
    agent = arguments[0]
    name = getattr(agent, "name", None) or type(agent).__name__
    return RecordedSpan(name, "agent", agent=name, task=named.get("task", arguments[1] if len(arguments) > 1 else None))


def _step(arguments: tuple[Any, ...], named: dict[str, Any]) -> RecordedSpan:
    number = getattr(arguments[1] if len(arguments) > 1 else named.get("memory_step"), "step_number", None)
    return RecordedSpan(f"step {number}", iteration=number)


def _tool(arguments: tuple[Any, ...], named: dict[str, Any]) -> RecordedSpan:
    given = {name: value for name, value in named.items() if name != "sanitize_inputs_outputs"}
    return _ToolSpan(arguments[0].name, "tool", input=given or list(arguments[1:]))
