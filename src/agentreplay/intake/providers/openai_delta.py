"""A chat message put together from the pieces it was streamed in."""

from agentreplay.intake.providers.wire import mapping, mappings, sequence, text
from agentreplay.model.values import Value

__all__ = ["Delta"]

_GROWING = frozenset(
    {"content", "thinking", "reasoning", "reasoning_content", "refusal", "arguments", "input", "data", "transcript"}
)
"""Texts that come in pieces. Any other text comes whole, and again whole when a host repeats it."""
_TEXT_PART = {"type", "text"}


class Delta:
    """Takes the pieces of a message and gives the message."""

    def __init__(self, *, of_text: bool = False) -> None:
        self._of_text = of_text
        self._texts: list[str] = []
        self._fields: dict[str, Value] = {}
        self._calls: list[dict[str, Value]] = []
        self._places: dict[int, int] = {}

    def add(self, piece: Value) -> bool:
        """Add a piece; tells whether it brought a part of text, reasoning or a tool call."""
        if isinstance(piece, str):
            self._texts.append(piece)
            return bool(piece)
        brought = False
        for name, value in mapping(piece).items():
            if name == "tool_calls":
                for call in mappings(value):
                    self._add_call(call)
                    brought = True
            elif value is not None and value != []:
                _grow(self._fields, name, value)
                brought = brought or (name != "role" and bool(value))
        return brought

    def message(self) -> Value:
        """The message so far; None when nothing came."""
        if self._of_text:
            return "".join(self._texts)
        if not self._fields and not self._calls:
            return None
        message = {"role": "assistant", "content": None, **_joined(self._fields)}
        if self._calls:
            message["tool_calls"] = [_joined(call) for call in self._calls]
        return message

    def _add_call(self, piece: dict[str, Value]) -> None:
        call = self._calls[self._place(piece)]
        for name, value in piece.items():
            if value is not None and name != "index":
                _grow(call, name, value)

    def _place(self, piece: dict[str, Value]) -> int:
        """Which call a piece belongs to. Hosts forget the index, or give each of several calls the same one."""
        index, identity = piece.get("index"), text(piece.get("id"))
        newest = len(self._calls) - 1
        if isinstance(index, int):
            place = self._places.get(index, -1)
        elif identity:
            place = next((place for place, call in enumerate(self._calls) if call.get("id") == identity), -1)
        else:
            place = newest
        if place < 0 or (identity and self._calls[place].get("id", identity) != identity):
            place = newest + 1
            self._calls.append({})
        if isinstance(index, int):
            self._places[index] = place
        return place


def _grow(fields: dict[str, Value], name: str, value: Value) -> None:
    """Add a piece to a field. Texts are joined only in the end, so that a long one costs its length."""
    known = fields.get(name)
    if isinstance(value, str) and name in _GROWING:
        if isinstance(known, _Text):
            known.append(value)
        elif isinstance(known, list):
            _extend(sequence(known), [{"type": "text", "text": value}])
        else:
            fields[name] = _Text([value])
    elif isinstance(value, list):
        parts = sequence(known)
        if isinstance(known, _Text):
            parts = [{"type": "text", "text": "".join(known)}] if any(known) else []
        _extend(parts, sequence(value))
        fields[name] = parts
    elif isinstance(value, dict):
        inner = fields[name] = mapping(known)
        for key, item in mapping(value).items():
            if item is not None:
                _grow(inner, key, item)
    elif value != "" or known is None:
        fields[name] = value


def _extend(known: list[Value], more: list[Value]) -> None:
    """Add parts of a content to those before, joining text to text and thinking to thinking."""
    for part in more:
        last, following = mapping(known[-1] if known else None), mapping(part)
        if last.get("type") == following.get("type") == "text" and last.keys() == following.keys() == _TEXT_PART:
            last["text"] = text(last["text"]) + text(following["text"])
        elif last.get("type") == following.get("type") == "thinking" and isinstance(last.get("thinking"), list):
            _extend(sequence(last["thinking"]), sequence(following.get("thinking")))
        else:
            known.append(part)


class _Text(list[str]):
    """The pieces of a text."""


def _joined(value: dict[str, Value]) -> dict[str, Value]:
    return {
        name: "".join(item) if isinstance(item, _Text) else _joined(mapping(item)) if isinstance(item, dict) else item
        for name, item in value.items()
    }
