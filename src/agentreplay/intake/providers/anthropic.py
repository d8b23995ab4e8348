"""Anthropic's messages, asked of Anthropic itself, of Amazon Bedrock, or of Google Vertex AI."""

from collections.abc import Iterator, Mapping, Sequence

from agentreplay.intake.providers import eventstream, hosts, sse
from agentreplay.intake.providers.complaints import complaint
from agentreplay.intake.providers.openai import service_tier
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, Spoken, ToolCall
from agentreplay.intake.providers.wire import (
    arguments,
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

__all__ = ["MESSAGES", "answer", "ask", "read_usage", "speak", "tell_usage"]

MESSAGES = "anthropic.messages"
_BEDROCK = "aws.bedrock"
_VERTEX = "gcp.vertex_ai"
_PARAMETERS = "max_tokens", "temperature", "top_p", "top_k", "stop_sequences"
_GOOD = 200
_FIRST_ERROR = 400
_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def ask(url: str, body: Value) -> Asked | None:
    """Understand a request for a message, wherever it is sent to."""
    said = mapping(body)
    if not isinstance(said.get("messages"), list):
        return None
    path = hosts.path(url)
    provider, model, streams = (
        hosts.provider(url, "anthropic"),
        text(said.get("model")) or None,
        said.get("stream") is True,
    )
    if "/publishers/anthropic/models/" in path and path.endswith(("rawPredict", "RawPredict")):
        provider, streams = _VERTEX, streams or path.endswith(":streamRawPredict")
        model = hosts.unquoted(path.rpartition("/")[2].rpartition(":")[0])
    elif "/model/" in path and text(said.get("anthropic_version")).startswith("bedrock"):
        provider, streams = _BEDROCK, path.endswith("/invoke-with-response-stream")
        model = hosts.unquoted(path.rpartition("/model/")[2].rpartition("/")[0])
    elif not path.endswith("/messages"):
        return None
    return Asked(
        provider=provider,
        dialect=MESSAGES,
        model=model,
        context="messages",
        streams=streams,
        framing="frames" if streams and provider == _BEDROCK else "",
        parameters={name: said[name] for name in _PARAMETERS if said.get(name) is not None},
        tools=tuple(text(tool.get("name")) for tool in mappings(said.get("tools"))),
    )


def answer(asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:  # noqa: ARG001 - the bytes say it all
    """Understand a message or the events that build one."""
    if status >= _FIRST_ERROR:
        return Answered(error=complaint(status, chunks))
    if is_json(chunks):
        said = parse(b"".join(chunks))
        error = complaint(status, chunks) if mapping(said).get("type") == "error" else None
        return _understood(mapping(said), complete=said is not None, error=error)
    if eventstream.looks_framed(b"".join(chunks)):
        return _streamed(eventstream.read(chunks))
    return _streamed((number, event.data) for number, event in sse.events(chunks))


def speak(asked: Asked, reply: Reply, number: int) -> Spoken:
    """Say the reply as a message, or as the events that build it."""
    if reply.status != _GOOD:
        return Spoken(status=reply.status, media="application/json", chunks=(_error(asked, reply, number),))
    message = {
        "id": f"msg_{number:012d}",
        "type": "message",
        "role": "assistant",
        "model": asked.model or "",
        "content": _blocks(reply, number),
        "stop_reason": "tool_use" if reply.tool_calls else "end_turn",
        "stop_sequence": None,
        "usage": tell_usage(reply.usage or NO_USAGE),
    }
    if not asked.streams:
        return Spoken(status=_GOOD, media="application/json", chunks=(to_json(message),))
    if asked.framing:
        frames = tuple(eventstream.frame(to_json(event)) for event in _events(message))
        return Spoken(status=_GOOD, media=eventstream.MEDIA, chunks=frames)
    lines = tuple(sse.say(to_json(event), text(event["type"])) for event in _events(message))
    return Spoken(status=_GOOD, media="text/event-stream", chunks=lines)


class _Building:
    """A message that is built from its events."""

    def __init__(self) -> None:
        self.message: dict[str, Value] = {}
        self.blocks: dict[int, dict[str, Value]] = {}
        self.pieces: dict[tuple[int, str], list[str]] = {}
        self.first: int | None = None
        self.ended = False
        self.error: str | None = None

    def take(self, number: int, data: bytes) -> None:
        event = mapping(parse(data))
        place = count(event.get("index"))
        match event.get("type"):
            case "message_start":
                self.message = dict(mapping(event.get("message")))
            case "content_block_start":
                block = self.blocks[place] = dict(mapping(event.get("content_block")))
                self._notice(number, block.get("type") == "tool_use" or block.get("text") or block.get("thinking"))
            case "content_block_delta":
                self._change(number, place, mapping(event.get("delta")))
            case "message_delta":
                usage = mapping(self.message.get("usage")) | _present(mapping(event.get("usage")))
                self.message |= {**_present(mapping(event.get("delta"))), "usage": usage}
            case "message_stop":
                self.ended = True
            case "ping" | "content_block_stop":
                pass
            case _:
                # What Bedrock reports in mid-stream has no type.
                if event and event.get("type", "error") == "error":
                    self.error = complaint(_GOOD, [data])

    def finished(self) -> dict[str, Value]:
        """The message as far as it came."""
        for (place, name), parts in self.pieces.items():
            block = self.blocks.setdefault(place, {})
            if name == "partial_json":
                block["input"] = arguments("".join(parts))
            else:
                block[name] = text(block.get(name)) + "".join(parts)
        return {**self.message, "content": [self.blocks[place] for place in sorted(self.blocks)]}

    def _change(self, number: int, place: int, delta: Mapping[str, Value]) -> None:
        for name, value in delta.items():
            if name == "citation":
                block = self.blocks.setdefault(place, {})
                block["citations"] = [*sequence(block.get("citations")), value]
            elif name != "type" and isinstance(value, str) and value:
                self.pieces.setdefault((place, name), []).append(value)
                self._notice(number, name in {"text", "thinking", "partial_json"})

    def _notice(self, number: int, said: object) -> None:
        if said and self.first is None:
            self.first = number


def _streamed(events: Iterator[tuple[int, bytes]]) -> Answered:
    building = _Building()
    for number, data in events:
        building.take(number, data)
    complete = building.ended and building.error is None
    return _understood(building.finished(), complete=complete, first=building.first, error=building.error)


def _understood(
    said: Mapping[str, Value], *, complete: bool = True, first: int | None = None, error: str | None = None
) -> Answered:
    blocks = mappings(said.get("content"))
    return Answered(
        # What the program sends back as the next message of the conversation, so that it is kept once.
        message={"role": said.get("role", "assistant"), "content": said["content"]} if said.get("content") else None,
        text="".join(text(block.get("text")) for block in blocks if block.get("type") == "text"),
        reasoning="".join(text(block.get("thinking")) for block in blocks if block.get("type") == "thinking"),
        tool_calls=tuple(
            ToolCall(id=text(block.get("id")), name=text(block.get("name")), arguments=block.get("input"))
            for block in blocks
            if block.get("type") == "tool_use"
        ),
        finish_reason=text(said.get("stop_reason")) or None,
        usage=read_usage(said.get("usage")),
        response_id=text(said.get("id")) or None,
        model=text(said.get("model")) or None,
        service_tier=service_tier(mapping(said.get("usage"))),
        first_token=first,
        complete=complete,
        error=error,
    )


def read_usage(told: Value) -> Usage:
    """The tokens of a call, as Anthropic tells them."""
    said = mapping(told)
    kept = mapping(said.get("cache_creation"))
    hour = count(kept.get("ephemeral_1h_input_tokens"))
    minutes = max(count(kept.get("ephemeral_5m_input_tokens")), count(said.get("cache_creation_input_tokens")) - hour)
    output = count(said.get("output_tokens"))
    reasoning = min(count(mapping(said.get("output_tokens_details")).get("thinking_tokens")), output)
    return Usage(
        input=count(said.get("input_tokens")),
        cache_read=count(said.get("cache_read_input_tokens")),
        cache_write_5m=minutes,
        cache_write_1h=hour,
        output=output - reasoning,
        reasoning=reasoning,
    )


def tell_usage(usage: Usage) -> dict[str, Value]:
    """The usage in Anthropic's words, which know no sound and no images: those count as text."""
    said: dict[str, Value] = {
        "input_tokens": usage.input + usage.audio_in + usage.image_in,
        "cache_creation_input_tokens": usage.cache_write_5m + usage.cache_write_1h,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write_5m,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        },
        "output_tokens": usage.output + usage.reasoning + usage.audio_out + usage.image_out,
    }
    return said | ({"output_tokens_details": {"thinking_tokens": usage.reasoning}} if usage.reasoning else {})


def _blocks(reply: Reply, number: int) -> list[dict[str, Value]]:
    blocks: list[dict[str, Value]] = []
    if reply.reasoning:
        blocks.append({"type": "thinking", "thinking": reply.reasoning, "signature": f"signature-{number}"})
    if reply.text:
        blocks.append({"type": "text", "text": reply.text})
    for place, call in enumerate(reply.tool_calls):
        name = call.id or f"toolu_{number:012d}_{place}"
        given = mapping(None) if call.arguments is None else call.arguments
        blocks.append({"type": "tool_use", "id": name, "name": call.name, "input": given})
    return blocks


def _events(message: dict[str, Value]) -> Iterator[dict[str, Value]]:
    nothing_yet: dict[str, Value] = {
        **message,
        "content": [],
        "stop_reason": None,
        "usage": message["usage"] | {"output_tokens": 0},
    }
    yield {"type": "message_start", "message": nothing_yet}
    yield {"type": "ping"}
    for place, block in enumerate(message["content"]):
        start, deltas = _taken_apart(block)
        yield {"type": "content_block_start", "index": place, "content_block": start}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": place, "delta": delta}
        yield {"type": "content_block_stop", "index": place}
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": delta, "usage": message["usage"]}
    yield {"type": "message_stop"}


def _taken_apart(block: dict[str, Value]) -> tuple[dict[str, Value], list[dict[str, Value]]]:
    """How a block begins, and what is then added to it."""
    match block["type"]:
        case "thinking":
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(block["thinking"])]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
            return {**block, "thinking": "", "signature": ""}, deltas
        case "text":
            return {**block, "text": ""}, [{"type": "text_delta", "text": piece} for piece in pieces(block["text"])]
        case _:
            spelled = pieces(to_json(block["input"]).decode())
            return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in spelled]


def _error(asked: Asked, reply: Reply, number: int) -> bytes:
    if asked.provider == _BEDROCK:
        return to_json({"message": reply.text})
    kind = _ERRORS.get(reply.status, "api_error")
    error = {"type": kind, "message": reply.text}
    return to_json({"type": "error", "error": error, "request_id": f"req_{number:012d}"})


def _present(said: Mapping[str, Value]) -> dict[str, Value]:
    """Without what the event only mentions: a None does not undo what an earlier event said."""
    return {name: value for name, value in said.items() if value is not None}
