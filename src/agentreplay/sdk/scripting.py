"""Answers a model gives in a fork by a script: replies in order, said in the words of whoever was asked.

A script is a JSON list of replies: texts, or objects with `text`, `reasoning` and `tool_calls`.
"""

import itertools
import json
from pathlib import Path
from typing import Any

import msgspec

from agentreplay.errors import ValueInvalid
from agentreplay.intake import providers
from agentreplay.intake.providers import Reply
from agentreplay.model.call import Answer, Chunk, Request
from agentreplay.model.time import Nanoseconds
from agentreplay.playback.canonical import parse_json

__all__ = ["Script"]


class Script:
    """Replies, taken in order."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._replies = _read(path)
        self._next = itertools.count()

    def __call__(self, request: Request) -> Answer:
        """The next reply, as an answer to this request."""
        body = parse_json(request.body, request.media)
        asked = None if body is None else providers.ask(str(request.head.get("url", "")), body)
        if asked is None:
            raise ValueInvalid(what=f"the script {self._path}", problem=f"it cannot answer {request.operation}")
        number = next(self._next)
        if number >= len(self._replies):
            raise ValueInvalid(
                what=f"the script {self._path}", problem=f"it has {len(self._replies)} replies and more are asked for"
            )
        spoken = providers.speak(asked, self._replies[number], number)
        chunks = tuple(Chunk(len(piece), Nanoseconds(0), 0) for piece in spoken.chunks) if asked.streams else ()
        head = {"status": spoken.status, "headers": [["content-type", spoken.media]]}
        return Answer(head=head, body=b"".join(spoken.chunks), media=spoken.media, chunks=chunks)


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
