"""Agno: agents, teams, and tools. It has no hook that stands around them."""

import sys
from types import ModuleType
from typing import Any

from agentreplay.sdk.frameworks.methods import Methods, MethodSpan
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.revising import Arguments, Given

__all__ = ["install"]

_RUNS = "_run", "_run_stream", "_arun", "_arun_stream"


class _ToolFailed(Exception):
    """What a tool says went wrong."""


class _ToolSpan(MethodSpan):
    __slots__ = ("_failure",)

    def found(self, value: Any) -> Any:
        """What the tool found, or why it found nothing: nothing is raised there."""
        self._failure = _ToolFailed(value.error) if value.status == "failure" else None
        return super().found(value.result)

    def end(self, error: BaseException | None = None) -> None:
        """It ends."""
        super().end(error or getattr(self, "_failure", None))


def install(patches: Patches, library: ModuleType) -> None:
    """Accompany the runs of agents and tools, or of teams."""
    methods = Methods("Agno", patches)
    for name in _RUNS:
        methods.accompany(sys.modules[f"{library.__name__}._run"], name, _agent)
    if library.__name__ == "agno.agent":
        call = sys.modules["agno.tools.function"].FunctionCall
        for name in ("execute", "aexecute"):
            methods.tool(call, name, _given)
            methods.accompany(call, name, _tool)


def _agent(arguments: tuple[Any, ...], named: dict[str, Any]) -> MethodSpan:
    agent = (*arguments, *named.values())[0]
    name = getattr(agent, "name", None) or type(agent).__name__
    return MethodSpan(name, "agent", agent=name)


def _tool(arguments: tuple[Any, ...], _: dict[str, Any]) -> MethodSpan:
    call = arguments[0]
    return _ToolSpan(call.function.name, "tool", input=call.arguments)


def _given(arguments: tuple[Any, ...], named: dict[str, Any]) -> Given:
    call = arguments[0]
    results = sys.modules["agno.tools.function"].FunctionExecutionResult

    def put(changed: dict[str, Any]) -> Arguments:
        call.arguments = changed
        return arguments, named

    def returns(result: Any) -> Any:
        call.result = result
        return results(status="success", result=result)

    def fails(error: BaseException) -> Any:
        call.error = str(error)
        return results(status="failure", error=call.error)

    return Given(dict(call.arguments or {}), put, returns, fails)
