"""Claude Code: a file of lines for each session, whose lines are a graph and not a list.

Each line names the one before it, so that going back and trying again leaves both ways in the file. One answer of
the API is told in several lines, each with what it used so far. A sub-agent talks in a file of its own, or in older
versions between the lines of the session.
"""

import re
from collections.abc import Mapping
from pathlib import Path, PurePath

from agentreplay.intake.dialects.tokens import exclusive
from agentreplay.intake.providers.wire import count, mapping, mappings, parse, sequence, text, to_json
from agentreplay.intake.transcripts.edits import PATHS, edited, is_edit
from agentreplay.intake.transcripts.identity import digest_of
from agentreplay.intake.transcripts.lines import Line
from agentreplay.intake.transcripts.place import MAIN
from agentreplay.intake.transcripts.reader import Identity, moment, said
from agentreplay.intake.transcripts.state import Draft, Thread
from agentreplay.intake.transcripts.story import Story
from agentreplay.model.ids import SpanId
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

__all__ = ["CLAUDE_CODE", "CLAUDE_CODE_EXPORT", "ClaudeCode", "ClaudeCodeExport"]

_KNOWN = frozenset(
    "attachment progress file-history-snapshot queue-operation agent-setting mode permission-mode pr-link last-prompt "
    "bridge-session system agent-name tag".split()
)
"""Kinds of lines that are no part of the conversation."""
_TITLES = {"custom-title": "customTitle", "ai-title": "aiTitle", "summary": "summary"}
_AGENTS = frozenset({"Task", "Agent"})
_FACTS = {"cwd": "cwd", "version": "version", "gitBranch": "branch", "entrypoint": "entrypoint"}
_NO_PROMPT = ("<local-command-std", "Caveat: The messages below", "[Request interrupted", "<bash-std", "<task-notif")
_DENIED = re.compile(r"user doesn't want to proceed|requested permissions to|haven't granted|was rejected|denied by")
_COMMAND = re.compile(r"<command-name>\s*([^<\s][^<]*?)\s*</command-name>")
_TOLD_ELSEWHERE = re.compile(r"tool-results[/\\]([\w.-]+)")
_HEAD = re.compile(rb'"(sessionId|agentId|timestamp)"\s*:\s*"([^"\\]{1,200})"')
_SYNTHETIC = "<synthetic>"


class ClaudeCode:
    """The reader."""

    name = "claude-code"
    is_lines = True
    provider = "anthropic"
    sees = "thinking, sub-agents, rewinds and forks, compaction, edits, todo lists, permissions, hooks, cache writes"

    def homes(self, home: Path, environment: Mapping[str, str]) -> list[Path]:
        """`CLAUDE_CONFIG_DIR` may name several."""
        told = [Path(one.strip()).expanduser() for one in environment.get("CLAUDE_CONFIG_DIR", "").split(",") if one]
        return [folder / "projects" for folder in told or (home / ".claude", home / ".config" / "claude")]

    def patterns(self) -> tuple[str, ...]:
        return ("**/*.jsonl",)

    def identify(self, path: PurePath, head: bytes) -> Identity | None:
        told = {name.decode(): value.decode("utf-8", "replace") for name, value in reversed(_HEAD.findall(head))}
        session = told.get("sessionId")
        if session is None or path.suffix != ".jsonl" or b'"type"' not in head or b'"payload"' in head[:2_000]:
            return None
        first = mapping(parse(head.partition(b"\n")[0]))
        born = moment(told.get("timestamp")) or 0
        if path.name.startswith("agent-") or path.parent.name == "subagents" or first.get("isSidechain") is True:
            return Identity(session, told.get("agentId") or path.stem.removeprefix("agent-"), born)
        return Identity(session, MAIN, born)

    def read(self, story: Story, line: Line) -> None:
        story.begin(line)
        _read(story, parse(line.data))


class ClaudeCodeExport:
    """The reader of what Claude Code on the web gives away: the lines as a list in one document, without most ids."""

    name = ClaudeCode.name
    is_lines = False
    provider = ClaudeCode.provider
    sees = ClaudeCode.sees

    def homes(self, home: Path, environment: Mapping[str, str]) -> list[Path]:  # noqa: ARG002 - of the port
        """It lies wherever somebody saved it."""
        return []

    def patterns(self) -> tuple[str, ...]:
        return ()

    def identify(self, path: PurePath, head: bytes) -> Identity | None:
        if path.suffix != ".json" or b'"loglines"' not in head[:1_000]:
            return None
        told = {name.decode(): value.decode("utf-8", "replace") for name, value in reversed(_HEAD.findall(head))}
        return Identity(told.get("sessionId") or path.stem, MAIN, moment(told.get("timestamp")) or 0)

    def read(self, story: Story, line: Line) -> None:
        for number, record in enumerate(sequence(mapping(parse(line.data)).get("loglines"))):
            story.begin(Line(number, to_json(record)))
            _read(story, record)


CLAUDE_CODE = ClaudeCode()
CLAUDE_CODE_EXPORT = ClaudeCodeExport()


def _read(story: Story, record: Value) -> None:
    if not isinstance(record, dict):
        story.unknown("no object")
        return
    told = mapping(record)
    story.at(moment(told.get("timestamp")))
    facts = story.state.facts
    for name, fact in _FACTS.items():
        # Each line tells them again.
        if name in told and told[name] != facts.get(fact):
            story.fact(fact, told[name])
    kind = text(told.get("type"))
    if kind in {"user", "assistant"} and isinstance(told.get("message"), dict):
        _say(story, kind, told)
    elif kind in _TITLES:
        _entitle(story, kind, told)
    else:
        _note(story, kind, told)


def _say(story: Story, kind: str, told: dict[str, Value]) -> None:
    """A line of the conversation."""
    thread = _thread(story, told)
    uuid, parent = text(told.get("uuid")), text(told.get("parentUuid"))
    message = mapping(told["message"])
    is_root = not parent and (told.get("isCompactSummary") is True or (kind == "user" and not _results(message)))
    is_elsewhere = False
    if parent or (is_root and uuid):
        is_elsewhere = story.go_on_from(thread, parent or None)
    if kind == "assistant":
        _answer(story, thread, told, message)
    else:
        _hear(story, thread, told, message, is_rewound=is_elsewhere and bool(parent))
    if uuid:
        story.mark(thread, uuid)


def _thread(story: Story, told: dict[str, Value]) -> Thread:
    """On which thread the line is said; the first line of a sub-agent begins one."""
    own = story.place.thread
    if not own and told.get("isSidechain") is not True:
        return story.thread()
    key = own or text(told.get("agentId"))
    notes = story.state.notes
    if not key:
        # In older versions only the graph tells which sub-agent it is.
        parent = text(told.get("parentUuid"))
        key = text(notes.get(f"thread {parent}")) or text(told.get("uuid")) or "side"
        notes[f"thread {text(told.get('uuid'))}"] = key
    if key not in story.state.threads:
        prompt = said(mapping(told.get("message")).get("content"))
        session = story.place.session
        below = story.claims.find(f"{session} agent {key}") or story.claims.find(
            f"{session} prompt {digest_of(prompt)}"
        )
        span, _, name = (below or "").partition(" ")
        thread = story.begin_agent(
            key, text(told.get("attributionAgent")) or name, SpanId(span) if span else None, prompt
        )
        if span:
            notes[f"below {span}"] = key
        return thread
    return story.thread(key)


def _answer(story: Story, thread: Thread, told: dict[str, Value], message: dict[str, Value]) -> None:
    parts = sequence(message.get("content"))
    if isinstance(message.get("content"), str):
        parts = [{"type": "text", "text": message["content"]}]
    model = text(message.get("model"))
    request = text(told.get("requestId"))
    draft = story.answer(thread, text(message.get("id")), parts, None if model == _SYNTHETIC else model, request)
    draft.use(_usage(mapping(message.get("usage"))), _tier(mapping(message.get("usage"))))
    for name, field in (("request_id", "requestId"), ("message_id", "id")):
        if value := text(told.get(field) or message.get(field)):
            draft.attributes[name] = value
    if reason := text(message.get("stop_reason")):
        draft.attributes["stop_reason"] = reason
    if told.get("isApiErrorMessage") is True:
        draft.status, draft.status_message = "error", story.outbox.text(said(parts)[:200])
    for part in mappings(parts):
        if part.get("type") == "tool_use":
            _call(story, thread, part)


def _call(story: Story, thread: Thread, part: dict[str, Value]) -> None:
    tool, arguments = text(part.get("name")), part.get("input")
    draft = story.call(thread, text(part.get("id")), tool, arguments)
    draft.attributes["tool_use_id"] = text(part.get("id"))
    if is_edit(tool):
        draft.arguments = arguments
    elif tool in _AGENTS:
        given = mapping(arguments)
        kind = text(given.get("subagent_type")) or "sub-agent"
        key = f"{story.place.session} prompt {digest_of(text(given.get('prompt')))}"
        story.claims.claim(key, f"{draft.id} {kind}")
    elif tool == "TodoWrite" and (todos := sequence(mapping(arguments).get("todos"))):
        story.hold(draft, "todos", todos)


def _hear(story: Story, thread: Thread, told: dict[str, Value], message: dict[str, Value], *, is_rewound: bool) -> None:
    content = message.get("content")
    given: Value = {"role": "user", "content": content}
    results = _results(message)
    for result in results:
        _result(story, thread, result, told.get("toolUseResult") if len(results) == 1 else None)
    words = said(content)
    if results:
        story.hear(thread, given)
    elif told.get("isCompactSummary") is True:
        story.note("compaction summary", None, thread)
        story.hear(thread, given)
    elif content is None:
        story.unknown("user without content")
    elif thread.key != MAIN or told.get("isMeta") is True or words.startswith(_NO_PROMPT):
        story.note("interrupted" if words.startswith("[Request interrupted") else "told beside", None, thread)
        story.hear(thread, given)
    else:
        command = _COMMAND.search(words)
        named = text(told.get("promptId"))
        draft = story.prompt(text(told.get("uuid")), given, command[1] if command else words, named)
        if is_rewound:
            draft.attributes["transcript.rewound"] = True


def _results(message: dict[str, Value]) -> list[dict[str, Value]]:
    return [part for part in mappings(message.get("content")) if part.get("type") == "tool_result"]


def _result(story: Story, thread: Thread, result: dict[str, Value], detail: Value) -> None:
    output = result.get("content")
    words = said(output)
    is_plain = all(part.get("type") == "text" for part in mappings(output)) or isinstance(output, str)
    is_error = result.get("is_error") is True
    draft = story.result(
        text(result.get("tool_use_id")), words if is_plain else output, is_error=is_error, thread=thread
    )
    if is_error and _DENIED.search(words):
        draft.attributes["permission"] = "denied"
    for name in _TOLD_ELSEWHERE.findall(words[:4_000])[:1]:
        if (whole := story.place.beside(name)) is not None:
            story.hold(draft, "output", whole.decode("utf-8", "replace"))
    told = mapping(detail)
    if draft.tool in _AGENTS:
        if agent := text(told.get("agentId")):
            story.claims.claim(f"{story.place.session} agent {agent}", f"{draft.id} {text(told.get('agentType'))}")
        story.end_agent(text(story.state.notes.pop(f"below {draft.id}", "")) or text(told.get("agentId")))
    elif not is_error:
        _follow_file(story, draft, told)


def _follow_file(story: Story, draft: Draft, told: dict[str, Value]) -> None:
    """What the call read or wrote of a file."""
    if draft.tool == "Read":
        file = mapping(told.get("file"))
        total = count(file.get("totalLines"))
        if file.get("startLine") == 1 and count(file.get("numLines")) >= total > 0:
            story.texts.see(text(file.get("filePath")), text(file.get("content")))
        return
    arguments, draft.arguments = mapping(draft.arguments), None
    path = next((text(arguments.get(name)) for name in PATHS if text(arguments.get(name))), "")
    if not path:
        return
    original = told.get("originalFile")
    before = original if isinstance(original, str) else None if told.get("type") == "create" else story.texts.of(path)
    story.edit(draft, path, before, edited(draft.tool or "", arguments, before))


def _entitle(story: Story, kind: str, told: dict[str, Value]) -> None:
    title = told.get(_TITLES[kind])
    facts = story.state.facts
    # A summary may be that of another session, of which this one goes on.
    is_ours = kind != "summary" or text(told.get("leafUuid")) in story.state.nodes
    if is_ours and (kind == "custom-title" or "named" not in facts):
        story.fact("title", title)
    if kind == "custom-title":
        story.fact("named", "yes")
    story.note(kind)


def _note(story: Story, kind: str, told: dict[str, Value]) -> None:
    """A line beside the conversation; where it stands in the graph, the conversation may go on from it."""
    uuid, parent = text(told.get("uuid")), text(told.get("parentUuid"))
    if uuid and parent and parent in story.state.nodes:
        story.state.nodes[uuid] = story.state.nodes[parent]
    elif uuid and kind in _KNOWN:
        _go_along(story, uuid, parent)
    if kind not in _KNOWN:
        story.unknown(kind)
        return
    part = text(told.get("subtype")) or text(mapping(told.get("attachment")).get("type"))
    attributes: dict[str, Value] = {}
    for name in ("durationMs", "permissionMode", "mode", "operation", "prUrl", "hookCount", "hookErrors"):
        if isinstance(told.get(name), str | int | float):
            attributes[name] = told[name]
    compacted = mapping(told.get("compactMetadata"))
    attributes |= {name: compacted[name] for name in ("trigger", "preTokens") if name in compacted}
    story.fact("permissions", told.get("permissionMode"))
    story.note(f"{kind}: {part}" if part else kind, attributes)


def _go_along(story: Story, uuid: str, parent: str) -> None:
    """It stands behind a message that is still written, or at the beginning."""
    for thread in story.state.threads.values():
        if parent in thread.open_nodes:
            thread.open_nodes.append(uuid)
            return
    story.state.nodes[uuid] = None


def _usage(told: dict[str, Value]) -> Usage | None:
    kept = mapping(told.get("cache_creation"))
    hour = count(kept.get("ephemeral_1h_input_tokens"))
    return exclusive(
        input=count(told.get("input_tokens")),
        cache_read=count(told.get("cache_read_input_tokens")),
        cache_write_5m=max(0, count(told.get("cache_creation_input_tokens")) - hour),
        cache_write_1h=hour,
        output=count(told.get("output_tokens")),
    )


def _tier(told: dict[str, Value]) -> str | None:
    tier = text(told.get("service_tier"))
    return None if tier in {"", "standard", "default"} else tier
