"""OpenCode: a session with its messages and their parts, as `opencode export` writes it.

Out of its database, or of the folder of older versions, a session comes here put together in the same way.
Sub-agents are sessions of their own there; here they stand below the call that set them to work. Tokens are told for
each answer, in buckets that exclude each other, and so is what it cost.
"""

import re
from collections.abc import Mapping
from pathlib import Path, PurePath

from agentreplay.intake.dialects.tokens import dollars, exclusive
from agentreplay.intake.providers.wire import count, mapping, mappings, parse, text, to_json
from agentreplay.intake.transcripts.edits import PATHS, edited, is_edit
from agentreplay.intake.transcripts.identity import span_of
from agentreplay.intake.transcripts.lines import Line
from agentreplay.intake.transcripts.place import MAIN
from agentreplay.intake.transcripts.reader import Identity, moment, said
from agentreplay.intake.transcripts.state import Draft, Thread
from agentreplay.intake.transcripts.story import Story
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

__all__ = ["OPENCODE", "OPENCODE_STORE", "OpenCode", "OpenCodeStore"]

_CREATED = re.compile(rb'"created"\s*:\s*([0-9]{1,15})')


class OpenCode:
    """The reader."""

    name = "opencode"
    is_lines = False
    provider = None
    sees = "reasoning, sub-agents, edits, todo lists, its own costs"

    def homes(self, home: Path, environment: Mapping[str, str]) -> list[Path]:
        """An export lies wherever somebody saved it; older versions have a folder of sessions."""
        return [_data(home, environment) / "storage" / "session"]

    def patterns(self) -> tuple[str, ...]:
        return ("**/ses_*.json",)

    def identify(self, path: PurePath, head: bytes) -> Identity | None:
        if path.suffix != ".json" or b'"ses_' not in head:
            return None
        start = head.find(b'"messages"')
        if start < 0 or b'"parts"' not in head:
            return None
        told = mapping(parse(head[:start].rstrip().rstrip(b",") + b"}"))
        session = text(told.get("sessionID")) or text(mapping(told.get("info")).get("id"))
        first = _CREATED.search(head)
        return Identity(session, MAIN, 0 if first is None else moment(int(first[1])) or 0) if session else None

    def read(self, story: Story, line: Line) -> None:
        told = mapping(parse(line.data))
        _read(story, told, story.thread(story.place.thread))


class OpenCodeStore(OpenCode):
    """The reader of what was taken out of the database."""

    def homes(self, home: Path, environment: Mapping[str, str]) -> list[Path]:
        return [_data(home, environment)]

    def patterns(self) -> tuple[str, ...]:
        return ("opencode.db",)


OPENCODE = OpenCode()
OPENCODE_STORE = OpenCodeStore()


def _data(home: Path, environment: Mapping[str, str]) -> Path:
    told = environment.get("XDG_DATA_HOME")
    return (Path(told) if told else home / ".local" / "share") / "opencode"


def _began(told: dict[str, Value]) -> int:
    return moment(mapping(told.get("time")).get("created")) or 0


def _read(story: Story, told: dict[str, Value], thread: Thread) -> None:
    info = mapping(told.get("info")) or {name: item for name, item in told.items() if name != "messages"}
    if thread.key == MAIN or "messages" in told:
        rest = {name: item for name, item in told.items() if name not in {"messages", "childSessions"}}
        story.begin(Line(0, to_json(rest)))
        story.at(_began(info))
        if thread.key == MAIN:
            story.fact("title", info.get("title"))
            story.fact("cwd", info.get("directory"))
            story.fact("version", info.get("version"))
        story.note("session", None, thread)
    for number, message in enumerate(mappings(told.get("messages")), 1):
        story.begin(Line(number, to_json(message)))
        _message(story, thread, mapping(message.get("info")), mappings(message.get("parts")))
    for child in mappings(told.get("childSessions")):
        _child(story, child)


def _child(story: Story, child: dict[str, Value]) -> None:
    info = mapping(child.get("info"))
    key, call = text(child.get("sessionID")) or text(info.get("id")), text(child.get("parentCallID"))
    story.begin(Line(0, to_json({name: item for name, item in child.items() if name != "messages"})))
    story.at(_began(info))
    below = span_of("tool", call) if call else None
    thread = story.begin_agent(key, text(info.get("agent")), below)
    thread.last = story.time
    _read(story, {"info": info, **child}, thread)
    story.end_agent(key)


def _message(story: Story, thread: Thread, info: dict[str, Value], parts: list[dict[str, Value]]) -> None:
    times = mapping(info.get("time"))
    story.at(moment(times.get("created")))
    role, key = text(info.get("role")), text(info.get("id"))
    if role == "user":
        message: Value = {"role": "user", "content": parts}
        if thread.key == MAIN:
            story.prompt(key, message, said(parts))
        else:
            story.hear(thread, message)
            story.note("request", None, thread)
    elif role == "assistant":
        _answer(story, thread, info, parts)
    else:
        story.unknown(f"message of {role}")


def _answer(story: Story, thread: Thread, info: dict[str, Value], parts: list[dict[str, Value]]) -> None:
    thread.last = story.time
    draft = story.answer(thread, text(info.get("id")), parts, text(info.get("modelID")) or None)
    draft.provider = text(info.get("providerID")) or draft.provider
    draft.use(_usage(mapping(info.get("tokens"))))
    if info.get("cost"):
        draft.cost = dollars(info["cost"])
    if reason := text(info.get("finish")):
        draft.attributes["stop_reason"] = reason
    if error := mapping(info.get("error")):
        draft.status = "error"
        draft.status_message = story.outbox.text(text(error.get("name")) or "error")
    done = moment(mapping(info.get("time")).get("completed"))
    tools = [part for part in parts if part.get("type") == "tool"]
    ends = [moment(mapping(mapping(part.get("state")).get("time")).get("start")) for part in tools]
    # The answer is complete when its tools begin; what is told as its completion counts them in.
    told = [end for end in ends if end is not None] or ([done] if done is not None else [])
    draft.last = max(draft.last, min(told, default=draft.last))
    for part in tools:
        _call(story, thread, part)
    story.at(done)


def _call(story: Story, thread: Thread, part: dict[str, Value]) -> None:
    state = mapping(part.get("state"))
    times = mapping(state.get("time"))
    key, tool, status = (
        text(part.get("callID")) or text(part.get("id")),
        text(part.get("tool")),
        text(state.get("status")),
    )
    story.at(moment(times.get("start")))
    given = state.get("input")
    draft = story.call(thread, key, tool, given)
    draft.attributes["tool_use_id"] = key
    if tool == "todowrite" and (todos := mapping(given).get("todos")):
        story.hold(draft, "todos", todos)
    if status not in {"completed", "error"}:
        return
    story.at(moment(times.get("end")))
    output = state.get("output", state.get("error"))
    done = story.result(key, output, is_error=status == "error", thread=thread)
    path = next((text(mapping(given).get(name)) for name in PATHS if text(mapping(given).get(name))), "")
    if status == "completed" and path and is_edit(tool):
        _follow_file(story, done, tool, path, mapping(given))


def _follow_file(story: Story, draft: Draft, tool: str, path: str, given: dict[str, Value]) -> None:
    before = story.texts.of(path)
    story.edit(draft, path, before, edited(tool, given, before))


def _usage(told: dict[str, Value]) -> Usage | None:
    cache = mapping(told.get("cache"))
    return exclusive(
        input=count(told.get("input")),
        cache_read=count(cache.get("read")),
        cache_write_5m=count(cache.get("write")),
        output=count(told.get("output")),
        reasoning=count(told.get("reasoning")),
    )
