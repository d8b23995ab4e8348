"""A session as Claude Code writes it, so that `claude --resume` goes on with it.

What was read from a file of Claude Code is written as it was, line by line, those of sub-agents in files of their own.
Anything else is told anew: prompts, answers, tool calls with their results. Thinking is left out there, because the API
takes back none that it has not signed.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID, uuid5

from agentreplay.core.account import Account, Entry
from agentreplay.core.written.lines import KeptLine
from agentreplay.intake.providers import wire
from agentreplay.model.session import Session
from agentreplay.model.values import Value

__all__ = ["SOURCE", "resumable_id", "write"]

SOURCE = "claude-code"
"""What sessions that were read from files of Claude Code name as their source."""

_SPACE = UUID("6f2b2f0e-53a1-5f39-9d0a-3d5d6a1f7c11")
_VERSION = "2.1.0"
_INTERRUPTED = "[the recording ends before the result]"


def resumable_id(session: Session, until: int | None) -> str:
    """The id under which the agent finds it: its own where it is one of theirs and whole, else one that follows."""
    if until is None:
        with suppress(ValueError):
            return str(UUID(session.id))
    return str(uuid5(_SPACE, f"{session.id} {until or ''}"))


def write(account: Account, lines: Sequence[KeptLine]) -> dict[str, bytes]:
    """The files by their names: the session's own has none, those of sub-agents lie in a folder beside it."""
    if account.row.session.source != SOURCE or not lines:
        return {"": b"".join(_line(told) for told in _told(account))}
    session = None if account.until is None else resumable_id(account.row.session, account.until)
    files: dict[str, list[bytes]] = {"": []}
    for line in lines:
        agent = wire.text(line.told.get("agentId")) if line.told.get("isSidechain") is True else ""
        data = line.data if session is None else _renamed(line, session)
        files.setdefault(f"subagents/agent-{agent}.jsonl" if agent else "", []).append(data.rstrip(b"\n") + b"\n")
    return {name: b"".join(kept) for name, kept in files.items()}


def _renamed(line: KeptLine, session: str) -> bytes:
    return _line({**line.told, "sessionId": session}) if "sessionId" in line.told else line.data


def _line(told: dict[str, Value]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def _told(account: Account) -> Iterator[dict[str, Value]]:
    writer = _Writer(account)
    waiting: list[Entry] = []
    for entry in account.entries:
        if entry.kind == "tool":
            waiting.append(entry)
            continue
        yield from writer.tools(waiting)
        waiting.clear()
        if entry.kind == "prompt":
            yield writer.user(entry, entry.text)
        elif entry.kind == "answer" and entry.text:
            yield writer.assistant(entry, {"type": "text", "text": entry.text})
        elif entry.kind == "answer":
            writer.begin(entry)
    yield from writer.tools(waiting)


class _Writer:
    """Writes line after line, each of which names the one before."""

    def __init__(self, account: Account) -> None:
        session = account.row.session
        self._session = resumable_id(account.row.session, account.until)
        self._cwd = session.program.cwd if session.program is not None else ""
        self._parent: str | None = None
        self._message = ""
        self._answer: Entry | None = None
        self._number = 0

    def begin(self, answer: Entry) -> None:
        """The model answers; what it wants called belongs to this."""
        self._answer = answer
        self._message = f"msg_{answer.seq}"

    def user(self, entry: Entry, content: Value) -> dict[str, Value]:
        """What the model is told."""
        return self._base(entry, "user", {"role": "user", "content": content})

    def assistant(self, entry: Entry, part: dict[str, Value]) -> dict[str, Value]:
        """A part of an answer."""
        if entry.kind == "answer" or not self._message:
            self.begin(entry)
        answer = self._answer or entry
        usage = answer.usage
        used: dict[str, Value] = {
            "input_tokens": usage.input,
            "cache_read_input_tokens": usage.cache_read,
            "cache_creation_input_tokens": usage.cache_write_5m + usage.cache_write_1h,
            "cache_creation": {
                "ephemeral_5m_input_tokens": usage.cache_write_5m,
                "ephemeral_1h_input_tokens": usage.cache_write_1h,
            },
            "output_tokens": usage.output + usage.reasoning,
        }
        message: dict[str, Value] = {
            "id": f"{self._message}_{self._session}",
            "type": "message",
            "role": "assistant",
            "model": answer.title if answer.kind == "answer" else "<synthetic>",
            "content": [part],
            "stop_reason": None,
            "usage": used,
        }
        return self._base(entry, "assistant", message)

    def tools(self, entries: Sequence[Entry]) -> Iterator[dict[str, Value]]:
        """Calls that were wanted at once, and then their results: each call has one, or the API takes none of it."""
        for entry in entries:
            call = {"type": "tool_use", "id": _call_id(entry), "name": entry.title}
            yield self.assistant(entry, {**call, "input": entry.arguments})
        for entry in entries:
            is_over = entry.end is not None
            result: dict[str, Value] = {
                "type": "tool_result",
                "tool_use_id": _call_id(entry),
                "content": entry.result if is_over else _INTERRUPTED,
                "is_error": entry.status == "error" or not is_over,
            }
            yield self.user(entry, [result])
        if entries:
            self._message = ""

    def _base(self, entry: Entry, kind: str, message: dict[str, Value]) -> dict[str, Value]:
        self._number += 1
        own = str(uuid5(_SPACE, f"{self._session} {self._number}"))
        is_result = kind == "user" and isinstance(message["content"], list)
        time = entry.end if is_result and entry.end is not None else entry.time
        told: dict[str, Value] = {
            "parentUuid": self._parent,
            "isSidechain": False,
            "userType": "external",
            "cwd": self._cwd,
            "sessionId": self._session,
            "version": _VERSION,
            "type": kind,
            "message": message,
            "uuid": own,
            "timestamp": datetime.fromtimestamp(time / 1e9, UTC).isoformat(timespec="milliseconds"),
        }
        self._parent = own
        return told


def _call_id(entry: Entry) -> str:
    return entry.id or f"toolu_{entry.seq}"
