"""OpenAI's responses: an answer is a list of items, and a stream tells how they grow."""

from collections.abc import Sequence

from agentreplay.intake.providers import complaints, hosts, openai, sse, wire
from agentreplay.intake.providers.openai_items import Items
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, Spoken, ToolCall
from agentreplay.intake.providers.wire import mapping, mappings, sequence, text
from agentreplay.model.values import Value

__all__ = ["answer", "ask", "speak"]

_BAD_REQUEST = 400
_GOOD = 200
_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed", "response.cancelled"})
_CALLS = frozenset({"function_call", "custom_tool_call"})


def ask(url: str, body: Value) -> Asked | None:
    """Understand a request, or None when it is not in these words."""
    asked = mapping(body)
    if not hosts.path(url).endswith("/responses") or not asked.keys() & {"input", "prompt", "previous_response_id"}:
        return None
    return Asked(
        provider=openai.provider(url),
        dialect=openai.RESPONSES,
        model=openai.model(url, asked),
        context="input" if isinstance(asked.get("input"), list) else None,
        streams=asked.get("stream") is True,
        parameters=openai.parameters(asked),
        tools=openai.tools(asked),
    )


def answer(asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:
    """Understand an answer, whole or cut short. Never raises. Its message is the list of items put out."""
    if status >= _BAD_REQUEST or not asked.streams or wire.is_json(chunks):
        data = b"".join(chunks)
        body = mapping(wire.parse(data))
        complete = status >= _BAD_REQUEST or (bool(body) and body.get("status") != "in_progress")
        return _understand(
            body, sequence(body.get("output")), None, complaints.problem(status, data), complete=complete
        )
    return _streamed(chunks)


def speak(asked: Asked, reply: Reply, number: int) -> Spoken:
    """Say the reply in these words."""
    if reply.status != _GOOD:
        return openai.speak_error(reply)
    output = _tell_items(reply, number)
    response: dict[str, Value] = {
        "id": f"resp_{number}",
        "object": "response",
        # A script has no clock, so whatever it says was created at the epoch.
        "created_at": 0,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "model": asked.model or "",
        "output": output,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": openai.tell_usage(reply.usage, "input", "output") if reply.usage else None,
    }
    if not asked.streams:
        return Spoken(status=_GOOD, media=openai.JSON, chunks=(wire.to_json(response),))
    begun: dict[str, Value] = {**response, "status": "in_progress", "output": [], "usage": None}
    events: list[dict[str, Value]] = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
    ]
    for place, item in enumerate(output):
        events += _tell_growth(mapping(item), place)
    events.append({"type": "response.completed", "response": response})
    numbered = [{**event, "sequence_number": place} for place, event in enumerate(events)]
    chunks = tuple(sse.say(wire.to_json(event), text(event["type"])) for event in numbered)
    return Spoken(status=_GOOD, media=openai.EVENTS, chunks=chunks)


def _streamed(chunks: Sequence[bytes]) -> Answered:
    items = Items()
    response: dict[str, Value] = {}
    problem: str | None = None
    first: int | None = None
    ended = False
    for number, event in sse.events(chunks):
        body = mapping(wire.parse(event.data))
        kind = text(body.get("type")) or event.name
        if told := mapping(body.get("response")):
            response = told
        if kind == "error" or (not kind and "error" in body):
            problem = complaints.problem(_BAD_REQUEST, event.data)
        ended = ended or kind in _ENDS
        if items.add(kind, body) and first is None:
            first = number
    output = sequence(response.get("output")) or items.output()
    problem = problem or complaints.problem(_GOOD, wire.to_json(response))
    return _understand(response, output, first, problem, complete=ended)


def _understand(
    response: dict[str, Value], output: list[Value], first: int | None, problem: str | None, *, complete: bool
) -> Answered:
    items = mappings(output)
    reason = mapping(response.get("incomplete_details")).get("reason")
    status = text(response.get("status"))
    return Answered(
        message=output or None,
        text="".join(_read_text(item) for item in items if item.get("type") == "message"),
        reasoning="\n\n".join(said for item in items if item.get("type") == "reasoning" and (said := _reasoning(item))),
        tool_calls=tuple(_read_call(item) for item in items if item.get("type") in _CALLS),
        finish_reason=text(reason) or (status if status != "in_progress" else "") or None,
        usage=openai.usage(response.get("usage")),
        cost=openai.cost(response.get("usage")),
        response_id=text(response.get("id")) or None,
        model=text(response.get("model")) or None,
        service_tier=openai.service_tier(response),
        first_token=first,
        complete=complete,
        error=problem,
    )


def _read_text(item: dict[str, Value]) -> str:
    return "".join(text(part.get("text")) or text(part.get("refusal")) for part in mappings(item.get("content")))


def _reasoning(item: dict[str, Value]) -> str:
    """What a model thought: in full where it is told, else its summary."""
    parts = mappings(item.get("content")) or mappings(item.get("summary"))
    return "\n\n".join(text(part.get("text")) for part in parts)


def _read_call(item: dict[str, Value]) -> ToolCall:
    said = wire.arguments(item.get("arguments")) if "arguments" in item else item.get("input")
    return ToolCall(id=text(item.get("call_id")), name=text(item.get("name")), arguments=said)


def _tell_items(reply: Reply, number: int) -> list[Value]:
    items: list[Value] = []
    if reply.reasoning:
        summary = [{"type": "summary_text", "text": reply.reasoning}]
        items.append({"id": f"rs_{number}", "type": "reasoning", "summary": summary})
    if reply.text:
        content: list[Value] = [{"type": "output_text", "text": reply.text, "annotations": []}]
        said = {"id": f"msg_{number}", "type": "message", "status": "completed", "role": "assistant"}
        items.append({**said, "content": content})
    items += [
        {
            "id": f"fc_{number}_{place}",
            "type": "function_call",
            "status": "completed",
            "call_id": call.id or f"call_{number}_{place}",
            "name": call.name,
            "arguments": wire.arguments_text(call.arguments),
        }
        for place, call in enumerate(reply.tool_calls)
    ]
    return items


def _tell_growth(item: dict[str, Value], place: int) -> list[dict[str, Value]]:
    """The events from which an item grows."""
    at = {"item_id": item["id"], "output_index": place}
    begun = dict(item)
    inner: list[dict[str, Value]]
    if item["type"] == "function_call":
        begun |= {"status": "in_progress", "arguments": ""}
        prefix = "response.function_call_arguments"
        inner = [{"type": f"{prefix}.delta", **at, "delta": piece} for piece in wire.pieces(item["arguments"])]
        inner.append({"type": f"{prefix}.done", **at, "arguments": item["arguments"]})
    elif item["type"] == "reasoning":
        begun["summary"] = []
        part, where = item["summary"][0], {**at, "summary_index": 0}
        inner = _tell_part("response.reasoning_summary_part", "response.reasoning_summary_text", part, where)
    else:
        begun |= {"status": "in_progress", "content": []}
        inner = _tell_part(
            "response.content_part", "response.output_text", item["content"][0], {**at, "content_index": 0}
        )
    return [
        {"type": "response.output_item.added", "output_index": place, "item": begun},
        *inner,
        {"type": "response.output_item.done", "output_index": place, "item": item},
    ]


def _tell_part(part_kind: str, text_kind: str, part: dict[str, Value], at: dict[str, Value]) -> list[dict[str, Value]]:
    """The events from which a part of an item grows."""
    return [
        {"type": f"{part_kind}.added", **at, "part": {**part, "text": ""}},
        *({"type": f"{text_kind}.delta", **at, "delta": piece} for piece in wire.pieces(part["text"])),
        {"type": f"{text_kind}.done", **at, "text": part["text"]},
        {"type": f"{part_kind}.done", **at, "part": part},
    ]
