"""`AgentReplayClient`: spans told one by one by the program itself, and asked for one by one.

For programs that want to say what they do without recording themselves. What is told here is looked at and measured
like anything else; only what was recorded can be replayed.
"""

import secrets
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from agentreplay.client.ask import Json
from agentreplay.client.client import Client
from agentreplay.client.tracked import Tracked, as_json, understood

__all__ = ["AgentReplayClient", "TracedSpan"]

_CLOSED = ("end", "status", "status_message")
_TOLD = (
    "session project trace_id span_id parent_id kind name start end status status_message agent iteration model "
    "provider tool attributes resource"
).split()
_BUCKETS = (
    "input cache_read cache_write_5m cache_write_1h output reasoning audio_in audio_out image_in image_out".split()
)


class TracedSpan:
    """A span that is told when it begins and when it ends; a context manager."""

    def __init__(self, client: "AgentReplayClient", told: Mapping[str, Any]) -> None:
        self._client = client
        self._told: dict[str, Any] = {**told, "span_id": secrets.token_hex(8), "start": time.time_ns()}
        self._usage: dict[str, int] = {}
        self._events: list[dict[str, Any]] = []
        self._is_over = False

    @property
    def session(self) -> str:
        """The session it belongs to."""
        return str(self._told["session"])

    @property
    def trace_id(self) -> str:
        """The trace it belongs to."""
        return str(self._told["trace_id"])

    @property
    def span_id(self) -> str:
        """Its id."""
        return str(self._told["span_id"])

    def child(self, name: str, *, kind: str = "custom", **fields: Any) -> "TracedSpan":
        """A span below this one; `fields` are those of docs/ingest.md."""
        shared: dict[str, Any] = {
            key: self._told[key] for key in ("session", "project", "trace_id", "agent") if key in self._told
        }
        return TracedSpan(self._client, {**shared, "parent_id": self.span_id, "name": name, "kind": kind, **fields})

    def set_token_count(self, output: int = 0, *, input: int = 0, **buckets: int) -> None:  # noqa: A002  # its name everywhere
        """The tokens that were written, and those that were read; other buckets by their names."""
        self._usage |= {"input": input, "output": output, **buckets}

    def set_model(self, model: str, provider: str | None = None) -> None:
        """Which model was asked."""
        self._told |= {"kind": "llm", "model": model, "provider": provider}

    def set_input(self, value: Json) -> None:
        """What was asked."""
        self._told["input"] = value

    def set_output(self, value: Json) -> None:
        """What came of it."""
        self._told["output"] = value

    def set_messages(self, messages: Sequence[Json]) -> None:
        """What a model saw, the first message first."""
        self._told["messages"] = list(messages)

    def set_attribute(self, key: str, value: Json) -> None:
        """Something else that is to be known of it."""
        self._told.setdefault("attributes", {})[key] = value

    def add_event(self, name: str, **attributes: Json) -> None:
        """Something happened just now."""
        self._events.append({"name": name, "time": time.time_ns(), "attributes": attributes})

    def set_error(self, message: str) -> None:
        """It failed."""
        self._told |= {"status": "error", "status_message": message}

    def begin(self) -> Self:
        """Tell that it has begun."""
        self._client.insert(self._told)
        return self

    def end(self) -> None:
        """Tell that it has ended. Doing it again is harmless."""
        if self._is_over:
            return
        self._is_over = True
        self._told.setdefault("status", "ok")
        self._client.insert({**self._told, "usage": self._usage, "events": self._events, "end": time.time_ns()})

    def __enter__(self) -> Self:
        return self.begin()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is not None:
            self.set_error(f"{type(error).__name__}: {error}")
        self.end()


class AgentReplayClient(Client):
    """A `Client` with the calls that programs written for Agent Replay make, under their names."""

    def __init__(
        self, url: str | None = None, *, key: str | None = None, project: str | None = None, timeout: float = 30.0
    ) -> None:
        super().__init__(url, key=key, timeout=timeout)
        self._project = project

    def trace(self, name: str, *, session: str | None = None, kind: str = "agent", **fields: Any) -> TracedSpan:
        """A span that begins a trace, in a session of its own unless one is named."""
        told = {"session": session or secrets.token_hex(16), "trace_id": secrets.token_hex(16), **self._place()}
        return TracedSpan(self, {**told, "name": name, "kind": kind, **fields})

    def insert(self, span: Mapping[str, Any]) -> Json:
        """Tell of one span, as docs/ingest.md writes it."""
        return self.insert_batch([span])

    def insert_batch(self, spans: Sequence[Mapping[str, Any]]) -> Json:
        """Tell of many spans at once; durable when it returns."""
        return self.ingest(spans=[{**self._place(), **span} for span in spans])

    def create_trace(self, name: str, **fields: Any) -> TracedSpan:
        """Begin a trace without a `with`; call `end` on what is returned."""
        return self.trace(name, **fields).begin()

    def create_genai_trace(  # noqa: PLR0913  # each argument comes by its name
        self,
        name: str,
        *,
        model: str,
        provider: str | None = None,
        messages: Sequence[Json] = (),
        output: Json = None,
        input_tokens: int = 0,
        output_tokens: int = 0,
        **fields: Any,
    ) -> TracedSpan:
        """Tell of a call of a model that is over."""
        span = self.trace(name, **{"kind": "llm", **fields})
        span.set_model(model, provider)
        span.set_messages(messages)
        span.set_output(output)
        span.set_token_count(output_tokens, input=input_tokens)
        span.end()
        return span

    def track_llm_call(self, model: str, messages: Sequence[Json], output: Json, **fields: Any) -> TracedSpan:
        """As `create_genai_trace`, named after the model."""
        return self.create_genai_trace(f"chat {model}", model=model, messages=messages, output=output, **fields)

    def track_openai_call(self, request: Mapping[str, Any], response: Any, **fields: Any) -> TracedSpan:
        """Tell of a call that OpenAI's SDK made: the arguments it was given, and what it returned, whole."""
        told = as_json(response)
        path = (
            "embeddings" if told.get("object") == "list" else "responses" if "input" in request else "chat/completions"
        )
        return self._track(understood(f"https://api.openai.com/v1/{path}", as_json(request), told), fields)

    def track_anthropic_call(self, request: Mapping[str, Any], response: Any, **fields: Any) -> TracedSpan:
        """Tell of a call that Anthropic's SDK made: the arguments it was given, and what it returned, whole."""
        url = "https://api.anthropic.com/v1/messages"
        return self._track(understood(url, as_json(request), as_json(response)), fields)

    def create_tool_trace(self, tool: str, *, input: Json = None, output: Json = None, **fields: Any) -> TracedSpan:  # noqa: A002  # its name everywhere
        """Tell of a call of a tool that is over."""
        span = self.trace(tool, **{"kind": "tool", "tool": tool, **fields})
        span.set_input(input)
        span.set_output(output)
        span.end()
        return span

    def update_trace(self, trace_id: str, span_id: str, **fields: Any) -> Json:
        """Tell more of a span that is open, and close it; one that is closed does not change."""
        stored = self.get(trace_id, span_id)
        told = {key: stored[key] for key in _TOLD if stored[key] is not None and key not in _CLOSED}
        told["usage"] = {name: stored["usage"][name] for name in _BUCKETS}
        return self.insert({**told, "status": "ok", "end": time.time_ns(), **fields})

    def query_traces(self, q: str = "", *, limit: int = 50, cursor: str | None = None) -> Json:
        """A page of spans, the newest first; `q` is in the filter language."""
        return self.spans(q, limit=limit, cursor=cursor, **self._place())

    def query_temporal_range(self, start: int | str, end: int | str, q: str = "", *, limit: int = 50) -> Json:
        """A page of the spans that began in a period; both ends are nanoseconds, or like `2026-01-31T12:00Z`."""
        return self.query_traces(f"since:{start} until:{end} {q}".strip(), limit=limit)

    def filter_by_session(self, session: str, *, limit: int = 1_000, start: int = 1) -> Json:
        """The spans of a session in its order."""
        return self.session_spans(session, start=start, limit=limit, **self._place())

    def get(self, trace_id: str, span_id: str) -> Json:
        """A span with all that was told of it."""
        return self.span(trace_id, span_id, **self._place())

    def get_children(self, trace_id: str, span_id: str, *, limit: int = 50, cursor: str | None = None) -> Json:
        """The spans right below one."""
        return self.children(trace_id, span_id, limit=limit, cursor=cursor, **self._place())

    def get_ancestors(self, trace_id: str, span_id: str) -> Json:
        """The spans above one, the nearest first."""
        return self.ancestors(trace_id, span_id, **self._place())

    def get_descendants(self, trace_id: str, span_id: str, *, limit: int = 50, cursor: str | None = None) -> Json:
        """All spans below one."""
        return self.descendants(trace_id, span_id, limit=limit, cursor=cursor, **self._place())

    def get_path(self, trace_id: str, span_id: str, to: str) -> Json:
        """The way from one span to another of the same trace, or None."""
        return self.path(trace_id, span_id, to, **self._place())

    def get_latency_stats(self, *, by: str = "kind", since: str | int | None = None, **only: str) -> Json:
        """How long spans took, in nanoseconds: counts and percentiles by kind, model, tool and so on."""
        wanted: dict[str, Any] = {**self._place(), **only}
        found = self.measures(since=since, by=[by], **wanted)["items"]
        return {
            str(item["dimensions"][by]): {"count": item["spans"], "errors": item["errors"], **item["percentiles"]}
            for item in found
        }

    def ping(self) -> bool:
        """Whether a server answers."""
        return bool(self.version())

    def _track(self, call: Tracked, fields: Mapping[str, Any]) -> TracedSpan:
        model = {"model": call.model, "provider": call.provider}
        span = self.trace(f"{call.operation} {call.model}", **{"kind": call.kind, **model, **fields})
        if call.messages:
            span.set_messages(call.messages)
        else:
            span.set_input(call.input)
        span.set_output(call.output)
        span.set_token_count(**call.usage)
        for name, value in call.attributes.items():
            span.set_attribute(name, value)
        span.end()
        return span

    def _place(self) -> dict[str, Any]:
        return {} if self._project is None else {"project": self._project}
