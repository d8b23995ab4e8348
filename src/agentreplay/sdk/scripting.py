"""Answers a model gives in a fork by a script: replies in order, said in the words of whoever was asked.

A script is a JSON list of replies: texts, or objects with `text`, `reasoning` and `tool_calls`.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from agentreplay.core.speech import say
from agentreplay.errors import ValueInvalid
from agentreplay.intake.providers import Reply
from agentreplay.model.call import Answer, Request

__all__ = ["Script", "speak"]


class Script:
    """Replies, taken in order."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._replies = _read(path)
        self._next = 0

    def __call__(self, request: Request) -> Answer | None:
        """The next reply, as an answer to this request; None when no model is asked."""
        number = self._next
        if say(request, Reply(), number) is None:
            return None
        if number >= len(self._replies):
            raise ValueInvalid(what=f"the script {self._path}", problem=f"more than its {number} replies are asked for")
        self._next += 1
        return say(request, self._replies[number], number)


def speak(request: Request, text: str) -> Answer | None:
    """The text as the answer of the model that is asked; None when no model is."""
    return say(request, Reply(text=text), 0)


def _read(path: Path) -> list[Reply]:
    try:
        told = msgspec.convert(json.loads(path.read_text("utf-8")), list[str | dict[str, Any]])
        items = [{"text": item} if isinstance(item, str) else item for item in told]
        replies = msgspec.convert(items, list[Reply])
    except (OSError, ValueError, TypeError) as error:
        raise ValueInvalid(what=f"the script {path}", problem=str(error)) from error
    strange = {name for item in items for name in item} - set(Reply.__struct_fields__)
    if strange:
        raise ValueInvalid(what=f"the script {path}", problem=f"a reply has no {', '.join(sorted(strange))}")
    return replies
