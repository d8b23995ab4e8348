"""The items of a response put together from the events of its stream."""

from typing import NamedTuple

from agentreplay.intake.providers.wire import mapping, sequence, text
from agentreplay.model.values import Value

__all__ = ["Items"]


class _Growth(NamedTuple):
    """What a kind of event adds to: the type of the item, its field, and the type and field of the part."""

    item: str
    field: str
    part: str = ""
    inner: str = ""


_GROWTHS = {
    "response.output_text.delta": _Growth("message", "content", "output_text", "text"),
    "response.refusal.delta": _Growth("message", "content", "refusal", "refusal"),
    "response.reasoning_text.delta": _Growth("reasoning", "content", "reasoning_text", "text"),
    "response.reasoning_summary_text.delta": _Growth("reasoning", "summary", "summary_text", "text"),
    "response.function_call_arguments.delta": _Growth("function_call", "arguments"),
    "response.custom_tool_call_input.delta": _Growth("custom_tool_call", "input"),
    "response.mcp_call_arguments.delta": _Growth("mcp_call", "arguments"),
    "response.code_interpreter_call_code.delta": _Growth("code_interpreter_call", "code"),
}


class Items:
    """Takes the events of a stream and gives the items, also of one that was cut."""

    def __init__(self) -> None:
        self._begun: dict[int, dict[str, Value]] = {}
        self._done: dict[int, dict[str, Value]] = {}
        self._texts: dict[int, dict[tuple[_Growth, int], list[str]]] = {}

    def add(self, kind: str, event: dict[str, Value]) -> bool:
        """Add an event; tells whether it brought a part of text, reasoning or a tool call."""
        place = _number(event.get("output_index"))
        if kind == "response.output_item.added":
            item = self._begun[place] = mapping(event.get("item"))
            return text(item.get("type")).endswith("_call")
        if kind == "response.output_item.done":
            self._done[place] = mapping(event.get("item"))
            return False
        growth = _GROWTHS.get(kind)
        if growth is None:
            return False
        part = _number(event.get("content_index", event.get("summary_index")))
        self._texts.setdefault(place, {}).setdefault((growth, part), []).append(text(event.get("delta")))
        return bool(event.get("delta"))

    def output(self) -> list[Value]:
        """The items so far, in their order."""
        places = sorted(self._begun.keys() | self._done.keys() | self._texts.keys())
        return [self._done.get(place) or self._grown(place) for place in places]

    def _grown(self, place: int) -> dict[str, Value]:
        item = dict(self._begun.get(place, {}))
        texts = self._texts.get(place, {})
        for growth, part in sorted(texts):
            said = "".join(texts[growth, part])
            item.setdefault("type", growth.item)
            if growth.part:
                item[growth.field] = [*sequence(item.get(growth.field)), {"type": growth.part, growth.inner: said}]
            else:
                item[growth.field] = said
        return item


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0
