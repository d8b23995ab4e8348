"""Amazon Bedrock's own words, Converse: the same for all models it hosts, whole or as events in frames."""

from collections.abc import Iterator, Mapping, Sequence

from agentreplay.intake.providers import eventstream, hosts
from agentreplay.intake.providers.complaints import complaint
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, Spoken, ToolCall
from agentreplay.intake.providers.wire import (
    arguments,
    count,
    is_json,
    mapping,
    mappings,
    parse,
    pieces,
    text,
    to_json,
)
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import Value

__all__ = ["CONVERSE", "answer", "ask", "speak"]

CONVERSE = "bedrock.converse"

_PARAMETERS = {
    "maxTokens": "max_tokens",
    "temperature": "temperature",
    "topP": "top_p",
    "stopSequences": "stop_sequences",
}
_GOOD = 200
_FIRST_ERROR = 400


def ask(url: str, body: Value) -> Asked | None:
    """Understand a request, or None when it is not in these words."""
    said = mapping(body)
    before, _, operation = hosts.path(url).rpartition("/")
    if operation not in {"converse", "converse-stream"} or "/model/" not in before:
        return None
    if not isinstance(said.get("messages"), list):
        return None
    told = mapping(said.get("inferenceConfig"))
    tools = mappings(mapping(said.get("toolConfig")).get("tools"))
    named = [text(mapping(tool.get("toolSpec")).get("name")) for tool in tools]
    return Asked(
        provider=hosts.provider(url, "aws.bedrock"),
        dialect=CONVERSE,
        model=hosts.unquoted(before.rpartition("/model/")[2]),
        context="messages",
        streams=operation == "converse-stream",
        parameters={name: told[key] for key, name in _PARAMETERS.items() if told.get(key) is not None},
        tools=tuple(name for name in named if name),
    )


def answer(asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:  # noqa: ARG001  # the bytes say it all
    """Understand a message or the events that build one. Never raises."""
    if status >= _FIRST_ERROR:
        return Answered(error=complaint(status, chunks))
    if not is_json(chunks):
        return _streamed(chunks)
    body = mapping(parse(b"".join(chunks)))
    message = mapping(mapping(body.get("output")).get("message"))
    return _understood(message, text(body.get("stopReason")), mapping(body.get("usage")), complete=bool(body))


def speak(asked: Asked, reply: Reply, number: int) -> Spoken:
    """Say the reply as a message, or as the events that build it."""
    if reply.status != _GOOD:
        told = to_json({"message": reply.text})
        return Spoken(status=reply.status, media="application/json", chunks=(told,))
    message: dict[str, Value] = {"role": "assistant", "content": _blocks(reply, number)}
    end = "tool_use" if reply.tool_calls else "end_turn"
    usage, metrics = _counted(reply.usage or NO_USAGE), {"latencyMs": 0}
    if not asked.streams:
        body = {"output": {"message": message}, "stopReason": end, "usage": usage, "metrics": metrics}
        return Spoken(status=_GOOD, media="application/json", chunks=(to_json(body),))
    events = [
        *_events(message),
        ("messageStop", {"stopReason": end}),
        ("metadata", {"usage": usage, "metrics": metrics}),
    ]
    frames = tuple(eventstream.frame_of_kind(kind, to_json(event)) for kind, event in events)
    return Spoken(status=_GOOD, media=eventstream.MEDIA, chunks=frames)


class _Building:
    """A message that is built from its events."""

    def __init__(self) -> None:
        self.role = "assistant"
        self.tools: dict[int, dict[str, Value]] = {}
        self.pieces: dict[int, dict[str, list[str]]] = {}
        self.end = ""
        self.usage: dict[str, Value] = {}
        self.first: int | None = None
        self.error: str | None = None

    def take(self, number: int, kind: str, data: bytes) -> None:
        event = mapping(parse(data))
        place = count(event.get("contentBlockIndex"))
        match kind:
            case "messageStart":
                self.role = text(event.get("role")) or self.role
            case "contentBlockStart":
                if tool := mapping(mapping(event.get("start")).get("toolUse")):
                    self.tools[place] = dict(tool)
                    self._notice(number)
            case "contentBlockDelta":
                delta = mapping(event.get("delta"))
                reasoning = mapping(delta.get("reasoningContent"))
                self._add(number, place, "text", delta.get("text"))
                self._add(number, place, "input", mapping(delta.get("toolUse")).get("input"))
                self._add(number, place, "reasoning", reasoning.get("text"))
                self._add(None, place, "signature", reasoning.get("signature"))
            case "messageStop":
                self.end = text(event.get("stopReason"))
            case "metadata":
                self.usage = mapping(event.get("usage"))
            case _ if kind.endswith("Exception") or (not kind and event):
                self.error = complaint(_GOOD, [data])
            case _:
                pass

    def message(self) -> dict[str, Value]:
        """The message as far as it came."""
        blocks = [self._block(place) for place in sorted(self.pieces.keys() | self.tools.keys())]
        return {"role": self.role, "content": blocks}

    def _block(self, place: int) -> dict[str, Value]:
        said = {name: "".join(parts) for name, parts in self.pieces.get(place, {}).items()}
        if place in self.tools:
            return {"toolUse": {**self.tools[place], "input": arguments(said.get("input") or "{}")}}
        if "reasoning" in said or "signature" in said:
            told: dict[str, Value] = {"text": said.get("reasoning", "")}
            if "signature" in said:
                told["signature"] = said["signature"]
            return {"reasoningContent": {"reasoningText": told}}
        return {"text": said.get("text", "")}

    def _add(self, number: int | None, place: int, name: str, piece: Value) -> None:
        if piece and isinstance(piece, str):
            self.pieces.setdefault(place, {}).setdefault(name, []).append(piece)
            if number is not None:
                self._notice(number)

    def _notice(self, number: int) -> None:
        if self.first is None:
            self.first = number


def _streamed(chunks: Sequence[bytes]) -> Answered:
    building = _Building()
    for number, kind, data in eventstream.read_kinds(chunks):
        building.take(number, kind, data)
    complete = bool(building.end) and building.error is None
    return _understood(
        building.message(), building.end, building.usage, complete=complete, first=building.first, error=building.error
    )


def _understood(  # noqa: PLR0913  # what is known of an answer
    message: Mapping[str, Value],
    end: str,
    usage: Mapping[str, Value],
    *,
    complete: bool,
    first: int | None = None,
    error: str | None = None,
) -> Answered:
    blocks = mappings(message.get("content"))
    thoughts = [mapping(mapping(block.get("reasoningContent")).get("reasoningText")) for block in blocks]
    used = [mapping(block["toolUse"]) for block in blocks if mapping(block.get("toolUse"))]
    return Answered(
        message=dict(message) if blocks else None,
        text="".join(text(block.get("text")) for block in blocks),
        reasoning="".join(text(thought.get("text")) for thought in thoughts),
        tool_calls=tuple(
            ToolCall(id=text(tool.get("toolUseId")), name=text(tool.get("name")), arguments=tool.get("input"))
            for tool in used
        ),
        finish_reason=end or None,
        usage=_usage(usage),
        first_token=first,
        complete=complete,
        error=error,
    )


def _usage(said: Mapping[str, Value]) -> Usage:
    """Told are exclusive counts, but for the tokens that are written to the cache for an hour."""
    written = mappings(said.get("cacheDetails"))
    hour = sum(count(one.get("inputTokens")) for one in written if one.get("ttl") == "1h")
    return Usage(
        input=count(said.get("inputTokens")),
        cache_read=count(said.get("cacheReadInputTokens")),
        cache_write_5m=max(0, count(said.get("cacheWriteInputTokens")) - hour),
        cache_write_1h=hour,
        output=count(said.get("outputTokens")),
    )


def _counted(usage: Usage) -> dict[str, Value]:
    """The usage in these words, which know no reasoning, sound or images: those count as text."""
    read = usage.input + usage.audio_in + usage.image_in
    written = usage.output + usage.reasoning + usage.audio_out + usage.image_out
    stored = {"5m": usage.cache_write_5m, "1h": usage.cache_write_1h}
    return {
        "inputTokens": read,
        "outputTokens": written,
        "totalTokens": usage.total,
        "cacheReadInputTokens": usage.cache_read,
        "cacheWriteInputTokens": sum(stored.values()),
        "cacheDetails": [{"ttl": ttl, "inputTokens": tokens} for ttl, tokens in stored.items() if tokens],
    }


def _blocks(reply: Reply, number: int) -> list[Value]:
    blocks: list[Value] = []
    if reply.reasoning:
        told = {"text": reply.reasoning, "signature": f"signature-{number}"}
        blocks.append({"reasoningContent": {"reasoningText": told}})
    if reply.text:
        blocks.append({"text": reply.text})
    for place, call in enumerate(reply.tool_calls):
        given = mapping(None) if call.arguments is None else call.arguments
        name = call.id or f"tooluse_{number:012d}_{place}"
        blocks.append({"toolUse": {"toolUseId": name, "name": call.name, "input": given}})
    return blocks


def _events(message: dict[str, Value]) -> Iterator[tuple[str, dict[str, Value]]]:
    """The events that build a message, as far as its blocks go."""
    yield "messageStart", {"role": message["role"]}
    for place, block in enumerate(mappings(message["content"])):
        if tool := mapping(block.get("toolUse")):
            start: Value = {"toolUse": {name: tool[name] for name in ("toolUseId", "name")}}
            yield "contentBlockStart", {"contentBlockIndex": place, "start": start}
        for delta in _deltas(block):
            yield "contentBlockDelta", {"contentBlockIndex": place, "delta": delta}
        yield "contentBlockStop", {"contentBlockIndex": place}


def _deltas(block: dict[str, Value]) -> list[Value]:
    """What a block is built from."""
    if tool := mapping(block.get("toolUse")):
        return [{"toolUse": {"input": piece}} for piece in pieces(to_json(tool["input"]).decode())]
    if thought := mapping(mapping(block.get("reasoningContent")).get("reasoningText")):
        said: list[Value] = [{"reasoningContent": {"text": piece}} for piece in pieces(text(thought["text"]))]
        return [*said, {"reasoningContent": {"signature": thought["signature"]}}]
    return [{"text": piece} for piece in pieces(text(block.get("text")))]
