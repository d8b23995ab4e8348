"""LlamaIndex, by a span handler of its dispatcher: workflows and their steps, engines, retrievers and tools."""

import sys
from collections.abc import Hashable
from functools import lru_cache
from types import ModuleType
from typing import Any, cast

from agentreplay.sdk.frameworks.methods import Methods
from agentreplay.sdk.frameworks.runs import Runs, guarding
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.revising import by_name

__all__ = ["install"]

_LEFT_TO_THE_SEAMS = {"BaseLLM", "BaseEmbedding"}
_KINDS = {
    "BaseNodePostprocessor": "rerank",
    "BaseRetriever": "retrieval",
    "BaseTool": "tool",
    "BaseWorkflowAgent": "agent",
}
"""By a class that the instance is of, however far up."""
_ID = len("-00000000-0000-0000-0000-000000000000")


def install(patches: Patches, library: ModuleType) -> None:
    """Let the root of all dispatchers have our handler, or stand around the functions of tools."""
    if library.__name__ == "llama_index.core.tools.function_tool":
        Methods("LlamaIndex", patches).functions_of_tools(library.FunctionTool, ("_fn", "_async_fn"), by_name)
        return
    runs = Runs("LlamaIndex")
    dispatcher = library.root_dispatcher
    base = sys.modules[library.NullSpanHandler.__module__].BaseSpanHandler
    handler = type("AgentReplaySpanHandler", (_Handler, base), {})(runs)
    dispatcher.add_span_handler(handler)

    def undo() -> None:
        runs.stop()
        dispatcher.span_handlers = [other for other in dispatcher.span_handlers if other is not handler]

    patches.later(undo)


@guarding
class _Handler:
    """Turns their spans into ours."""

    _runs: Runs

    def __init__(self, runs: Runs) -> None:
        super().__init__()
        object.__setattr__(self, "_runs", runs)  # it is a model of pydantic, and this none of its fields

    def span_enter(
        self, id_: str, bound_args: Any, instance: Any = None, parent_id: str | None = None, **_: Any
    ) -> None:
        kind = _kind_of(cast("Hashable", type(instance)))
        if kind is None:
            self._runs.pass_over(id_, parent_id)
            return
        name = _name(id_, instance, kind)
        told = {"input": dict(bound_args.kwargs or bound_args.arguments)} if kind in {"tool", "retrieval"} else None
        agent = name if kind == "agent" else _current_agent(bound_args)
        self._runs.begin(id_, name, kind, parent=parent_id, agent=agent, told=told)

    def span_exit(self, id_: str, bound_args: Any, instance: Any = None, result: Any = None, **_: Any) -> None:
        found = getattr(result, "content", None)
        self._runs.end(id_, told={"output": found} if isinstance(found, str) else None)

    def span_drop(
        self, id_: str, bound_args: Any, instance: Any = None, err: BaseException | None = None, **_: Any
    ) -> None:
        self._runs.end(id_, err)

    def new_span(self, *_: Any, **__: Any) -> None:
        """None is kept there."""

    def prepare_to_exit_span(self, *_: Any, **__: Any) -> None:
        """Likewise."""

    def prepare_to_drop_span(self, *_: Any, **__: Any) -> None:
        """Likewise."""


@lru_cache(256)
def _kind_of(instances: type) -> str | None:
    """What the runs of a class are; None where the seams tell of them."""
    classes = {kind.__name__ for kind in instances.__mro__}
    if classes & _LEFT_TO_THE_SEAMS:
        return None
    return next((kind for name, kind in _KINDS.items() if name in classes), "step")


def _current_agent(bound_args: Any) -> str | None:
    """Whose turn it is in a workflow of several agents, as the event that a step is given says."""
    named = getattr(bound_args.arguments.get("ev"), "current_agent_name", None)
    return named if isinstance(named, str) else None


def _name(run: str, instance: Any, kind: str) -> str:
    """Tools and agents have names; all else is called by class and method, a step of a workflow by its method."""
    if kind == "tool":
        return str(instance.metadata.name)
    if kind == "agent" and getattr(instance, "name", None):
        return str(instance.name)
    called = run[:-_ID]
    return called if instance is not None else called.rpartition(".")[2]
