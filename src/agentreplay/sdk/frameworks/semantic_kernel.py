"""Semantic Kernel: agents, and what functions are given and find.

Its own tracing tells of agents and contents only to those who have switched on that it exports them. That is theirs to
decide, so the methods behind it are accompanied; `tracers` sees all else.
"""

import copy
import sys
from types import ModuleType
from typing import Any

from agentreplay.sdk.frameworks.methods import Methods, MethodSpan
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.revising import Arguments, Given

__all__ = ["install"]


class _FunctionSpan(MethodSpan):
    __slots__ = ()

    def found(self, value: Any) -> Any:
        """What is in the result of a function; of an agent's, what it said."""
        inner = getattr(value, "value", value)
        return getattr(inner, "content", inner)


def install(patches: Patches, library: ModuleType) -> None:
    """Accompany agents and functions."""
    methods = Methods("Semantic Kernel", patches)
    for name in ("get_response", "invoke", "invoke_stream"):
        methods.accompany(library.ChatCompletionAgent, name, _agent)
    function = sys.modules["semantic_kernel.functions.kernel_function"].KernelFunction
    methods.tool(function, "invoke", _given)
    for name in ("invoke", "invoke_stream"):
        methods.accompany(function, name, _function)


def _agent(arguments: tuple[Any, ...], _: dict[str, Any]) -> MethodSpan:
    name = arguments[0].name
    return MethodSpan(name, "agent", agent=name)


def _function(arguments: tuple[Any, ...], named: dict[str, Any]) -> MethodSpan:
    function, given = arguments[0], named.get("arguments") or next(iter(arguments[2:]), None)
    return _FunctionSpan(function.fully_qualified_name, "tool", input=dict(given or {}))


def _given(arguments: tuple[Any, ...], named: dict[str, Any]) -> Given:
    function, *rest = arguments
    given: Any = named.get("arguments") or rest[1]

    def put(changed: dict[str, Any]) -> Arguments:
        others = copy.copy(given)
        others.clear()
        others.update(changed)
        if "arguments" in named:
            return arguments, {**named, "arguments": others}
        return (function, rest[0], others, *rest[2:]), named

    def returns(result: Any) -> Any:
        results = sys.modules["semantic_kernel.functions.function_result"].FunctionResult
        return results(function=function.metadata, value=result)

    return Given(dict(given), put, returns)
