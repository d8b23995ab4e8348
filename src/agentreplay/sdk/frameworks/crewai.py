"""CrewAI, by the events of its bus: flows, crews, tasks, agents, tools, memory and knowledge.

Listeners are called in threads of their own, too late to stand around what they hear of; so the bus is accompanied
where an event is put on it, which is in the flow of what the event tells.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any, cast

from agentreplay.sdk.frameworks.methods import Methods
from agentreplay.sdk.frameworks.runs import Runs
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.revising import by_name

__all__ = ["install"]

_KINDS = {
    "agent_execution": "agent",
    "agent_reasoning": "reasoning",
    "crew_kickoff": "step",
    "flow": "step",
    "knowledge_query": "retrieval",
    "lite_agent_execution": "agent",
    "llm_guardrail": "guardrail",
    "memory_query": "memory",
    "memory_retrieval": "memory",
    "memory_save": "memory",
    "method_execution": "step",
    "task": "step",
    "tool_usage": "tool",
}
"""By what an event that begins something is called, without `_started`. What is not here, such as the call of a model,
the seams below record."""
_NAMES = "tool_name", "agent_role", "crew_name", "method_name", "flow_name", "task_name"
_OUTPUTS = "output", "results"


class _EventFailed(Exception):
    """What an event says went wrong."""


def install(patches: Patches, library: ModuleType) -> None:
    """Hear what is put on the bus, or stand around tools."""
    if library.__name__ == "crewai.tools.base_tool":
        methods = Methods("CrewAI", patches)
        for kind in (library.BaseTool, library.Tool):
            methods.tool(kind, "run", by_name)
        return
    runs = Runs("CrewAI")
    patches.later(runs.stop)
    bus: Any = cast("Any", type(library.crewai_event_bus))
    # What every emitted event passes through, and where it learns what it is part of.
    patches.replace(bus, "_prepare_event", _hearing(bus._prepare_event, runs))


def _hearing(prepare: Callable[..., Any], runs: Runs) -> Callable[..., Any]:
    def heard(bus: Any, source: Any, event: Any) -> Any:
        prepared = prepare(bus, source, event)
        try:
            _tell(runs, source, event)
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            runs.give_up(error)
        return prepared

    return heard


def _tell(runs: Runs, source: Any, event: Any) -> None:
    """An event begins a span, or ends one, or is nothing to us."""
    if event.type.endswith("_started"):
        kind = _KINDS.get(event.type.removesuffix("_started"))
        if kind is None:
            runs.pass_over(event.event_id, event.parent_event_id)
            return
        name = _name(source, event)
        told = {"input": getattr(event, "tool_args", getattr(event, "query", None))}
        agent = name if kind == "agent" else None
        runs.begin(event.event_id, name, kind, parent=event.parent_event_id, agent=agent, told=told)
    elif event.started_event_id is not None:
        trouble = getattr(event, "error", None) or getattr(event, "failure", None)
        error = trouble if isinstance(trouble, BaseException) else None if trouble is None else _EventFailed(trouble)
        output = next((getattr(event, name) for name in _OUTPUTS if hasattr(event, name)), None)
        runs.end(event.started_event_id, error, {"output": getattr(output, "raw", output)})


def _name(source: Any, event: Any) -> str:
    for name in _NAMES:
        found = getattr(event, name, None)
        if isinstance(found, str) and found:
            return found.strip().splitlines()[0]
    return str(getattr(source, "role", None) or getattr(source, "name", None) or event.type.removesuffix("_started"))
