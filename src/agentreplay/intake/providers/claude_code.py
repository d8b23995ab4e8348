"""Claude Code as a child process: a prompt as a line of JSON, and the lines that come until the run ends.

It asks models as often as it likes, and tells the sum: so one answer here is all that it did for one prompt.
"""

from collections.abc import Sequence

from agentreplay.intake.providers import anthropic, lines, wire
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, Spoken, ToolCall
from agentreplay.intake.providers.wire import mapping, mappings, text
from agentreplay.model.usage import NanoDollars
from agentreplay.model.values import Value

__all__ = ["RUN", "answer", "ask", "speak"]

RUN = "claude.run"
_URL = "stdio:claude"
_LINES = "application/x-ndjson"
_GOOD = 200
_MOST_DOLLARS = 1_000_000


def ask(url: str, body: Value) -> Asked | None:
    """Understand a prompt, or None when the line is none."""
    if url != _URL or mapping(body).get("type") != "user":
        return None
    return Asked(provider="anthropic", dialect=RUN, streams=True)


def answer(asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:  # noqa: ARG001  # part of the contract
    """Understand the lines, all of them or the first. Never raises. The message is the last that the model said."""
    model, first = "", None
    said: dict[str, Value] = {}
    result: dict[str, Value] = {}
    for number, line in lines.objects(chunks):
        told = mapping(wire.parse(line))
        match told.get("type"):
            case "system" if told.get("subtype") == "init":
                model = text(told.get("model")) or model
            case "assistant" if not told.get("parent_tool_use_id"):
                said = mapping(told.get("message"))
                first = number if first is None else first
                model = text(said.get("model")) or model
            case "result":
                result = told
            case _:
                pass
    parts = mappings(said.get("content"))
    return Answered(
        message=said or None,
        text=text(result.get("result")) or "".join(text(part.get("text")) for part in parts),
        reasoning="".join(text(part.get("thinking")) for part in parts),
        tool_calls=tuple(
            ToolCall(id=text(part.get("id")), name=text(part.get("name")), arguments=part.get("input"))
            for part in parts
            if part.get("type") == "tool_use"
        ),
        finish_reason=text(result.get("stop_reason")) or text(result.get("subtype")) or None,
        usage=anthropic.read_usage(result.get("usage")),
        cost=_cost(result.get("total_cost_usd")),
        response_id=text(said.get("id")) or None,
        model=model or None,
        first_token=first,
        complete=bool(result),
        error=_problem(result),
    )


def speak(asked: Asked, reply: Reply, number: int) -> Spoken:  # noqa: ARG001  # part of the contract
    """Say the reply as Claude Code would at the end of a run without tools of its own."""
    content: list[dict[str, Value]] = []
    if reply.reasoning:
        content.append({"type": "thinking", "thinking": reply.reasoning, "signature": ""})
    if reply.text:
        content.append({"type": "text", "text": reply.text})
    content += [
        {
            "type": "tool_use",
            "id": call.id or f"toolu_{number}_{place}",
            "name": call.name,
            "input": {} if call.arguments is None else call.arguments,
        }
        for place, call in enumerate(reply.tool_calls)
    ]
    session: dict[str, Value] = {"session_id": f"{number:032x}"}
    message = {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": "", "content": content}
    is_good = reply.status == _GOOD
    result: dict[str, Value] = {
        "type": "result",
        "subtype": "success" if is_good else "error_during_execution",
        "is_error": not is_good,
        "duration_ms": 0,
        "duration_api_ms": 0,
        "num_turns": 1,
        "result": reply.text,
    }
    if reply.usage:
        result["usage"] = anthropic.tell_usage(reply.usage)
    told: list[dict[str, Value]] = [
        {"type": "system", "subtype": "init", **session},
        *([{"type": "assistant", "message": message, "parent_tool_use_id": None, **session}] if is_good else []),
        {**result, **session},
    ]
    return Spoken(status=_GOOD, media=_LINES, chunks=tuple(wire.to_json(line) + b"\n" for line in told))


def _problem(result: dict[str, Value]) -> str | None:
    if result.get("is_error") is not True:
        return None
    return text(result.get("result")) or text(result.get("subtype")) or "the run failed"


def _cost(said: Value) -> NanoDollars | None:
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said <= _MOST_DOLLARS:
        return None
    return NanoDollars(round(said * 1_000_000_000))
