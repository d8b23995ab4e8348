"""The frameworks that have OpenTelemetry built in: AutoGen, Google ADK, Pydantic AI, Semantic Kernel, Strands.

Their spans are recorded beside whatever the program itself does with them, which stays as it is.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any, cast

from opentelemetry.trace import (  # optional extra: the frameworks that come here have it
    Span,
    SpanContext,
    Status,
    StatusCode,
    Tracer,
    get_current_span,
    use_span,
)

from agentreplay.sdk.frameworks.methods import is_told
from agentreplay.sdk.frameworks.runs import Runs
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.recorder import Recorder
from agentreplay.sdk.scope import scope
from agentreplay.sdk.telemetry import mark, mark_span

__all__ = ["install"]

_TRACERS = ("autogen-core", "gcp.vertex.agent", "pydantic-ai", "semantic_kernel", "strands")
"""What the names of their tracers begin with."""
_KINDS = {
    "agent_run": "agent",
    "execute_tool": "tool",
    "invoke_agent": "agent",
    "running": "tool",
}
"""By the operation, or else by the first word of the span's name."""
_LEFT_TO_THE_SEAMS = {"call_llm", "chat", "embeddings", "generate_content", "text_completion"}
_EVENTS = {"gen_ai.choice": ("output", "message"), "gen_ai.tool.message": ("input", "content")}
"""What a tool is given and what it finds, where that is told in events: what it is here, and under which key."""
_ATTRIBUTES = {
    "gen_ai.tool.call.arguments": "input",
    "gen_ai.tool.call.result": "output",
    "tool_arguments": "input",
    "tool_response": "output",
}
"""The same where it is told in attributes."""
_OPERATION, _AGENT, _TOOL = "gen_ai.operation.name", "gen_ai.agent.name", "gen_ai.tool.name"


class _SpanFailed(Exception):
    """What a span says went wrong."""


def install(patches: Patches, library: ModuleType) -> None:
    """Stand beside the tracers that any provider gives these frameworks."""
    runs = Runs("OpenTelemetry")
    providers: list[Any] = [
        provider
        for name in ("NoOpTracerProvider", "ProxyTracerProvider", "TracerProvider")
        if (provider := getattr(library, name, None)) is not None
        and not getattr(provider.get_tracer, "__isabstractmethod__", False)
    ]
    if not providers:
        raise LookupError(f"{library.__name__} has no provider of tracers")
    patches.later(runs.stop)
    for provider in providers:
        patches.replace(provider, "get_tracer", _beside(provider.get_tracer, runs))
    if library.__name__ == "opentelemetry.sdk.trace":
        _mark(patches, library.Span, runs)


def _mark(patches: Patches, kind: Any, runs: Runs) -> None:
    """Every span that the program itself has says which recording it belongs to."""
    original = kind.start

    def start(span: Any, *more: Any, **named: Any) -> None:
        original(span, *more, **named)
        try:
            around = scope()
            recorder = None if around.boundary is None else around.boundary.recorder
            if isinstance(recorder, Recorder):
                mark(span, recorder.place, around.span_id)
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            runs.give_up(error)

    patches.replace(kind, "start", start)


def _beside(get_tracer: Callable[..., Tracer], runs: Runs) -> Callable[..., Tracer]:
    def found(provider: Any, name: str, *more: Any, **named: Any) -> Tracer:
        tracer = get_tracer(provider, name, *more, **named)
        if isinstance(tracer, _Tracer) or not str(name).startswith(_TRACERS):
            return tracer
        return _Tracer(tracer, runs)

    return found


class _Tracer(Tracer):
    def __init__(self, tracer: Tracer, runs: Runs) -> None:
        self._tracer = tracer
        self._runs = runs

    def start_span(self, name: str, *more: Any, **named: Any) -> Span:
        """Theirs, with one of ours beside it; of models the seams tell, of some tools and agents another hook."""
        span = self._tracer.start_span(name, *more, **named)
        try:
            attributes = cast("Mapping[str, Any]", named.get("attributes") or {})
            operation = _operation(name, attributes)
            if operation in _LEFT_TO_THE_SEAMS or is_told(_KINDS.get(operation, "")):
                return span
            parent = get_current_span(more[0] if more else named.get("context"))
            return _Span(span, self._runs, name, attributes, parent)
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            self._runs.give_up(error)
            return span

    @contextmanager
    def _as_current(self, name: str, *more: Any, **named: Any) -> Generator[Span]:
        manner = {
            "end_on_exit": named.pop("end_on_exit", True),
            "record_exception": named.get("record_exception", True),
            "set_status_on_exception": named.get("set_status_on_exception", True),
        }
        with use_span(self.start_span(name, *more, **named), **manner) as span:
            yield span

    start_as_current_span = cast("Any", _as_current)


class _Span(Span):
    """A span of theirs, and what it is told, kept until it ends."""

    is_ours = True
    """What is marked as a call stands below it."""

    def __init__(self, span: Span, runs: Runs, name: str, attributes: Mapping[str, Any], parent: Span) -> None:
        self._span, self._runs, self._name = span, runs, name
        self._told = dict(attributes)
        self._error: BaseException | None = None
        kind, shown, agent = _look(name, self._told)
        runs.begin(self, shown, kind, parent=parent, agent=agent)
        if (told := runs.told(self)) is not None and span.is_recording():
            mark_span(span, told)

    def end(self, end_time: int | None = None) -> None:
        self._span.end(end_time)
        try:
            self._tell()
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            self._runs.give_up(error)

    def _tell(self) -> None:
        kind, shown, agent = _look(self._name, self._told)
        self._runs.rename(self, shown, kind, agent)
        told = {_ATTRIBUTES.get(key, key): value for key, value in self._told.items()}
        self._runs.end(self, self._error, told)

    def get_span_context(self) -> SpanContext:
        return self._span.get_span_context()

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        self._span.set_attributes(attributes)
        self._told.update(attributes)

    def set_attribute(self, key: str, value: Any) -> None:
        self._span.set_attribute(key, value)
        self._told[key] = value

    def add_event(self, name: str, attributes: Any = None, timestamp: int | None = None) -> None:
        self._span.add_event(name, attributes, timestamp)
        told, key = _EVENTS.get(name, ("", ""))
        if told and isinstance(attributes, Mapping) and key in attributes and self._told.get(_TOOL):
            self._told[told] = attributes[key]

    def update_name(self, name: str) -> None:
        self._span.update_name(name)
        self._name = name

    def is_recording(self) -> bool:
        return True

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        self._span.set_status(status, description)
        code, told = (status.status_code, status.description) if isinstance(status, Status) else (status, description)
        if code is StatusCode.ERROR and self._error is None:
            self._error = _SpanFailed(told or "")

    def record_exception(self, exception: BaseException, *more: Any, **named: Any) -> None:
        self._span.record_exception(cast("Exception", exception), *more, **named)
        self._error = exception

    def __getattr__(self, name: str) -> Any:
        return getattr(self._span, name)


def _operation(name: str, attributes: Mapping[str, Any]) -> str:
    return str(attributes.get(_OPERATION) or name.partition(" ")[0])


def _look(name: str, attributes: Mapping[str, Any]) -> tuple[str, str, str | None]:
    """The kind and the name it has here, and the agent it is."""
    kind = _KINDS.get(_operation(name, attributes), "step")
    named = attributes.get(_AGENT) if kind == "agent" else attributes.get(_TOOL) if kind == "tool" else None
    shown = str(named or name.removeprefix(f"{name.partition(' ')[0]} ") if kind != "step" else name).strip("[]")
    return kind, shown, shown if kind == "agent" else None
