"""Where prompt, system prompt and model stand in a request, in the formats of the model providers."""

import re
from collections.abc import Iterator

from agentreplay.errors import ValueInvalid
from agentreplay.model.call import Request
from agentreplay.model.values import Value, is_list, is_map

__all__ = ["model_place", "prompt_place", "system_place"]

_Place = tuple[str | int, ...]

_SYSTEM = ("system", "instructions", "systemInstruction", "system_instruction")
_LISTS = ("messages", "input", "contents")
_IN_ADDRESS = re.compile(r"/models/[^/:?]+")


def model_place(request: Request, body: Value) -> _Place:
    """Where the name of the model stands. Raises ValueInvalid when it is part of the address, or nowhere."""
    if is_map(body) and "model" in body:
        return ("body", "model")
    if _IN_ADDRESS.search(str(request.head.get("url", ""))):
        raise ValueInvalid(
            what="the patch of the model", problem="it stands in the address here; patch request.head.url instead"
        )
    raise _lacks(request, "names no model")


def system_place(request: Request, body: Value) -> _Place:
    """Where the system prompt stands. Raises ValueInvalid when there is none."""
    fields = body if is_map(body) else {}
    for name in _SYSTEM:
        if name in fields:
            return ("body", name, *_text_in(fields[name]))
    for place, message in _messages(fields):
        if message.get("role") in {"system", "developer"}:
            return ("body", *place, "content")
    raise _lacks(request, "has no system prompt")


def prompt_place(request: Request, body: Value) -> _Place:
    """Where the last thing the user said stands. Raises ValueInvalid when the user said nothing."""
    fields = body if is_map(body) else {}
    for name in ("input", "prompt"):
        if isinstance(fields.get(name), str):
            return ("body", name)
    for place, message in reversed(list(_messages(fields))):
        if is_list(parts := message.get("parts")) and message.get("role", "user") == "user":
            number = next((number for number, part in enumerate(parts) if is_map(part) and "text" in part), None)
            if number is not None:
                return ("body", *place, "parts", number, "text")
        elif message.get("role") == "user" and not _is_result(message.get("content")):
            return ("body", *place, "content")
    raise _lacks(request, "has no message of a user")


def _messages(fields: dict[str, Value]) -> Iterator[tuple[_Place, dict[str, Value]]]:
    for name in _LISTS:
        messages = fields.get(name)
        if is_list(messages):
            yield from (((name, number), message) for number, message in enumerate(messages) if is_map(message))


def _is_result(content: Value) -> bool:
    """Whether the message only hands back what tools gave, as some providers have the user say it."""
    return is_list(content) and all(is_map(part) and part.get("type") == "tool_result" for part in content)


def _text_in(value: Value) -> _Place:
    parts = value.get("parts") if is_map(value) else None
    return ("parts", 0, "text") if is_list(parts) and parts and is_map(parts[0]) else ()


def _lacks(request: Request, problem: str) -> ValueInvalid:
    return ValueInvalid(what="the patch", problem=f"{request.operation} {problem}")
