"""The OpenAI Agents SDK, by a processor of its traces: runs, agents, turns, tools, hand-offs and guardrails."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

from agentreplay.sdk.frameworks.methods import Methods
from agentreplay.sdk.frameworks.runs import Runs, guarding
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.revising import Arguments, Given

__all__ = ["install"]


class _Look(NamedTuple):
    """How a span of theirs looks here."""

    kind: str
    name: str
    """With the fields of its data."""
    told: tuple[str, ...] = ()
    """Fields that are kept when it ends."""


_LOOKS = {
    "AgentSpanData": _Look("agent", "{0.name}", ("tools", "handoffs", "output_type")),
    "CustomSpanData": _Look("custom", "{0.name}", ("data",)),
    "FunctionSpanData": _Look("tool", "{0.name}", ("input", "output")),
    "GuardrailSpanData": _Look("guardrail", "{0.name}", ("triggered",)),
    "HandoffSpanData": _Look("step", "hand-off", ("from_agent", "to_agent")),
    "TurnSpanData": _Look("step", "turn {0.turn}"),
}
"""By the name of its type. What is not here, such as the answer of a model, the seams below record."""


class _SpanFailed(Exception):
    """What a span of theirs says went wrong."""


def install(patches: Patches, library: ModuleType) -> None:
    """Add a processor to those that are there, or stand around the tools that are functions."""
    if library.__name__ == "agents.tool":
        invoker = library._FailureHandlingFunctionToolInvoker
        Methods("the OpenAI Agents SDK", patches).functions_of_tools(invoker, ("_invoke_tool_impl",), _given)
        return
    runs = Runs("the OpenAI Agents SDK")
    kind = type("AgentReplayProcessor", (_Processor, library.TracingProcessor), {})
    processor = kind(runs)
    library.add_trace_processor(processor)
    _stay(patches, library.provider.SynchronousMultiTracingProcessor, processor)
    patches.later(runs.stop)


def _stay(patches: Patches, kind: Any, processor: Any) -> None:
    """Be told still when the program, or an instrumentation, has named the processors that it wants."""
    for name in ("on_trace_start", "on_trace_end", "on_span_start", "on_span_end"):
        patches.replace(kind, name, _told_too(getattr(kind, name), getattr(processor, name), processor))


def _told_too(original: Any, hear: Callable[[Any], None], processor: Any) -> Any:
    def told(processors: Any, subject: Any) -> None:
        if processor not in processors._processors:
            hear(subject)
        original(processors, subject)

    return told


def _given(arguments: tuple[Any, ...], named: dict[str, Any]) -> Given:
    context, given = arguments

    def put(changed: dict[str, Any]) -> Arguments:
        return (context, json.dumps(changed)), named

    return Given(json.loads(given or "{}"), put)


@guarding
class _Processor:
    """Turns their spans into ours."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def on_trace_start(self, trace: Any) -> None:
        self._runs.begin(trace.trace_id, trace.name, told={"group": getattr(trace, "group_id", None)})

    def on_trace_end(self, trace: Any) -> None:
        self._runs.end(trace.trace_id)

    def on_span_start(self, span: Any) -> None:
        data, parent = span.span_data, span.parent_id or span.trace_id
        look = _LOOKS.get(type(data).__name__)
        if look is None:
            self._runs.pass_over(span.span_id, parent)
            return
        name, iteration = look.name.format(data), getattr(data, "turn", None)
        agent = name if look.kind == "agent" else None
        self._runs.begin(span.span_id, name, look.kind, parent=parent, agent=agent, iteration=iteration)

    def on_span_end(self, span: Any) -> None:
        look, trouble = _LOOKS.get(type(span.span_data).__name__), span.error
        error = None if trouble is None else _SpanFailed(trouble.get("message", trouble))
        told = {} if look is None else {name: getattr(span.span_data, name, None) for name in look.told}
        self._runs.end(span.span_id, error, told)

    def shutdown(self) -> None:
        """Nothing is held back."""

    def force_flush(self) -> None:
        """Likewise."""
