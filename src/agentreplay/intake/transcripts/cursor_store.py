"""Cursor's command line keeps a conversation as the messages that go to and come from the model, without their times.

They were taken out of its store before they come here. Messages that the conversation went past, as after a rewind, are
kept beside it.
"""

from collections.abc import Mapping
from pathlib import Path, PurePath

from agentreplay.intake.providers.wire import mapping, mappings, parse, sequence, text, to_json
from agentreplay.intake.transcripts.cursor import Cursor
from agentreplay.intake.transcripts.cursor_deeds import asked_in, deed_of
from agentreplay.intake.transcripts.edits import PATHS, edited, is_edit
from agentreplay.intake.transcripts.lines import Line
from agentreplay.intake.transcripts.naming import named_call, named_prompt
from agentreplay.intake.transcripts.reader import Identity, moment, said
from agentreplay.intake.transcripts.state import Thread
from agentreplay.intake.transcripts.story import Story
from agentreplay.model.values import Value

__all__ = ["CURSOR_STORE", "CursorStore"]

_BESIDE = ("<user_info>", "<system_reminder>", "<environment_details>")
"""How messages begin that are told in the person's name and are none of theirs."""


class CursorStore:
    """The reader of stores."""

    name = Cursor.name
    is_lines = False
    provider = Cursor.provider
    sees = Cursor.sees

    def homes(self, home: Path, environment: Mapping[str, str]) -> list[Path]:  # noqa: ARG002 - of the port
        return [home / ".cursor" / "chats"]

    def patterns(self) -> tuple[str, ...]:
        return ("*/*/store.db",)

    def identify(self, path: PurePath, head: bytes) -> Identity | None:
        """Of a conversation that was taken out of a store."""
        if path.suffix != ".json" or not head.startswith(b'{"meta":'):
            return None
        return Identity(path.stem)

    def read(self, story: Story, line: Line) -> None:
        told = mapping(parse(line.data))
        meta, thread = mapping(told.get("meta")), story.thread()
        story.begin(Line(0, to_json(meta)))
        story.at(moment(meta.get("createdAt")))
        story.fact("title", meta.get("name"))
        story.note("chat")
        model = text(meta.get("lastUsedModel"))
        number = 0
        for number, message in enumerate(sequence(told.get("messages")), 1):
            story.begin(Line(number, to_json(message)))
            _message(story, thread, mapping(message), model)
        for message in sequence(told.get("elsewhere")):
            number += 1
            story.begin(Line(number, to_json(message)))
            story.note("message of another way")


CURSOR_STORE = CursorStore()


def _message(story: Story, thread: Thread, told: dict[str, Value], model: str) -> None:
    match text(told.get("role")):
        case "system":
            story.note("system", None, thread)
            story.hear(thread, told)
        case "user":
            _hear(story, thread, told)
        case "assistant":
            _answer(story, thread, told, model)
        case "tool":
            for part in mappings(told.get("content")):
                _result(story, thread, part)
            story.attach(thread)
            story.hear(thread, told)
        case role:
            story.unknown(f"message of {role}")


def _hear(story: Story, thread: Thread, told: dict[str, Value]) -> None:
    words = said(told.get("content"))
    asked = asked_in(words)
    if asked is None and words.lstrip().startswith(_BESIDE):
        story.note("told beside", None, thread)
        story.hear(thread, told)
    else:
        words = words if asked is None else asked
        story.prompt(text(told.get("id")), told, words, named_prompt(story, words))


def _answer(story: Story, thread: Thread, told: dict[str, Value], model: str) -> None:
    content = told.get("content")
    parts = sequence(content) or ([{"type": "text", "text": content}] if isinstance(content, str) else [])
    ours = mapping(mapping(told.get("providerOptions")).get("cursor"))
    key, named = text(told.get("id")) or story.place.session, text(ours.get("modelName"))
    # An id may stand at several messages of one answer, each with a part of it.
    story.end_answer(thread)
    story.answer(thread, f"{key} {story.state.count}", parts, named or model)
    for number, part in enumerate(mappings(parts)):
        if part.get("type") == "tool-call":
            given = part.get("args", part.get("input"))
            name = text(part.get("toolCallId")) or f"{story.place.session} {story.state.count} {number}"
            tool = text(part.get("toolName"))
            draft = story.call(thread, name, tool, given, named_call(story, *deed_of(tool, given)))
            draft.attributes["tool_use_id"] = name
            draft.arguments = given if is_edit(draft.tool or "") else None


def _result(story: Story, thread: Thread, part: dict[str, Value]) -> None:
    output = part.get("result", part.get("output"))
    is_error = part.get("isError") is True
    draft = story.result(text(part.get("toolCallId")), output, is_error=is_error, thread=thread)
    given, draft.arguments = mapping(draft.arguments), None
    path = next((text(given.get(name)) for name in PATHS if text(given.get(name))), "")
    if path and not is_error:
        before = story.texts.of(path)
        story.edit(draft, path, before, edited(draft.tool or "", given, before))
