"""A session as Codex writes it, so that `codex resume` goes on with it.

What was read from a rollout is written as it was, line by line. Anything else is told anew: prompts, answers, calls of
tools with their results. Thinking is left out there, because the API takes back none that it has not encrypted.
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
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

__all__ = ["SOURCE", "file_name", "resumable_id", "write"]

SOURCE = "codex"
"""What sessions that were read from rollouts name as their source."""

_SPACE = UUID("6f2b2f0e-53a1-5f39-9d0a-3d5d6a1f7c12")
_VERSION = "0.169.0"
"""The version whose rollouts these are like."""
_INTERRUPTED = "[the recording ends before the result]"
_NO_MODEL = "unknown"


def resumable_id(session: Session, until: int | None) -> str:
    """The id under which the agent finds it: its own where it is one of theirs and whole, else one that follows."""
    if until is None:
        with suppress(ValueError):
            return str(UUID(session.id))
    return str(uuid5(_SPACE, f"{session.id} {until or ''}".rstrip()))


def file_name(session: Session, until: int | None) -> str:
    """What Codex calls the file, by which it finds the session."""
    began = datetime.fromtimestamp((session.started or 0) / 1e9, UTC)
    return f"rollout-{began:%Y-%m-%dT%H-%M-%S}-{resumable_id(session, until)}.jsonl"


def write(account: Account, lines: Sequence[KeptLine]) -> dict[str, bytes]:
    """The rollout. One that is cut is another session, with an id that follows from the first."""
    session = account.row.session
    if session.source != SOURCE or not lines:
        return {"": b"".join(_line(told) for told in _Writer(account).lines())}
    if account.until is None:
        return {"": b"".join(line.data.rstrip(b"\n") + b"\n" for line in lines)}
    own = resumable_id(session, account.until)
    return {"": b"".join(_renamed(line, session.id, own) for line in lines)}


def _renamed(line: KeptLine, session: str, own: str) -> bytes:
    payload = wire.mapping(line.told.get("payload"))
    if line.told.get("type") != "session_meta" or payload.get("id") != session:
        return line.data.rstrip(b"\n") + b"\n"
    return _line({**line.told, "payload": {**payload, "id": own, "forked_from_id": session}})


def _line(told: dict[str, Value]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


class _Writer:
    """Writes line after line. What a call used is told behind it, with what all before it used."""

    def __init__(self, account: Account) -> None:
        session = account.row.session
        self._account = account
        self._own = resumable_id(session, account.until)
        self._cwd = session.program.cwd if session.program is not None else ""
        self._model = ""
        self._total = Usage()

    def lines(self) -> Iterator[dict[str, Value]]:
        """All of them. The calls that an answer wants come before what they brought."""
        yield self._meta()
        answer: Entry | None = None
        calls: list[Entry] = []
        for entry in self._account.entries:
            if entry.kind == "tool":
                calls.append(entry)
            elif entry.kind in {"prompt", "answer"}:
                yield from self._answered(answer, calls)
                answer, calls = (entry if entry.kind == "answer" else None), []
                if entry.kind == "prompt":
                    yield from self._asked(entry)
        yield from self._answered(answer, calls)

    def _meta(self) -> dict[str, Value]:
        row = self._account.row
        began = row.session.started or row.summary.first or 0
        told: dict[str, Value] = {
            "id": self._own,
            "timestamp": _moment(began),
            "cwd": self._cwd,
            "originator": "agentreplay",
            "cli_version": _VERSION,
            "source": "cli",
        }
        return _told(began, "session_meta", told)

    def _asked(self, entry: Entry) -> Iterator[dict[str, Value]]:
        """The model is told of it, and the person that it was."""
        content: list[Value] = [{"type": "input_text", "text": entry.text}]
        yield _told(entry.time, "response_item", {"type": "message", "role": "user", "content": content})
        yield _told(entry.time, "event_msg", {"type": "user_message", "message": entry.text, "images": []})

    def _answered(self, answer: Entry | None, calls: Sequence[Entry]) -> Iterator[dict[str, Value]]:
        if answer is None and not calls:
            return
        if answer is not None:
            yield from self._said(answer)
        for call in calls:
            told = {"type": "function_call", "name": call.title, "call_id": _call_id(call)}
            yield _told(call.time, "response_item", {**told, "arguments": wire.to_json(call.arguments).decode()})
        if answer is not None:
            yield _told(answer.end or answer.time, "event_msg", self._used(answer.usage))
        for call in calls:
            told = {"type": "function_call_output", "call_id": _call_id(call)}
            yield _told(call.end or call.time, "response_item", {**told, "output": _output(call)})

    def _said(self, answer: Entry) -> Iterator[dict[str, Value]]:
        if answer.title != self._model:
            self._model = answer.title
            turn: dict[str, Value] = {
                "cwd": self._cwd,
                "approval_policy": "on-request",
                "sandbox_policy": {"type": "read-only"},
                "model": self._model or _NO_MODEL,
                "summary": "auto",
            }
            yield _told(answer.time, "turn_context", turn)
        if answer.text:
            content: list[Value] = [{"type": "output_text", "text": answer.text}]
            yield _told(answer.time, "response_item", {"type": "message", "role": "assistant", "content": content})
            yield _told(answer.time, "event_msg", {"type": "agent_message", "message": answer.text})

    def _used(self, usage: Usage) -> dict[str, Value]:
        self._total += usage
        info: dict[str, Value] = {
            "total_token_usage": _counts(self._total),
            "last_token_usage": _counts(usage),
            "model_context_window": None,
        }
        return {"type": "token_count", "info": info, "rate_limits": None}


def _counts(usage: Usage) -> dict[str, Value]:
    """What was read counts the cache in, and what was written the reasoning."""
    stored = usage.cache_write_5m + usage.cache_write_1h
    told: dict[str, Value] = {
        "input_tokens": usage.input + usage.cache_read + stored,
        "cached_input_tokens": usage.cache_read,
        "output_tokens": usage.output + usage.reasoning,
        "reasoning_output_tokens": usage.reasoning,
        "total_tokens": usage.input + usage.cache_read + stored + usage.output + usage.reasoning,
    }
    return {**told, "cache_write_input_tokens": stored} if stored else told


def _output(call: Entry) -> str:
    """What came of a call. A failure is told as Codex tells that of a command."""
    if call.end is None:
        return _INTERRUPTED
    if call.status != "error":
        return call.result
    return wire.to_json({"output": call.result, "metadata": {"exit_code": 1}}).decode()


def _call_id(entry: Entry) -> str:
    return entry.id or f"call_{entry.seq}"


def _told(time: int, kind: str, payload: dict[str, Value]) -> dict[str, Value]:
    return {"timestamp": _moment(time), "type": kind, "payload": payload}


def _moment(time: int) -> str:
    return datetime.fromtimestamp(time / 1e9, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
