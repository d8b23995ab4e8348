"""Codex CLI: a rollout for each session, a line for each item that went to or came from the model, and each event.

A fork and a sub-agent begin with a copy of all their parent said, tokens included. What a call used is told behind it,
together with what all calls used so far; by that sum a copy is known, because no two calls of a session share one.
"""

import re
from collections.abc import Mapping
from pathlib import Path, PurePath

from agentreplay.intake.dialects.tokens import inclusive
from agentreplay.intake.providers.wire import arguments, count, mapping, mappings, parse, sequence, text
from agentreplay.intake.transcripts.identity import digest_of
from agentreplay.intake.transcripts.lines import Line
from agentreplay.intake.transcripts.patches import patched
from agentreplay.intake.transcripts.place import MAIN
from agentreplay.intake.transcripts.reader import Identity, moment, said
from agentreplay.intake.transcripts.state import Draft, Thread
from agentreplay.intake.transcripts.story import Story
from agentreplay.model.ids import SpanId
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

__all__ = ["CODEX", "Codex"]

_KINDS = frozenset(
    "session_meta turn_context response_item event_msg compacted world_state inter_agent_communication"
    " token_usage_record".split()
)
_CALLS = frozenset({"function_call", "custom_tool_call", "local_shell_call", "web_search_call", "tool_search_call"})
_OUTPUTS = frozenset({"function_call_output", "custom_tool_call_output", "tool_search_output"})
_AGAIN = frozenset({"agent_message", "agent_reasoning", "agent_reasoning_raw_content", "agent_message_delta"})
"""Events that say what an item says too."""
_SAID_AGAIN = frozenset({"AgentMessage", "Reasoning"})
"""Items of newer versions that say what a line before or behind them says too."""
_COUNTS = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens", "total_tokens")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


class Codex:
    """The reader."""

    name = "codex"
    is_lines = True
    provider = "openai"
    sees = "reasoning, forks, sub-agents, compaction, files that patches make, plans, policies of approval and sandbox"

    def homes(self, home: Path, environment: Mapping[str, str]) -> list[Path]:
        folder = Path(environment["CODEX_HOME"]).expanduser() if environment.get("CODEX_HOME") else home / ".codex"
        return [folder / "sessions", folder / "archived_sessions"]

    def patterns(self) -> tuple[str, ...]:
        return ("**/rollout-*.jsonl", "**/rollout-*.jsonl.zst", "**/rollout-*.jsonl.gz")

    def identify(self, path: PurePath, head: bytes) -> Identity | None:
        first = mapping(parse(head.partition(b"\n")[0]))
        # The first line may be longer than what was read of it, and is then told by how it begins.
        is_cut = not first and head[:200].lstrip().startswith(b'{"timestamp"') and b'"session_meta"' in head[:200]
        if path.suffix != ".jsonl" or not (is_cut or ("payload" in first and first.get("type") in _KINDS)):
            return None
        meta = mapping(first.get("payload")) if first.get("type") == "session_meta" else {}
        named = _ID.search(path.stem)
        own = text(meta.get("id")) or (named[0] if named else path.stem)
        born = moment(first.get("timestamp")) or 0
        parent = text(meta.get("parent_thread_id"))
        return Identity(parent, own, born) if parent and parent != own else Identity(own, MAIN, born)

    def read(self, story: Story, line: Line) -> None:
        story.begin(line)
        told = mapping(parse(line.data))
        payload = mapping(told.get("payload"))
        story.at(moment(told.get("timestamp")))
        match text(told.get("type")):
            case "session_meta":
                _begin(story, payload)
            case "turn_context":
                _set(story, payload)
            case "response_item":
                _item(story, _thread(story), payload)
            case "event_msg":
                _event(story, _thread(story), payload)
            case "compacted":
                _compact(story, _thread(story), payload)
            case "token_usage_record":
                # The same counts as in the event behind it, but before the results of the tools.
                told = {
                    "last_token_usage": payload.get("usage"),
                    "total_token_usage": payload.get("thread_token_usage"),
                }
                _count(story, _thread(story), told)
            case kind if kind in _KINDS:
                story.note(kind)
            case kind:
                story.unknown(kind)


CODEX = Codex()


def _thread(story: Story) -> Thread:
    own = story.place.thread
    if own and own not in story.state.threads:
        below = story.claims.find(f"{story.place.session} agent {own}")
        return story.begin_agent(own, text(story.state.notes.get("nickname")), SpanId(below) if below else None)
    return story.thread(own)


def _begin(story: Story, meta: dict[str, Value]) -> None:
    notes = story.state.notes
    own = story.place.thread or story.place.session
    if text(meta.get("id")) in {"", own} or "root" not in notes:
        parent = text(meta.get("forked_from_id")) or text(meta.get("parent_thread_id"))
        root = story.claims.find(f"codex root {parent}") or parent or own
        notes["root"] = story.claims.claim(f"codex root {own}", root)
        notes["nickname"] = text(meta.get("agent_nickname")) or text(meta.get("agent_role"))
        git = mapping(meta.get("git"))
        story.fact("version", meta.get("cli_version"))
        story.fact("cwd", meta.get("cwd"))
        story.fact("branch", git.get("branch"))
        story.fact("commit", git.get("commit_hash"))
        story.fact("provider", meta.get("model_provider"))
        story.fact("forked_from", meta.get("forked_from_id"))
        story.fact("entrypoint", meta.get("originator"))
        if instructions := text(mapping(meta.get("base_instructions")).get("text")):
            story.hear(_thread(story), {"role": "system", "content": instructions})
    story.note("session_meta")


def _set(story: Story, payload: dict[str, Value]) -> None:
    story.fact("cwd", payload.get("cwd"))
    story.fact("permissions", payload.get("approval_policy"))
    for name in ("model", "turn_id"):
        if known := text(payload.get(name)):
            story.state.notes[name] = known
    told = {name: payload[name] for name in ("model", "effort", "approval_policy") if text(payload.get(name))}
    story.note("turn_context", told)


def _item(story: Story, thread: Thread, item: dict[str, Value]) -> None:
    kind = text(item.get("type"))
    if kind == "message" and item.get("role") != "assistant":
        story.hear(thread, {"role": item.get("role"), "content": item.get("content")})
    elif kind == "message":
        _say(story, thread, sequence(item.get("content")))
    elif kind == "reasoning":
        _say(story, thread, [item])
    elif kind in _CALLS:
        _say(story, thread, [item])
        _call(story, thread, kind, item)
    elif kind in _OUTPUTS:
        _output(story, thread, item)
    elif kind in {"compaction", "compaction_summary", "ghost_snapshot", "additional_tools", "other"}:
        story.note(kind)
    else:
        story.unknown(f"response_item {kind}")


def _say(story: Story, thread: Thread, parts: list[Value]) -> Draft:
    draft = story.current(thread)
    # A call has no id of its own. All that comes before its tokens are told is one.
    key = text(draft.attributes.get("call")) if draft is not None else f"{story.place.session} {story.state.count}"
    draft = story.answer(thread, key, parts, text(story.state.notes.get("model")) or None)
    draft.attributes["call"] = key
    return draft


def _call(story: Story, thread: Thread, kind: str, item: dict[str, Value]) -> None:
    key = text(item.get("call_id")) or text(item.get("id"))
    tool = text(item.get("name")) or kind.removesuffix("_call")
    given = item.get("arguments", item.get("input", item.get("action")))
    told = arguments(given)
    draft = story.call(thread, key, tool, told)
    draft.attributes["tool_use_id"] = key
    if tool == "update_plan" and (plan := sequence(mapping(told).get("plan"))):
        story.hold(draft, "todos", plan)
    if kind == "web_search_call" and item.get("status") == "completed":
        story.result(key, None, thread=thread)


def _output(story: Story, thread: Thread, item: dict[str, Value]) -> None:
    output = item.get("output")
    told = mapping(output) or mapping(arguments(output))
    body = told.get("output", told.get("content", output))
    words = said(body) if isinstance(body, list) else body
    key = text(item.get("call_id"))
    call = story.state.drafts.get(f"tool {key}")
    code = mapping(told.get("metadata")).get("exit_code", call.attributes.get("exit_code") if call else None)
    is_error = told.get("success") is False or (isinstance(code, int) and code != 0)
    draft = story.result(key, words, is_error=is_error, thread=thread)
    if isinstance(code, int):
        draft.attributes["exit_code"] = code
    story.hear(thread, {"role": "tool", "tool_call_id": key, "content": output})
    if agent := text(mapping(arguments(body)).get("agent_id")):
        story.claims.claim(f"{story.place.session} agent {agent}", draft.id)


def _event(story: Story, thread: Thread, event: dict[str, Value]) -> None:
    kind = text(event.get("type"))
    if kind == "user_message":
        _ask(story, thread, event, text(event.get("message")))
    elif kind == "item_completed":
        _complete(story, thread, event, mapping(event.get("item")))
    elif kind == "token_count":
        _count(story, thread, mapping(event.get("info")))
    elif kind in _AGAIN:
        story.attach(thread)
    elif kind == "patch_apply_end":
        _patched(story, thread, event)
    elif kind:
        names = ("reason", "call_id", "num_turns", "success", "model_context_window")
        story.note(kind, {name: event[name] for name in names if isinstance(event.get(name), str | int)}, thread)
    else:
        story.unknown("event_msg")


def _ask(story: Story, thread: Thread, event: dict[str, Value], words: str) -> None:
    """The person asks; hooks name the prompt by its turn. The model is told of it by an item of its own."""
    if thread.key == MAIN:
        story.prompt("", None, words, text(event.get("turn_id")) or text(story.state.notes.get("turn_id")))
    else:
        story.note(text(event.get("type")), None, thread)


def _complete(story: Story, thread: Thread, event: dict[str, Value], item: dict[str, Value]) -> None:
    """Newer versions tell of prompts, commands and changed files by items that are complete."""
    kind = text(item.get("type"))
    call = story.state.drafts.get(f"tool {text(item.get('id'))}")
    code = item.get("exit_code")
    if kind == "UserMessage":
        _ask(story, thread, event, said(item.get("content")))
    elif kind in _SAID_AGAIN:
        story.attach(thread)
    elif kind == "FileChange":
        done = text(item.get("status")) in {"", "completed"}
        _patched(story, thread, {**item, "call_id": item.get("id"), "success": done})
    else:
        if call is not None and isinstance(code, int):
            call.attributes["exit_code"] = code
        story.note(f"item_completed: {kind}", None, thread)


def _count(story: Story, thread: Thread, info: dict[str, Value]) -> None:
    """What the call before used. It is told again when nothing was used, with the limits of the account."""
    total, last = mapping(info.get("total_token_usage")), mapping(info.get("last_token_usage"))
    notes = story.state.notes
    name = digest_of(" ".join(str(count(total.get(one))) for one in _COUNTS))
    if not (total or last) or (total and notes.get("total") == name):
        story.note("token_count", None, thread)
        if last and not any(count(last.get(one)) for one in _COUNTS):
            # Of a call that says that it used nothing, and is over.
            story.end_answer(thread)
        return
    if model := text(info.get("model")):
        notes["model"] = model
    draft = _say(story, thread, [])
    draft.use(_usage(last or _grown(total, mapping(notes.get("sum")))))
    notes["total"], notes["sum"] = name, {one: count(total.get(one)) for one in _COUNTS}
    if total:
        root = text(notes.get("root")) or story.place.session
        mine = f"{story.place.session} {thread.key}"
        draft.charged = draft.charged and story.claims.claim(f"codex {root} total {name}", mine) == mine
    story.end_answer(thread)


def _grown(total: dict[str, Value], before: dict[str, Value]) -> dict[str, Value]:
    return {one: max(0, count(total.get(one)) - count(before.get(one))) for one in _COUNTS}


def _usage(told: dict[str, Value]) -> Usage | None:
    read, cached, written, thought, _ = (count(told.get(one)) for one in _COUNTS)
    stored = count(told.get("cache_write_input_tokens"))
    return inclusive(read, written, cache_read=cached, cache_write=stored, reasoning=thought)


def _patched(story: Story, thread: Thread, event: dict[str, Value]) -> None:
    """What a patch made of files; of one that was changed only the difference is told."""
    draft = story.state.drafts.get(f"tool {text(event.get('call_id'))}")
    changes = mapping(event.get("changes"))
    if draft is None or event.get("success") is False:
        story.note("patch_apply_end", None, thread)
        return
    for path, change in changes.items():
        before, after, place = _changed(story, path, mapping(change))
        if len(changes) == 1:
            story.edit(draft, path, before, after)
            if place != path:
                story.texts.forget(path)
        else:
            # A span tells the texts of one file.
            story.texts.forget(path)
        if after is not None and (len(changes) > 1 or place != path):
            story.texts.see(place, after)
    draft.attributes["files"] = list(changes)
    story.note("patch_apply_end", None, thread)


def _changed(story: Story, path: str, change: dict[str, Value]) -> tuple[str | None, str | None, str]:
    """The text before and after a change, as far as it is known, and where the file is then."""
    kind, told = text(change.get("type")), change
    for name in ("add", "update", "delete"):
        # In older versions the kind is the name of what is told.
        if isinstance(change.get(name), dict):
            kind, told = name, mapping(change[name])
    content = told["content"] if isinstance(told.get("content"), str) else None
    if kind == "add":
        return None, content, path
    before = story.texts.of(path)
    if kind == "delete":
        return content if before is None else before, None, path
    after = None if before is None else patched(before, text(told.get("unified_diff")))
    return before, after, text(told.get("move_path")) or path


def _compact(story: Story, thread: Thread, payload: dict[str, Value]) -> None:
    """From here on the model sees a summary."""
    story.note("compacted", None, thread)
    story.go_on_from(thread, None)
    history = mappings(payload.get("replacement_history"))
    for item in history:
        story.hear(thread, {"role": text(item.get("role")) or "user", "content": item.get("content")})
    if not history:
        story.hear(thread, {"role": "user", "content": text(payload.get("message"))})
