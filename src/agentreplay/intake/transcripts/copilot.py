"""GitHub Copilot CLI: a file of events for each session, sub-agents among them under ids of their own.

What a call used is told before what it said, and both name the call. Versions before 1.0 did not write down what was
used; there tokens are unknown.
"""

from collections.abc import Mapping
from pathlib import Path, PurePath

from agentreplay.intake.dialects.tokens import inclusive
from agentreplay.intake.providers.wire import arguments, count, mapping, mappings, parse, text
from agentreplay.intake.transcripts.edits import PATHS, edited, is_edit
from agentreplay.intake.transcripts.identity import span_of
from agentreplay.intake.transcripts.lines import Line
from agentreplay.intake.transcripts.place import MAIN
from agentreplay.intake.transcripts.reader import Identity, moment
from agentreplay.intake.transcripts.state import Draft, Thread
from agentreplay.intake.transcripts.story import Story
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

__all__ = ["COPILOT", "Copilot"]

_BESIDE = frozenset("session assistant tool subagent hook permission skill system user abort command mcp".split())
"""How the kinds of events begin that are no part of the conversation, or are told in more than one event."""
_TOLD = ("allowAllPermissionMode", "newModel", "reason", "turnId", "durationMs", "mode")


class Copilot:
    """The reader."""

    name = "copilot"
    is_lines = True
    provider = None
    sees = "reasoning, sub-agents, edits, exit codes, changes of models and permissions"

    def homes(self, home: Path, environment: Mapping[str, str]) -> list[Path]:
        told = environment.get("COPILOT_HOME")
        return [(Path(told).expanduser() if told else home / ".copilot") / "session-state"]

    def patterns(self) -> tuple[str, ...]:
        return ("**/*.jsonl",)

    def identify(self, path: PurePath, head: bytes) -> Identity | None:
        first = mapping(parse(head.partition(b"\n")[0]))
        if path.suffix != ".jsonl" or first.get("type") != "session.start":
            return None
        session = text(mapping(first.get("data")).get("sessionId"))
        return Identity(session, MAIN, moment(first.get("timestamp")) or 0) if session else None

    def read(self, story: Story, line: Line) -> None:
        story.begin(line)
        told = mapping(parse(line.data))
        data = mapping(told.get("data"))
        story.at(moment(told.get("timestamp")))
        kind, agent = text(told.get("type")), text(told.get("agentId"))
        if kind == "subagent.started":
            _set_to_work(story, agent, data)
            return
        thread = story.begin_agent(agent, "", None) if agent else story.thread()
        match kind:
            case "user.message":
                _hear(story, thread, data)
            case "system.message":
                story.hear(thread, {"role": "system", "content": data.get("content")})
            case "session.usage_record":
                _use(story, thread, mapping(data.get("usage")))
            case "assistant.message":
                _answer(story, thread, data)
            case "assistant.turn_end":
                story.end_answer(thread)
            case "tool.execution_start":
                _call(story, thread, data, text(data.get("toolName")))
            case "tool.execution_complete":
                _result(story, thread, data)
            case _:
                _note(story, thread, kind, data)


COPILOT = Copilot()


def _note(story: Story, thread: Thread, kind: str, data: dict[str, Value]) -> None:
    if kind.partition(".")[0] not in _BESIDE:
        story.unknown(kind)
        return
    if kind == "session.start":
        story.fact("version", data.get("copilotVersion"))
        context = mapping(data.get("context"))
        for name in ("cwd", "branch"):
            story.fact(name, context.get(name))
    elif kind == "session.title_changed":
        story.fact("title", data.get("title"))
    told = {name: data[name] for name in _TOLD if isinstance(data.get(name), str | int | float)}
    story.note(kind, told, thread)
    if kind in {"subagent.completed", "subagent.failed"}:
        story.end_agent(thread.key)


def _set_to_work(story: Story, agent: str, data: dict[str, Value]) -> None:
    call = text(data.get("toolCallId"))
    thread = story.begin_agent(agent or call, text(data.get("agentName")), span_of("tool", call) if call else None, "")
    thread.last = story.time


def _hear(story: Story, thread: Thread, data: dict[str, Value]) -> None:
    """What the person asks, and the agent of a sub-agent; the model is told more than was asked."""
    words = text(data.get("content"))
    message: Value = {"role": "user", "content": text(data.get("transformedContent")) or words}
    if thread.key == MAIN:
        story.prompt(text(data.get("messageId")), message, words)
    else:
        story.note("request", None, thread)
        story.hear(thread, message)


def _use(story: Story, thread: Thread, told: dict[str, Value]) -> None:
    draft = story.answer(thread, text(told.get("apiCallId")), [], text(told.get("model")) or None)
    draft.use(_usage(told))


def _usage(told: dict[str, Value]) -> Usage | None:
    return inclusive(
        count(told.get("inputTokens")),
        count(told.get("outputTokens")),
        cache_read=count(told.get("cacheReadTokens")),
        cache_write=count(told.get("cacheWriteTokens")),
        reasoning=count(told.get("reasoningTokens")),
    )


def _answer(story: Story, thread: Thread, data: dict[str, Value]) -> None:
    calls = mappings(data.get("toolRequests"))
    parts: list[Value] = []
    if thought := text(data.get("reasoningText")):
        parts.append({"type": "thinking", "thinking": thought})
    if words := text(data.get("content")):
        parts.append({"type": "text", "text": words})
    for call in calls:
        given = {"id": call.get("toolCallId"), "name": call.get("name"), "input": call.get("arguments")}
        parts.append({"type": "tool_use", **given})
    key = text(data.get("apiCallId")) or text(data.get("messageId"))
    story.answer(thread, key, parts, text(data.get("model")) or None)
    for call in calls:
        _call(story, thread, call, text(call.get("name")))


def _call(story: Story, thread: Thread, told: dict[str, Value], tool: str) -> None:
    """It is told of when the model wants it and when it begins; the first counts."""
    key = text(told.get("toolCallId"))
    if story.is_called(key):
        story.attach(thread)
        return
    given = arguments(told.get("arguments"))
    draft = story.call(thread, key, tool, given)
    draft.attributes["tool_use_id"] = key
    if is_edit(tool):
        draft.arguments = given


def _result(story: Story, thread: Thread, data: dict[str, Value]) -> None:
    key, is_error = text(data.get("toolCallId")), data.get("success") is False
    output = mapping(data.get("result")).get("content")
    if is_error and output is None:
        output = mapping(data.get("error")).get("message")
    draft = story.result(key, output, is_error=is_error, thread=thread)
    code = mapping(data.get("shellExecution")).get("exitCode")
    if isinstance(code, int):
        draft.attributes["exit_code"] = code
    story.hear(thread, {"role": "tool", "tool_call_id": key, "content": output})
    if not is_error:
        _follow_file(story, draft)
    draft.arguments = None


def _follow_file(story: Story, draft: Draft) -> None:
    given = mapping(draft.arguments)
    path = next((text(given.get(name)) for name in PATHS if text(given.get(name))), "")
    if path:
        before = story.texts.of(path)
        story.edit(draft, path, before, edited(draft.tool or "", given, before))
