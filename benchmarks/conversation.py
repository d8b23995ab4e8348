"""Conversations with a model as their messages are sent: ever longer, marked, compacted, by many agents."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.shapes import TOOLS
from benchmarks.source import Source

__all__ = ["BYTES_A_TOKEN", "CALLS", "TOKENS", "Call", "Conversation", "Message", "to_json"]

Message = dict[str, Any]

CALLS = 200
TOKENS = 150_000
BYTES_A_TOKEN = 4
_SUMMARY = 8_000
_MARK = {"type": "ephemeral"}


@dataclass(frozen=True)
class Call:
    """What one call sends, and what the model answers."""

    messages: list[Message]
    answer: Message


def to_json(value: object) -> bytes:
    """As clients send it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Conversation:
    """The calls of one agent, whose context grows by the same size on average and is full after `CALLS`.

    With `marked`, a cache marker stands in the last message of every call, where it was not the call before.
    After the call `compacted` a summary takes the place of the history, and the conversation grows on.
    """

    def __init__(
        self,
        source: Source,
        system: str,
        *,
        calls: int = CALLS,
        marked: bool = False,
        compacted: int = 0,
    ) -> None:
        self._source = source
        self._calls = calls
        self._marked = marked
        self._compacted = compacted
        self._system: Message = {"role": "system", "content": [{"type": "text", "text": system}]}
        self._messages: list[Message] = [self._system, _user(source.prose.passage(600))]

    def calls(self) -> Iterator[Call]:
        """All calls in order. What is in them must not be changed."""
        step = TOKENS * BYTES_A_TOKEN / CALLS
        owed = 0.0
        for number in range(1, self._calls + 1):
            if number - 1 == self._compacted != 0:
                summary = _user("The conversation so far:\n" + self._source.prose.passage(_SUMMARY))
                self._messages = [self._system, summary]
            sent = [*self._messages[:-1], _with_mark(self._messages[-1])] if self._marked else self._messages
            owed += step
            answer, results = self._turn(max(owed, step / 4))
            owed -= sum(len(to_json(message)) for message in (answer, *results))
            yield Call(sent, answer)
            self._messages = [*self._messages, answer, *results]

    def _turn(self, size: float) -> tuple[Message, list[Message]]:
        """What the model says, with calls of tools, and what these answer; of about this size together."""
        source = self._source
        answer_size = source.length(size * 0.25, 0.7)
        content: list[Message] = [{"type": "text", "text": source.prose.passage(answer_size)}]
        results: list[Message] = []
        wanted = source.random.choice((1, 1, 1, 2, 2, 3))
        for _ in range(wanted):
            call = f"toolu_{source.shapes.hexadecimal(24)}"
            name = TOOLS.draw(source.random).name
            arguments = {"path": f"src/{source.prose.line(14)}.py", "query": source.prose.line(60)}
            content.append({"type": "tool_use", "id": call, "name": name, "input": arguments})
            text = source.prose.passage(source.length(size * 0.6 / wanted, 1.0))
            results.append({"type": "tool_result", "tool_use_id": call, "content": text})
        return {"role": "assistant", "content": content}, [{"role": "user", "content": results}]


def _user(text: str) -> Message:
    return {"role": "user", "content": [{"type": "text", "text": text}]}


def _with_mark(message: Message) -> Message:
    *before, last = message["content"]
    return {**message, "content": [*before, {**last, "cache_control": _MARK}]}
