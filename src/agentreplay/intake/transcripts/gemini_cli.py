"""Gemini CLI: a chat for each session, as one document in older versions and line by line in newer ones.

A message that was written before may be written again with more in it; what was told of it stays, and only what is
new is added. Tokens are told for each answer, those from the cache among those that were read. Hooks are told no ids of
prompts and calls; they are known there by what was asked.
"""

from collections.abc import Mapping
from pathlib import Path, PurePath

from agentreplay.intake.dialects import tokens
from agentreplay.intake.providers.wire import count, mapping, mappings, parse, sequence, text, to_json
from agentreplay.intake.transcripts.edits import PATHS, edited, is_edit
from agentreplay.intake.transcripts.lines import Line
from agentreplay.intake.transcripts.naming import named_call, named_prompt
from agentreplay.intake.transcripts.place import MAIN
from agentreplay.intake.transcripts.reader import Identity, moment, said
from agentreplay.intake.transcripts.state import Draft, Thread
from agentreplay.intake.transcripts.story import Story
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

__all__ = ["GEMINI_CLI", "GEMINI_CLI_DOCUMENT", "GeminiCli", "GeminiCliDocument"]

_FINAL = {"success": False, "error": True, "cancelled": True}
"""Whether a call that came to this is a failure."""
_PATTERN = "**/chats/session-*"


class GeminiCli:
    """The reader of lines."""

    name = "gemini"
    is_lines = True
    provider = "gcp.gemini"
    sees = "thoughts, rewinds, edits, cancelled calls"

    def homes(self, home: Path, environment: Mapping[str, str]) -> list[Path]:  # noqa: ARG002 - of the port
        return [home / ".gemini" / "tmp"]

    def patterns(self) -> tuple[str, ...]:
        return (f"{_PATTERN}.jsonl",)

    def identify(self, path: PurePath, head: bytes) -> Identity | None:
        return _identity(path, mapping(parse(head.partition(b"\n")[0]))) if path.suffix == ".jsonl" else None

    def read(self, story: Story, line: Line) -> None:
        story.begin(line)
        told = mapping(parse(line.data))
        if "sessionId" in told:
            _begin(story, told)
        elif "$rewindTo" in told:
            if not story.go_on_from(_thread(story), text(told["$rewindTo"])):
                story.end_answer(_thread(story))
            story.note("rewound")
        elif "$set" in told:
            story.fact("title", mapping(told["$set"]).get("summary"))
            story.note("set")
        else:
            _message(story, told)


class GeminiCliDocument:
    """The reader of whole chats."""

    name = GeminiCli.name
    is_lines = False
    provider = GeminiCli.provider
    sees = GeminiCli.sees

    def homes(self, home: Path, environment: Mapping[str, str]) -> list[Path]:
        return GEMINI_CLI.homes(home, environment)

    def patterns(self) -> tuple[str, ...]:
        return (f"{_PATTERN}.json",)

    def identify(self, path: PurePath, head: bytes) -> Identity | None:
        start = head.find(b'"messages"')
        if path.suffix != ".json" or start < 0:
            return None
        return _identity(path, mapping(parse(head[:start].rstrip().rstrip(b",") + b"}")))

    def read(self, story: Story, line: Line) -> None:
        told = mapping(parse(line.data))
        story.begin(Line(0, to_json({name: item for name, item in told.items() if name != "messages"})))
        _begin(story, told)
        for number, message in enumerate(sequence(told.get("messages")), 1):
            story.begin(Line(number, to_json(message)))
            _message(story, mapping(message))


GEMINI_CLI = GeminiCli()
GEMINI_CLI_DOCUMENT = GeminiCliDocument()


def _identity(path: PurePath, told: dict[str, Value]) -> Identity | None:
    session = text(told.get("sessionId"))
    if not session or not ("startTime" in told or "projectHash" in told):
        return None
    thread = path.stem if told.get("kind") == "subagent" else MAIN
    return Identity(session, thread, moment(told.get("startTime")) or 0)


def _thread(story: Story) -> Thread:
    own = story.place.thread
    return story.begin_agent(own, "sub-agent", None) if own else story.thread()


def _begin(story: Story, told: dict[str, Value]) -> None:
    story.at(moment(told.get("startTime")))
    story.fact("title", told.get("summary"))
    directories = sequence(told.get("directories"))
    story.fact("cwd", directories[0] if directories else None)
    story.note("chat")


def _message(story: Story, told: dict[str, Value]) -> None:
    story.at(moment(told.get("timestamp")))
    thread, kind, key = _thread(story), text(told.get("type")), text(told.get("id"))
    words = said(told.get("content"), ("text",)) or "\n".join(
        text(part.get("text")) for part in mappings(told.get("content"))
    )
    if kind == "user":
        message: Value = {"role": "user", "content": told.get("content")}
        if results := _results(told):
            _hear(story, thread, message, results)
        elif thread.key:
            story.hear(thread, message)
            story.note("request", None, thread)
        else:
            story.prompt(key, message, words, named_prompt(story, words))
    elif kind == "gemini":
        _answer(story, thread, told, words)
    elif kind in {"info", "error", "warning"}:
        story.note(kind, {"content": words[:1_000]}, thread)
    else:
        story.unknown(kind)
    if key:
        story.mark(thread, key)


def _results(told: dict[str, Value]) -> list[dict[str, Value]]:
    """The results of tools that newer versions tell as a message of the user, if it is one."""
    parts = mappings(told.get("content"))
    return [mapping(part.get("functionResponse")) for part in parts if "functionResponse" in part]


def _hear(story: Story, thread: Thread, message: Value, results: list[dict[str, Value]]) -> None:
    """They stand at their calls too, in most cases; then the model was told of them there."""
    new = [result for result in results if not story.is_answered(text(result.get("id")))]
    for result in new:
        output = mapping(result.get("response"))
        story.result(text(result.get("id")), output.get("output", output), thread=thread)
    if new:
        story.hear(thread, message)
    else:
        story.attach(thread)


def _answer(story: Story, thread: Thread, told: dict[str, Value], words: str) -> None:
    calls = mappings(told.get("toolCalls"))
    parts: list[Value] = [{"thought": True, "text": _thought(one)} for one in mappings(told.get("thoughts"))]
    parts += [{"text": words}] if words else []
    parts += [
        {"functionCall": {"name": one.get("name"), "args": one.get("args"), "id": one.get("id")}} for one in calls
    ]
    draft = story.answer(thread, text(told.get("id")), [], text(told.get("model")) or None)
    draft.message = parts
    draft.use(_usage(mapping(told.get("tokens"))))
    for call in calls:
        _call(story, thread, call)


def _thought(told: dict[str, Value]) -> str:
    return "\n".join(line for line in (text(told.get("subject")), text(told.get("description"))) if line)


def _call(story: Story, thread: Thread, told: dict[str, Value]) -> None:
    key, tool, status = text(told.get("id")), text(told.get("name")), text(told.get("status"))
    if story.is_answered(key):
        return
    if not story.is_called(key):
        draft = story.call(thread, key, tool, told.get("args"), named_call(story, tool, told.get("args")))
        draft.attributes["tool_use_id"] = key
    if status not in _FINAL:
        return
    story.at(moment(told.get("timestamp")))
    result = told.get("result")
    shown = told.get("resultDisplay")
    output = shown if isinstance(shown, str) and shown else result
    done = story.result(key, output, is_error=_FINAL[status], thread=thread)
    if not _FINAL[status]:
        _follow_file(story, done, tool, mapping(told.get("args")), mapping(shown))
    story.hear(thread, {"role": "tool", "tool_call_id": key, "content": result})


def _follow_file(story: Story, draft: Draft, tool: str, given: dict[str, Value], shown: dict[str, Value]) -> None:
    path = next((text(given.get(name)) for name in PATHS if text(given.get(name))), "")
    if not path or not is_edit(tool):
        return
    original, new = shown.get("originalContent"), shown.get("newContent")
    before = original if isinstance(original, str) else story.texts.of(path)
    story.edit(draft, path, before, new if isinstance(new, str) else edited(tool, given, before))


def _usage(told: dict[str, Value]) -> Usage | None:
    return tokens.gemini_cli(
        read=count(told.get("input")),
        cached=count(told.get("cached")),
        tools=count(told.get("tool")),
        written=count(told.get("output")),
        thought=count(told.get("thoughts")),
    )
