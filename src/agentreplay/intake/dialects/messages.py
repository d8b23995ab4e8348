"""Messages of all dialects in one shape.

A message is a map with a `role` (`system`, `user`, `assistant`, `tool`, or another one as it came). What it says
stands in `content` (text, or a list of parts as a provider's API knows them) or in `parts` (those of OpenTelemetry);
beside it may stand `tool_calls`, `tool_call_id`, `name` and `finish_reason`. Whatever else a message holds is kept.
"""

from agentreplay.intake.dialects.source import unpacked
from agentreplay.intake.providers.wire import mapping, mappings, sequence, text
from agentreplay.model.values import Value

__all__ = ["answers", "conversation", "message", "messages"]

_ROLES = {"human": "user", "ai": "assistant", "model": "assistant", "AIMessageChunk": "assistant"}
_DEEPEST = 3
_LANGCHAIN = ("system", "human", "ai", "tool", "function", "AIMessageChunk")


def messages(value: Value, role: str = "user", depth: int = 0) -> list[Value]:
    """The messages in a value, whatever way it holds them; `role` is that of a message that tells none."""
    if depth > _DEEPEST:
        return []
    value = unpacked(value)
    if isinstance(value, str):
        return [{"role": role, "content": value}] if value else []
    fields = mapping(value)
    if fields:
        inner = fields.get("messages")
        return messages(inner, role, depth + 1) if isinstance(inner, list) else [message(fields, role)]
    listed = sequence(value)
    if len(listed) == 1 and isinstance(listed[0], list):
        # LangChain asks a model for several conversations at once, and nearly always for one.
        return messages(listed[0], role, depth + 1)
    return [message(item, role) for item in listed]


def answers(value: Value) -> list[Value]:
    """The messages in an answer: a provider's whole body is opened, and a list of choices too."""
    value = unpacked(value)
    if fields := mapping(value):
        for name in ("choices", "candidates", "output"):
            if inner := mappings(fields.get(name)):
                return [message(item, "assistant") for item in inner]
        if generations := sequence(fields.get("generations")):
            return [message(item, "assistant") for item in sequence(generations[0]) or generations]
    return messages(value, "assistant")


def message(value: Value, role: str, depth: int = 0) -> Value:
    """One message in our shape."""
    fields = mapping(value)
    if not fields:
        return _told_bare(value, role)
    if "role" not in fields:
        if (inner := mapping(fields.get("message"))) and depth < _DEEPEST:
            # A choice: the message, and why it ended there.
            told = mapping(message(inner, role, depth + 1))
            ended = {name: fields[name] for name in ("finish_reason", "tool_calls") if fields.get(name) is not None}
            return told | ended
        if told := _langchain(fields):
            return told
    if "parts" not in fields and "parts" in (content := mapping(fields.get("content"))) and depth < _DEEPEST:
        # Gemini puts the message into the content of a candidate.
        beside = {name: item for name, item in fields.items() if name != "content"}
        return message(beside | content, role, depth + 1)
    said = text(fields.get("role")) or role
    # The role comes first, whatever place it had.
    whole = {"role": said, **fields}
    whole["role"] = _ROLES.get(said, said)
    return whole


def conversation(system: Value, said: list[Value]) -> list[Value]:
    """Instructions, told apart from the messages, in front of them."""
    system = unpacked(system)
    if not system:
        return said
    if isinstance(system, str):
        return [{"role": "system", "content": system}, *said]
    told = mapping(system).get("parts", system)
    parts = sequence(told) if isinstance(told, list) else [told]
    # OpenTelemetry's parts hold their text as `content`, the blocks of a provider's API as `text`.
    holder = (
        "content" if any("text" in part for part in mappings(parts)) and "parts" not in mapping(system) else "parts"
    )
    return [{"role": "system", holder: parts}, *said]


def _told_bare(value: Value, role: str) -> Value:
    """A message that is no map: a pair of role and content, or the content alone."""
    listed = sequence(value)
    if len(listed) == len(("role", "content")) and isinstance(listed[0], str):
        return {"role": _ROLES.get(listed[0], listed[0]), "content": listed[1]}
    return {"role": role, "content": value}


def _langchain(fields: dict[str, Value]) -> dict[str, Value]:
    """A message as LangChain writes it, with its class or its type and what it holds one level below."""
    held = mapping(fields.get("kwargs")) if fields.get("lc") else mapping(fields.get("data"))
    kind = text(held.get("type")) or text(fields.get("type"))
    if not held or kind not in _LANGCHAIN:
        return {}
    told: dict[str, Value] = {"role": _ROLES.get(kind, kind), "content": held.get("content")}
    for name in ("tool_calls", "tool_call_id", "name"):
        if held.get(name):
            told[name] = held[name]
    return told
