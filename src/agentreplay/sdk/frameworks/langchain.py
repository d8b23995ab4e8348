"""LangChain and LangGraph, by their callbacks: graphs, nodes, chains, tools and retrievers."""

import sys
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from types import ModuleType
from typing import Any
from uuid import UUID

from agentreplay.sdk.frameworks.methods import Methods
from agentreplay.sdk.frameworks.runs import Runs, guarding
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.revising import Given, by_name

__all__ = ["install"]

_HIDDEN = "langsmith:hidden"


def install(patches: Patches, library: ModuleType) -> None:
    """Let every run have our handler, or stand around the tools that are functions."""
    if library.__name__ != "langchain_core.tracers.context":
        _stand_around_tools(patches, library)
        return
    runs = Runs("LangChain")
    base = sys.modules["langchain_core.callbacks.base"].BaseCallbackHandler
    handler = type("AgentReplayCallbackHandler", (_Callbacks, base), {})(runs)
    variable: ContextVar[Any] = ContextVar("agentreplay_langchain", default=handler)
    library.register_configure_hook(variable, inheritable=True)
    hooks: list[Any] = library._configure_hooks

    def undo() -> None:
        runs.stop()
        hooks[:] = [hook for hook in hooks if hook[0] is not variable]

    patches.later(undo)


def _stand_around_tools(patches: Patches, library: ModuleType) -> None:
    methods = Methods("LangChain", patches)
    kind = library.Tool if library.__name__.endswith("simple") else library.StructuredTool
    for name in ("_run", "_arun"):
        methods.tool(kind, name, _given)


def _given(arguments: tuple[Any, ...], named: dict[str, Any]) -> Given:
    has_artifact = arguments[0].response_format == "content_and_artifact"
    given = by_name(arguments, named, "config", "run_manager")
    return given._replace(returns=_without_artifact) if has_artifact else given


def _without_artifact(result: Any) -> tuple[Any, None]:
    return result, None


@guarding
class _Callbacks:
    """Turns callbacks into spans. Models are left to the seams, which see the request itself."""

    run_inline = True  # in the flow of whoever calls, so that what it does next belongs to the span
    ignore_llm = True
    ignore_chat_model = True

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def on_chain_start(
        self,
        serialized: Mapping[str, Any] | None,
        inputs: Any,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: Sequence[str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        metadata = metadata or {}
        name, node = _name(serialized, more), metadata.get("langgraph_node")
        if _HIDDEN in (tags or ()) and parent_run_id is not None:
            self._runs.pass_over(run_id, parent_run_id)
            return
        is_node = node is not None and name == node
        told = {"langgraph.thread": metadata.get("thread_id"), "langgraph.node": node} if is_node else {}
        self._runs.begin(
            run_id,
            name,
            "agent" if parent_run_id is None else "step",
            parent=parent_run_id,
            agent=name if parent_run_id is None else None,
            iteration=metadata.get("langgraph_step") if is_node else None,
            told=told,
        )

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **more: Any) -> None:
        self._runs.end(run_id)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **more: Any) -> None:
        self._runs.end(run_id, error)

    def on_tool_start(
        self,
        serialized: Mapping[str, Any] | None,
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        inputs: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        told = {"input": input_str if inputs is None else dict(inputs), "tool_call": more.get("tool_call_id")}
        self._runs.begin(run_id, _name(serialized, more), "tool", parent=parent_run_id, told=told)

    def on_tool_end(self, output: Any, *, run_id: UUID, **more: Any) -> None:
        self._runs.end(run_id, told={"output": getattr(output, "content", output)})

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **more: Any) -> None:
        self._runs.end(run_id, error)

    def on_retriever_start(
        self,
        serialized: Mapping[str, Any] | None,
        query: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **more: Any,
    ) -> None:
        told = {"input": query}
        self._runs.begin(run_id, _name(serialized, more), "retrieval", parent=parent_run_id, told=told)

    def on_retriever_end(self, documents: Sequence[Any], *, run_id: UUID, **more: Any) -> None:
        texts = [getattr(document, "page_content", document) for document in documents]
        self._runs.end(run_id, told={"output": texts})

    def on_retriever_error(self, error: BaseException, *, run_id: UUID, **more: Any) -> None:
        self._runs.end(run_id, error)


def _name(serialized: Mapping[str, Any] | None, told: Mapping[str, Any]) -> str:
    """As LangChain itself calls it."""
    serialized = serialized or {}
    return str(told.get("name") or serialized.get("name") or (serialized.get("id") or ["chain"])[-1])
