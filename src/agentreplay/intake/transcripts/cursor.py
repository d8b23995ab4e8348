"""Cursor: the transcripts its command line writes line by line, and the chats of the editor's database.

Lines tell neither times nor tokens; they are laid at the time of the file. Of the database each chat is taken out as
a document of its own before it comes here.
"""

from collections.abc import Mapping
from pathlib import Path, PurePath

from agentreplay.intake.dialects.tokens import exclusive
from agentreplay.intake.providers.wire import arguments, count, mapping, mappings, parse, sequence, text, to_json
from agentreplay.intake.transcripts.cursor_deeds import asked_in, deed_of
from agentreplay.intake.transcripts.edits import PATHS, edited, is_edit
from agentreplay.intake.transcripts.lines import Line
from agentreplay.intake.transcripts.naming import named_call, named_prompt
from agentreplay.intake.transcripts.reader import Identity, moment, said
from agentreplay.intake.transcripts.state import Draft, Thread
from agentreplay.intake.transcripts.story import Story
from agentreplay.model.values import Value

__all__ = ["CURSOR", "CURSOR_CHAT", "Cursor", "CursorChat"]


class Cursor:
    """The reader of lines."""

    name = "cursor"
    is_lines = True
    provider = None
    sees = "thinking, edits; of the editor's chats also times, models and tokens where it tells them"

    def homes(self, home: Path, environment: Mapping[str, str]) -> list[Path]:  # noqa: ARG002 - of the port
        return [home / ".cursor" / "projects"]

    def patterns(self) -> tuple[str, ...]:
        return ("**/agent-transcripts/**/*.jsonl",)

    def identify(self, path: PurePath, head: bytes) -> Identity | None:
        first = mapping(parse(head.partition(b"\n")[0]))
        is_ours = path.suffix == ".jsonl" and "role" in first and "message" in first and "sessionId" not in first
        return Identity(path.stem) if is_ours else None

    def read(self, story: Story, line: Line) -> None:
        story.begin(line)
        told = mapping(parse(line.data))
        story.at(moment(told.get("timestamp")))
        content = mapping(told.get("message")).get("content")
        parts = sequence(content) or ([{"type": "text", "text": content}] if isinstance(content, str) else [])
        match text(told.get("role")):
            case "user":
                _hear(story, story.thread(), parts)
            case "assistant":
                _answer(story, story.thread(), parts)
            case role:
                story.unknown(role)


class CursorChat:
    """The reader of chats."""

    name = Cursor.name
    is_lines = False
    provider = Cursor.provider
    sees = Cursor.sees

    def homes(self, home: Path, environment: Mapping[str, str]) -> list[Path]:
        """The editor's folder of settings on each platform."""
        roaming = environment.get("APPDATA")
        told = environment.get("XDG_CONFIG_HOME")
        bases = [home / "Library" / "Application Support", Path(told) if told else home / ".config"]
        return [base / "Cursor" / "User" / "globalStorage" for base in [*bases, *([Path(roaming)] if roaming else [])]]

    def patterns(self) -> tuple[str, ...]:
        return ("state.vscdb",)

    def identify(self, path: PurePath, head: bytes) -> Identity | None:
        """Of a chat that was taken out of the database."""
        if path.suffix != ".json" or not head.startswith(b'{"composer":'):
            return None
        return Identity(path.stem)

    def read(self, story: Story, line: Line) -> None:
        told = mapping(parse(line.data))
        composer = mapping(told.get("composer"))
        story.begin(Line(0, to_json(composer)))
        story.at(moment(composer.get("createdAt")))
        story.fact("title", composer.get("name"))
        story.note("chat")
        for number, bubble in enumerate(mappings(told.get("bubbles")), 1):
            story.begin(Line(number, to_json(bubble)))
            _bubble(story, bubble)


CURSOR = Cursor()
CURSOR_CHAT = CursorChat()


def _hear(story: Story, thread: Thread, parts: list[Value]) -> None:
    results = [part for part in mappings(parts) if part.get("type") == "tool_result"]
    message: Value = {"role": "user", "content": parts}
    for result in results:
        output = result.get("content")
        is_error = result.get("is_error") is True
        story.result(text(result.get("tool_use_id")), said(output) or output, is_error=is_error, thread=thread)
    if results:
        story.hear(thread, message)
    else:
        words = said(parts)
        asked = asked_in(words)
        words = words if asked is None else asked
        story.prompt("", message, words, named_prompt(story, words))


def _answer(story: Story, thread: Thread, parts: list[Value]) -> None:
    story.end_answer(thread)
    story.answer(thread, f"{story.place.session} {story.state.count}", parts)
    for number, part in enumerate(mappings(parts)):
        if part.get("type") == "tool_use":
            name = text(part.get("id"))
            key = name or f"{story.place.session} {story.state.count} {number}"
            _call(story, thread, key, text(part.get("name")), part.get("input")).is_awaited = bool(name)


def _call(story: Story, thread: Thread, key: str, tool: str, given: Value) -> Draft:
    draft = story.call(thread, key, tool, given, named_call(story, *deed_of(tool, given)))
    draft.attributes["tool_use_id"] = key
    path = next((text(mapping(given).get(name)) for name in PATHS if text(mapping(given).get(name))), "")
    if path and is_edit(tool):
        before = story.texts.of(path)
        story.edit(draft, path, before, edited(tool, given, before))
    return draft


def _bubble(story: Story, bubble: dict[str, Value]) -> None:
    story.at(moment(bubble.get("createdAt")))
    thread, key, words = story.thread(), text(bubble.get("bubbleId")), text(bubble.get("text"))
    match bubble.get("type"):
        case 1:
            story.prompt(key, {"role": "user", "content": words}, words, named_prompt(story, words))
        case 2:
            _reply(story, thread, bubble, key, words)
        case kind:
            story.unknown(f"bubble of type {kind}")


def _reply(story: Story, thread: Thread, bubble: dict[str, Value], key: str, words: str) -> None:
    parts: list[Value] = []
    if thought := text(mapping(bubble.get("thinking")).get("text")):
        parts.append({"type": "thinking", "thinking": thought})
    if words:
        parts.append({"type": "text", "text": words})
    tool = mapping(bubble.get("toolFormerData"))
    model = text(mapping(bubble.get("modelInfo")).get("modelName"))
    draft = story.answer(thread, key, parts, model or None)
    told = mapping(bubble.get("tokenCount"))
    draft.use(exclusive(input=count(told.get("inputTokens")), output=count(told.get("outputTokens"))))
    if name := text(tool.get("name")):
        call = text(tool.get("toolCallId")) or key
        given = arguments(tool.get("rawArgs") or tool.get("params"))
        draft.message.append({"type": "tool_use", "id": call, "name": name, "input": given})
        _call(story, thread, call, name, given)
        status = text(tool.get("status"))
        if status in {"completed", "error", "cancelled"}:
            story.result(call, arguments(tool.get("result")), is_error=status != "completed", thread=thread)
