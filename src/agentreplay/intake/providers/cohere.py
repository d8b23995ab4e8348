"""Cohere's own words: chat and embed in their second version."""

from collections.abc import Iterator, Mapping, Sequence

from agentreplay.intake.providers import complaints, hosts, sse
from agentreplay.intake.providers.openai import apportioned
from agentreplay.intake.providers.openai_embeddings import vector
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, Spoken, ToolCall
from agentreplay.intake.providers.wire import (
    arguments,
    arguments_text,
    count,
    is_json,
    mapping,
    mappings,
    parse,
    pieces,
    sequence,
    text,
    to_json,
)
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import Value

__all__ = ["CHAT", "EMBED", "answer", "ask", "speak"]

CHAT = "cohere.chat"
EMBED = "cohere.embed"

_PARAMETERS = {
    "temperature": "temperature",
    "p": "top_p",
    "k": "top_k",
    "seed": "seed",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "max_tokens": "max_tokens",
    "stop_sequences": "stop_sequences",
    "output_dimension": "dimensions",
    "embedding_types": "encoding_formats",
}
_INPUTS = "texts", "images", "inputs"
_KINDS = "text", "thinking"
_GOOD = 200
_BAD_REQUEST = 400
_JSON, _EVENTS = "application/json", "text/event-stream"


def ask(url: str, body: Value) -> Asked | None:
    """Understand a request, or None when it is not in these words."""
    said, path = mapping(body), hosts.path(url)
    inputs = next((sequence(said[name]) for name in _INPUTS if said.get(name)), None)
    if path.endswith("/v2/chat") and isinstance(said.get("messages"), list):
        dialect = CHAT
    elif path.endswith(("/v2/embed", "/v1/embed")) and inputs is not None:
        dialect = EMBED
    else:
        return None
    return Asked(
        provider=hosts.provider(url, "cohere"),
        dialect=dialect,
        kind="embedding" if dialect == EMBED else "llm",
        model=text(said.get("model")) or None,
        context="messages" if dialect == CHAT else None,
        streams=dialect == CHAT and said.get("stream") is True,
        parameters={name: said[key] for key, name in _PARAMETERS.items() if said.get(key) is not None},
        tools=tuple(
            name for tool in mappings(said.get("tools")) if (name := text(mapping(tool.get("function")).get("name")))
        ),
        inputs=len(inputs or [None]),
    )


def answer(asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:
    """Understand an answer, whole or cut short. Never raises."""
    data = b"".join(chunks)
    if status >= _BAD_REQUEST:
        return Answered(error=complaints.complaint(status, chunks))
    if asked.streams and not is_json(chunks):
        return _streamed(chunks)
    body = mapping(parse(data))
    told = body.get("meta") if asked.dialect == EMBED else body.get("usage")
    return _understood(
        mapping(body.get("message")),
        text(body.get("finish_reason")),
        mapping(told),
        response_id=text(body.get("id")),
        complete=bool(body),
    )


def speak(asked: Asked, reply: Reply, number: int) -> Spoken:
    """Say the reply in these words."""
    name = f"{number:012d}"
    if reply.status != _GOOD:
        told = to_json({"id": name, "message": reply.text})
        return Spoken(status=reply.status, media=_JSON, chunks=(told,))
    usage = _counted(reply.usage or NO_USAGE)
    if asked.dialect == EMBED:
        vectors = [vector(number + place, asked.parameters.get("dimensions")) for place in range(asked.inputs)]
        body: dict[str, Value] = {"id": name, "response_type": "embeddings_by_type", "embeddings": {"float": vectors}}
        return Spoken(status=_GOOD, media=_JSON, chunks=(to_json({**body, "meta": usage}),))
    end = "TOOL_CALL" if reply.tool_calls else "COMPLETE"
    if asked.streams:
        events = [*_events(reply, number), {"type": "message-end", "delta": {"finish_reason": end, "usage": usage}}]
        lines = tuple(sse.say(to_json(event), text(event["type"])) for event in events)
        return Spoken(status=_GOOD, media=_EVENTS, chunks=lines)
    said = {"id": name, "finish_reason": end, "message": _message(reply, number), "usage": usage}
    return Spoken(status=_GOOD, media=_JSON, chunks=(to_json(said),))


class _Building:
    """A message that is built from its events."""

    def __init__(self) -> None:
        self.contents: dict[int, tuple[str, list[str]]] = {}
        self.calls: dict[int, tuple[dict[str, Value], list[str]]] = {}
        self.plan: list[str] = []
        self.response_id = ""
        self.end = ""
        self.usage: dict[str, Value] = {}
        self.first: int | None = None
        self.error: str | None = None

    def take(self, number: int, event: dict[str, Value]) -> None:
        delta, place = mapping(event.get("delta")), count(event.get("index"))
        message = mapping(delta.get("message"))
        match event.get("type"):
            case "message-start":
                self.response_id = text(event.get("id"))
            case "content-start" | "content-delta":
                self._add_content(number, place, mapping(message.get("content")))
            case "tool-plan-delta":
                self.plan.append(text(message.get("tool_plan")))
                self._notice(number)
            case "tool-call-start":
                call = mapping(message.get("tool_calls"))
                self.calls[place] = (dict(call), [text(mapping(call.get("function")).get("arguments"))])
                self._notice(number)
            case "tool-call-delta":
                function = mapping(mapping(message.get("tool_calls")).get("function"))
                self.calls.setdefault(place, ({}, []))[1].append(text(function.get("arguments")))
            case "message-end":
                self.end, self.usage = text(delta.get("finish_reason")), mapping(delta.get("usage"))
                self.error = text(delta.get("error")) or None
            case _:
                pass

    def message(self) -> dict[str, Value]:
        """The message as far as it came."""
        message: dict[str, Value] = {"role": "assistant"}
        if self.plan:
            message["tool_plan"] = "".join(self.plan)
        if self.contents:
            told = (self.contents[place] for place in sorted(self.contents))
            message["content"] = [{"type": kind, kind: "".join(parts)} for kind, parts in told]
        if self.calls:
            message["tool_calls"] = [self._call(place) for place in sorted(self.calls)]
        return message

    def _call(self, place: int) -> dict[str, Value]:
        call, parts = self.calls[place]
        return {**call, "function": {**mapping(call.get("function")), "arguments": "".join(parts)}}

    def _add_content(self, number: int, place: int, content: dict[str, Value]) -> None:
        for kind in _KINDS:
            if isinstance(piece := content.get(kind), str):
                self.contents.setdefault(place, (kind, []))[1].append(piece)
                if piece:
                    self._notice(number)

    def _notice(self, number: int) -> None:
        if self.first is None:
            self.first = number


def _streamed(chunks: Sequence[bytes]) -> Answered:
    building = _Building()
    for number, event in sse.events(chunks):
        building.take(number, mapping(parse(event.data)))
    return _understood(
        building.message(),
        building.end,
        building.usage,
        response_id=building.response_id,
        complete=bool(building.end) and building.error is None,
        first=building.first,
        error=building.error,
    )


def _understood(  # noqa: PLR0913  # what is known of an answer
    message: Mapping[str, Value],
    end: str,
    usage: Mapping[str, Value],
    *,
    response_id: str,
    complete: bool,
    first: int | None = None,
    error: str | None = None,
) -> Answered:
    contents = mappings(message.get("content"))
    functions = [(text(call.get("id")), mapping(call.get("function"))) for call in mappings(message.get("tool_calls"))]
    thoughts = [text(content.get("thinking")) for content in contents]
    return Answered(
        message=dict(message) if contents or functions else None,
        text="".join(text(content.get("text")) for content in contents),
        reasoning="".join([text(message.get("tool_plan")), *thoughts]),
        tool_calls=tuple(
            ToolCall(id=name, name=text(function.get("name")), arguments=arguments(function.get("arguments")))
            for name, function in functions
        ),
        finish_reason=end or None,
        usage=_usage(usage),
        response_id=response_id or None,
        first_token=first,
        complete=complete,
        error=error,
    )


def _usage(said: Mapping[str, Value]) -> Usage:
    """What is charged; the other count includes what the host put around the messages."""
    told = mapping(said.get("billed_units")) or mapping(said.get("tokens"))
    images = count(told.get("images")) or count(told.get("image_tokens"))
    return apportioned(
        count(told.get("input_tokens")) + images,
        count(told.get("output_tokens")),
        cached=count(said.get("cached_tokens")),
        image_in=images,
    )


def _counted(usage: Usage) -> dict[str, Value]:
    """The usage in these words, which know little but what went in and what came out."""
    read = usage.total - usage.output - usage.reasoning - usage.audio_out - usage.image_out
    told: dict[str, Value] = {"input_tokens": read, "output_tokens": usage.total - read}
    return {"billed_units": told, "tokens": told, "cached_tokens": usage.cache_read}


def _message(reply: Reply, number: int) -> dict[str, Value]:
    message: dict[str, Value] = {"role": "assistant"}
    told = {"thinking": reply.reasoning, "text": reply.text}
    if contents := [{"type": kind, kind: said} for kind, said in told.items() if said]:
        message["content"] = contents
    if reply.tool_calls:
        message["tool_calls"] = [_call(call, place, number) for place, call in enumerate(reply.tool_calls)]
    return message


def _call(call: ToolCall, place: int, number: int) -> dict[str, Value]:
    function = {"name": call.name, "arguments": arguments_text(call.arguments)}
    return {"id": call.id or f"{call.name}_{number:012d}_{place}", "type": "function", "function": function}


def _events(reply: Reply, number: int) -> Iterator[dict[str, Value]]:
    """The events that build a message, but for its end."""
    yield {"type": "message-start", "id": f"{number:012d}", "delta": {"message": {"role": "assistant"}}}
    message = _message(reply, number)
    for place, content in enumerate(mappings(message.get("content"))):
        kind = text(content["type"])
        start: Value = {"message": {"content": {"type": kind, kind: ""}}}
        yield {"type": "content-start", "index": place, "delta": start}
        for piece in pieces(text(content[kind])):
            yield {"type": "content-delta", "index": place, "delta": {"message": {"content": {kind: piece}}}}
        yield {"type": "content-end", "index": place}
    for place, call in enumerate(mappings(message.get("tool_calls"))):
        function = mapping(call["function"])
        begun: Value = {**call, "function": {**function, "arguments": ""}}
        yield {"type": "tool-call-start", "index": place, "delta": {"message": {"tool_calls": begun}}}
        for piece in pieces(text(function["arguments"])):
            spelled: Value = {"message": {"tool_calls": {"function": {"arguments": piece}}}}
            yield {"type": "tool-call-delta", "index": place, "delta": spelled}
        yield {"type": "tool-call-end", "index": place}
