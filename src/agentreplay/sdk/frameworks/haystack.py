"""Haystack, by its tracer: pipelines, components, agents, their steps, and tools.

There is room for one tracer, which is the user's; ours stands beside whatever is there.
"""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any, NamedTuple, cast

from agentreplay.sdk.frameworks.methods import Methods
from agentreplay.sdk.frameworks.runs import Runs
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.revising import Given, by_name

__all__ = ["install"]


class _Look(NamedTuple):
    """How a span of theirs looks here."""

    kind: str
    name: str
    """A tag, or the name itself."""


_LOOKS = {
    "haystack.agent.run": _Look("agent", "agent"),
    "haystack.agent.step": _Look("step", "step"),
    "haystack.agent.step.tool": _Look("tool", "haystack.tool.name"),
    "haystack.component.run": _Look("step", "haystack.component.name"),
    "haystack.pipeline.run": _Look("step", "pipeline"),
}
"""By the name of the operation. What is not here, such as the call of a model, the seams below record."""
_called: ContextVar[str] = ContextVar("agentreplay_haystack", default="agent")
_STEP = "haystack.agent.step"
_INPUT, _OUTPUT, _FAILED = "haystack.agent.step.tool.input", "haystack.agent.step.tool.output", "haystack.tool.error"


class _ToolFailed(Exception):
    """What a tool says went wrong."""


def install(patches: Patches, library: ModuleType) -> None:
    """Stand beside the tracer, whichever it is, or around tools."""
    if library.__name__ == "haystack.tools.tool":
        methods = Methods("Haystack", patches)
        for name in ("invoke", "invoke_async"):
            methods.tool(library.Tool, name, _given)
        return
    runs = Runs("Haystack")
    patches.later(runs.stop)
    patches.replace(library.ProxyTracer, "trace", _beside(library.ProxyTracer.trace, runs))


def _given(arguments: tuple[Any, ...], named: dict[str, Any]) -> Given:
    name = arguments[0].name

    def fails(error: BaseException) -> Any:
        raise sys.modules["haystack.tools.errors"].ToolInvocationError(str(error), tool_name=name) from error

    return by_name(arguments, named)._replace(fails=fails)


def _beside(trace: Callable[..., Any], runs: Runs) -> Callable[..., Any]:
    @contextmanager
    def traced(tracer: Any, operation_name: str, *more: Any, **named: Any) -> Generator[Any]:
        with trace(tracer, operation_name, *more, **named) as span:
            look = _LOOKS.get(operation_name)
            tags: object = named.get("tags") or (more[0] if more else None) or {}
            if look is not None and not isinstance(tags, dict):
                runs.give_up(TypeError("the tags of a span are no dictionary"))
            if look is None or not isinstance(tags, dict):
                yield span
                return
            told = _Told(span, cast("dict[str, Any]", tags))
            # An agent has no name but that of the tool or component that it is.
            name = _called.get() if look.kind == "agent" else str(told.tags.get(look.name, look.name))
            token = _called.set(name) if look.name.endswith(".name") else None
            agent = name if look.kind == "agent" else None
            runs.begin(told, name, look.kind, agent=agent, iteration=told.tags.get(_STEP))
            error: BaseException | None = None
            try:
                yield told
            except BaseException as raised:
                error = raised
                raise
            finally:
                if token is not None:
                    _called.reset(token)
                runs.end(told, error or told.failure, told.kept)

    return traced


class _Told:
    """A span of theirs, and what it is told."""

    def __init__(self, span: Any, tags: dict[str, Any]) -> None:
        self._span = span
        self.tags = dict(tags)

    def set_tag(self, key: str, value: Any) -> None:
        self._span.set_tag(key, value)
        self.tags[key] = value

    def set_tags(self, tags: dict[str, Any]) -> None:
        for key, value in tags.items():
            self.set_tag(key, value)

    def set_content_tag(self, key: str, value: Any) -> None:
        self._span.set_content_tag(key, value)
        self.tags[key] = value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._span, name)

    @property
    def failure(self) -> BaseException | None:
        """A tool's error is told and not raised."""
        output: Any = self.tags.get(_OUTPUT)
        is_told = self.tags.get(_FAILED) and hasattr(output, "get")
        return _ToolFailed(output.get("error")) if is_told else None

    @property
    def kept(self) -> dict[str, object]:
        """What a tool was given and what it found."""
        return {name: self.tags[key] for name, key in (("input", _INPUT), ("output", _OUTPUT)) if key in self.tags}
