"""OpenAI's chat completions, which most hosts speak, and the completions of a prompt that came before them."""

from collections.abc import Sequence
from typing import cast

import msgspec

from agentreplay.intake.providers import complaints, hosts, openai, sse, wire
from agentreplay.intake.providers.openai_delta import Delta
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, Spoken, ToolCall
from agentreplay.intake.providers.wire import mapping, mappings, text
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage
from agentreplay.model.values import Value

__all__ = ["answer", "ask", "speak"]

_BAD_REQUEST = 400
_GOOD = 200
_REASONING = {"openrouter": "reasoning", "groq": "reasoning", "together": "reasoning", "cerebras": "reasoning"}
"""Where reasoning stands in a message; elsewhere, and where it began, in `reasoning_content`."""


def ask(url: str, body: Value) -> Asked | None:
    """Understand a request, or None when it is not in these words."""
    path = hosts.path(url)
    asked = mapping(body)
    if path.endswith(("/chat/completions", "/agents/completions")) and isinstance(asked.get("messages"), list):
        dialect, context = openai.CHAT, "messages"
    elif path.endswith("/fim/completions") and "prompt" in asked:
        # Mistral fills in what is missing of a text, and says it as a message.
        dialect, context = openai.CHAT, None
    elif path.endswith("/completions") and "prompt" in asked:
        dialect, context = openai.COMPLETIONS, None
    else:
        return None
    provider = openai.provider(url)
    streams = asked.get("stream") is True
    wanted = mapping(asked.get("stream_options")).get("include_usage") is True
    return Asked(
        provider=provider,
        dialect=dialect,
        model=openai.model(url, asked),
        context=context,
        streams=streams,
        parameters=openai.parameters(asked),
        tools=openai.tools(asked),
        # OpenAI itself tells the usage of a stream only when asked; these others always do.
        usage_streams=wanted or not streams or provider in {"mistral_ai", "perplexity", "x_ai", "openrouter"},
    )


def answer(asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:
    """Understand an answer, whole or cut short. Never raises."""
    if status >= _BAD_REQUEST or not asked.streams or wire.is_json(chunks):
        return _whole(status, b"".join(chunks))
    return _streamed(asked, chunks)


def speak(asked: Asked, reply: Reply, number: int) -> Spoken:
    """Say the reply in these words."""
    if reply.status != _GOOD:
        return openai.speak_error(reply)
    if asked.streams:
        return Spoken(status=_GOOD, media=openai.EVENTS, chunks=_speak_stream(asked, reply, number))
    if asked.dialect == openai.COMPLETIONS:
        choice: dict[str, Value] = {"index": 0, "text": reply.text}
    else:
        message: dict[str, Value] = {"role": "assistant", "content": reply.text or None, "refusal": None}
        if reply.reasoning:
            message[_REASONING.get(asked.provider, "reasoning_content")] = reply.reasoning
        if reply.tool_calls:
            message["tool_calls"] = _tell_calls(reply.tool_calls, number)
        choice = {"index": 0, "message": message}
    choice |= {"logprobs": None, "finish_reason": _finish(asked, reply)}
    said = {**_head(asked, number), "choices": [choice]}
    if reply.usage:
        said["usage"] = openai.tell_usage(reply.usage, "prompt", "completion")
    return Spoken(status=_GOOD, media=openai.JSON, chunks=(wire.to_json(said),))


def _whole(status: int, data: bytes) -> Answered:
    body = mapping(wire.parse(data))
    choice = _choice(body)
    problem = complaints.problem(status, data)
    message = choice.get("message", choice.get("text"))
    return _understand(
        Answered(
            message=message,
            finish_reason=text(choice.get("finish_reason")) or None,
            usage=openai.usage(body.get("usage")),
            cost=openai.cost(body.get("usage")),
            response_id=text(body.get("id")) or None,
            model=text(body.get("model")) or None,
            service_tier=openai.service_tier(body),
            complete=bool(body) or status >= _BAD_REQUEST,
            error=problem,
        )
    )


def _streamed(asked: Asked, chunks: Sequence[bytes]) -> Answered:
    delta = Delta(of_text=asked.dialect == openai.COMPLETIONS)
    finish = response_id = model = tier = problem = None
    first: int | None = None
    usage: Usage = NO_USAGE
    cost: NanoDollars | None = None
    ended = False
    for number, event in sse.events(chunks):
        if event.data.strip() == b"[DONE]":
            ended = True
            break
        body = mapping(wire.parse(event.data))
        problem = complaints.problem(_GOOD, event.data) if "error" in body and problem is None else problem
        response_id = response_id or text(body.get("id")) or None
        model = model or text(body.get("model")) or None
        tier = openai.service_tier(body) or tier
        # Groq tells the usage of a stream in a field of its own.
        if told := body.get("usage") or mapping(body.get("x_groq")).get("usage"):
            usage, cost = openai.usage(told), openai.cost(told)
        choice = _choice(body)
        finish = text(choice.get("finish_reason")) or finish
        piece = choice.get("delta", choice.get("text"))
        if delta.add(piece) and first is None:
            first = number
    told_all = finish is not None and (usage is not NO_USAGE or not asked.usage_streams)
    return _understand(
        Answered(
            message=delta.message(),
            finish_reason=finish,
            usage=usage,
            cost=cost,
            response_id=response_id,
            model=model,
            service_tier=tier,
            first_token=first,
            complete=(ended or told_all) and problem is None,
            error=problem,
        )
    )


def _choice(body: dict[str, Value]) -> dict[str, Value]:
    """The first of the answers, should there be several; a chunk may hold none of it."""
    return mapping(next((choice for choice in mappings(body.get("choices")) if choice.get("index") in (0, None)), None))


def _understand(answered: Answered) -> Answered:
    """The same with what its message says."""
    if isinstance(answered.message, str):
        return msgspec.structs.replace(answered, text=answered.message)
    message = mapping(answered.message)
    said, thought = _read_content(message.get("content"))
    said = said or text(message.get("refusal")) or text(mapping(message.get("audio")).get("transcript"))
    thought = thought or text(message.get("reasoning_content")) or text(message.get("reasoning"))
    return msgspec.structs.replace(
        answered,
        text=said,
        reasoning=thought or _read_details(message.get("reasoning_details")),
        tool_calls=tuple(_read_calls(message)),
    )


def _read_content(content: Value) -> tuple[str, str]:
    """Text and reasoning; Mistral's reasoning models answer in parts."""
    if isinstance(content, str):
        return content, ""
    parts = mappings(content)
    said = "".join(text(part.get("text")) for part in parts if part.get("type") != "thinking")
    thoughts = [part.get("thinking") for part in parts if part.get("type") == "thinking"]
    return said, "".join(
        thought if isinstance(thought, str) else "".join(text(part.get("text")) for part in mappings(thought))
        for thought in thoughts
    )


def _read_details(details: Value) -> str:
    """OpenRouter's reasoning, where it is told in detail alone."""
    return "".join(text(detail.get("text")) or text(detail.get("summary")) for detail in mappings(details))


def _read_calls(message: dict[str, Value]) -> list[ToolCall]:
    calls = [
        ToolCall(
            id=text(call.get("id")),
            name=text(called.get("name")),
            arguments=wire.arguments(called.get("arguments", called.get("input"))),
        )
        for call in mappings(message.get("tool_calls"))
        for called in (mapping(call.get("function") or call.get("custom")),)
    ]
    if called := mapping(message.get("function_call")):
        calls.append(ToolCall(name=text(called.get("name")), arguments=wire.arguments(called.get("arguments"))))
    return calls


def _head(asked: Asked, number: int) -> dict[str, Value]:
    kind = "chat.completion" if asked.dialect == openai.CHAT else "text_completion"
    if asked.streams and asked.dialect == openai.CHAT:
        kind += ".chunk"
    prefix = "chatcmpl" if asked.dialect == openai.CHAT else "cmpl"
    # A script has no clock, so whatever it says was created at the epoch.
    return {"id": f"{prefix}-{number}", "object": kind, "created": 0, "model": asked.model or ""}


def _finish(asked: Asked, reply: Reply) -> str:
    return "tool_calls" if reply.tool_calls and asked.dialect == openai.CHAT else "stop"


def _tell_calls(calls: Sequence[ToolCall], number: int) -> list[Value]:
    return [
        {
            "id": call.id or f"call_{number}_{place}",
            "type": "function",
            "function": {"name": call.name, "arguments": wire.arguments_text(call.arguments)},
        }
        for place, call in enumerate(calls)
    ]


def _speak_stream(asked: Asked, reply: Reply, number: int) -> tuple[bytes, ...]:
    head = _head(asked, number)
    steps: list[dict[str, Value]] = (
        [{"text": piece} for piece in wire.pieces(reply.text)]
        if asked.dialect == openai.COMPLETIONS
        else [{"delta": delta} for delta in _deltas(asked, reply, number)]
    )
    last: dict[str, Value] = {"text": ""} if asked.dialect == openai.COMPLETIONS else {"delta": {}}
    steps = [{"index": 0, **step, "finish_reason": None} for step in steps]
    steps.append({"index": 0, **last, "finish_reason": _finish(asked, reply)})
    bodies: list[dict[str, Value]] = [{**head, "choices": [step]} for step in steps]
    if used := openai.used(asked, reply):
        bodies.append({**head, "choices": [], "usage": openai.tell_usage(used, "prompt", "completion")})
    return (*(sse.say(wire.to_json(body)) for body in bodies), sse.say(b"[DONE]"))


def _deltas(asked: Asked, reply: Reply, number: int) -> list[dict[str, Value]]:
    key = _REASONING.get(asked.provider, "reasoning_content")
    deltas: list[dict[str, Value]] = [{"role": "assistant", "content": None if reply.tool_calls else ""}]
    deltas += [{key: piece} for piece in wire.pieces(reply.reasoning)]
    deltas += [{"content": piece} for piece in wire.pieces(reply.text)]
    for place, call in enumerate(_tell_calls(reply.tool_calls, number)):
        function = cast("dict[str, str]", call["function"])
        begun = {**call, "function": {"name": function["name"], "arguments": ""}}
        deltas.append({"tool_calls": [{"index": place, **begun}]})
        deltas += [
            {"tool_calls": [{"index": place, "function": {"arguments": piece}}]}
            for piece in wire.pieces(function["arguments"])
        ]
    return deltas
