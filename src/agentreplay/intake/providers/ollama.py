"""Ollama's own words: chat, generate and embed, streamed as a JSON object to each line."""

from collections.abc import Sequence

from agentreplay.intake.providers import hosts, lines, wire
from agentreplay.intake.providers.openai_delta import Delta
from agentreplay.intake.providers.openai_embeddings import vector
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, Spoken, ToolCall
from agentreplay.intake.providers.wire import count, mapping, mappings, sequence, text
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

__all__ = ["CHAT", "EMBED", "GENERATE", "answer", "ask", "speak"]

CHAT = "ollama.chat"
GENERATE = "ollama.generate"
EMBED = "ollama.embed"

_DIALECTS = {
    "/api/chat": (CHAT, "messages"),
    "/api/generate": (GENERATE, "prompt"),
    "/api/embed": (EMBED, "input"),
    "/api/embeddings": (EMBED, "prompt"),
}
_PARAMETERS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "seed": "seed",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "num_predict": "max_tokens",
}
_BAD_REQUEST = 400
_GOOD = 200
_LONGEST_ERROR = 4_000
# A script has no clock, so whatever it says was created at the epoch.
_CREATED = "1970-01-01T00:00:00Z"


def ask(url: str, body: Value) -> Asked | None:
    """Understand a request, or None when it is not in these words."""
    asked = mapping(body)
    path = hosts.path(url)
    dialect, field = next((known for end, known in _DIALECTS.items() if path.endswith(end)), ("", ""))
    # A request with a model and nothing else loads the model; other hosts have an address that ends like this too.
    if not dialect or field not in asked or not isinstance(asked.get("model"), str):
        return None
    if dialect == CHAT and not isinstance(asked["messages"], list):
        return None
    return Asked(
        provider="ollama",
        dialect=dialect,
        kind="embedding" if dialect == EMBED else "llm",
        model=asked["model"],
        context="messages" if dialect == CHAT else None,
        streams=dialect != EMBED and asked.get("stream") is not False,
        parameters=_read_parameters(asked),
        tools=tuple(
            name for tool in mappings(asked.get("tools")) if (name := text(mapping(tool.get("function")).get("name")))
        ),
        inputs=len(sequence(asked[field])) if isinstance(asked[field], list) and dialect == EMBED else 1,
    )


def answer(asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:
    """Understand an answer, whole or cut short. Never raises."""
    delta = Delta()
    calls: list[dict[str, Value]] = []
    last: dict[str, Value] = {}
    problem: str | None = None
    first: int | None = None
    for number, line in lines.objects(chunks):
        body = mapping(wire.parse(line))
        last |= {name: value for name, value in body.items() if name not in {"message", "response", "thinking"}}
        problem = problem or text(body.get("error")) or None
        piece = _message(asked, body)
        called = mappings(piece.pop("tool_calls", None))
        calls += called
        if (delta.add(piece) or called) and first is None and asked.streams:
            first = number
    if problem is None and status >= _BAD_REQUEST:
        problem = b"".join(chunks)[:_LONGEST_ERROR].decode("utf-8", "replace").strip() or f"HTTP status {status}"
    message = mapping(delta.message())
    if calls:
        message = {"role": "assistant", "content": "", **message, "tool_calls": calls}
    return Answered(
        message=message or None,
        text=text(message.get("content")),
        reasoning=text(message.get("thinking")),
        tool_calls=tuple(_read_call(call) for call in calls),
        finish_reason=text(last.get("done_reason")) or None,
        usage=Usage(input=count(last.get("prompt_eval_count")), output=count(last.get("eval_count"))),
        model=text(last.get("model")) or None,
        first_token=first,
        complete=status >= _BAD_REQUEST
        or (problem is None and (last.get("done") is True or (asked.dialect == EMBED and bool(last)))),
        error=problem,
    )


def speak(asked: Asked, reply: Reply, number: int) -> Spoken:
    """Say the reply in these words."""
    if reply.status != _GOOD:
        return Spoken(status=reply.status, media="application/json", chunks=(wire.to_json({"error": reply.text}),))
    used = reply.usage
    read = {"prompt_eval_count": used.total - _written(used)} if used else {}
    if asked.dialect == EMBED:
        vectors = [vector(number + place, asked.parameters.get("dimensions")) for place in range(asked.inputs)]
        body: dict[str, Value] = {"model": asked.model, "embeddings": vectors, **read}
        return Spoken(status=_GOOD, media="application/json", chunks=(wire.to_json(body),))
    head: dict[str, Value] = {"model": asked.model, "created_at": _CREATED}
    end: dict[str, Value] = {"done": True, "done_reason": "stop", **read}
    if used:
        end["eval_count"] = _written(used)
    calls = _tell_calls(reply.tool_calls, number)
    if not asked.streams:
        said = _tell(asked, reply.text, reply.reasoning, calls)
        return Spoken(status=_GOOD, media="application/json", chunks=(wire.to_json({**head, **said, **end}),))
    steps = [
        *(_tell(asked, "", piece, []) for piece in wire.pieces(reply.reasoning)),
        *(_tell(asked, piece, "", []) for piece in wire.pieces(reply.text)),
        *(_tell(asked, "", "", [call]) for call in calls),
    ]
    bodies = [*({**head, **step, "done": False} for step in steps), {**head, **_tell(asked, "", "", []), **end}]
    chunks = tuple(wire.to_json(body) + b"\n" for body in bodies)
    return Spoken(status=_GOOD, media="application/x-ndjson", chunks=chunks)


def _read_parameters(asked: dict[str, Value]) -> dict[str, Value]:
    options = mapping(asked.get("options"))
    found = {name: options[key] for key, name in _PARAMETERS.items() if options.get(key) is not None}
    if stop := options.get("stop"):
        found["stop_sequences"] = [stop] if isinstance(stop, str) else stop
    if asked.get("dimensions") is not None:
        found["dimensions"] = asked["dimensions"]
    if asked.get("think") is not None:
        found["reasoning_effort"] = asked["think"]
    return found


def _message(asked: Asked, body: dict[str, Value]) -> dict[str, Value]:
    """The piece of a message that a line holds; unlike elsewhere, each of its tool calls is whole."""
    if asked.dialect == CHAT:
        return mapping(body.get("message"))
    return {"content": body.get("response"), "thinking": body.get("thinking")}


def _read_call(call: dict[str, Value]) -> ToolCall:
    called = mapping(call.get("function"))
    return ToolCall(id=text(call.get("id")), name=text(called.get("name")), arguments=called.get("arguments"))


def _tell(asked: Asked, said: str, thought: str, calls: list[Value]) -> dict[str, Value]:
    thinking = {"thinking": thought} if thought else {}
    if asked.dialect == GENERATE:
        return {"response": said, **thinking}
    message: dict[str, Value] = {"role": "assistant", "content": said, **thinking}
    if calls:
        message["tool_calls"] = calls
    return {"message": message}


def _tell_calls(calls: Sequence[ToolCall], number: int) -> list[Value]:
    return [
        {
            "id": call.id or f"call_{number}_{place}",
            "function": {
                "index": place,
                "name": call.name,
                "arguments": {} if call.arguments is None else call.arguments,
            },
        }
        for place, call in enumerate(calls)
    ]


def _written(used: Usage) -> int:
    return used.output + used.reasoning + used.audio_out + used.image_out
