"""A session as ATIF, the Agent Trajectory Interchange Format: one document of steps, for tools that read it."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from agentreplay.core.account import Account, Entry
from agentreplay.core.written.lines import KeptLine
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

__all__ = ["VERSION", "write"]

VERSION = "ATIF-v1.7"
_DOLLAR = 1_000_000_000


def write(account: Account, lines: Sequence[KeptLine]) -> dict[str, bytes]:  # noqa: ARG001  # as the others are called
    """The document. A session that is cut keeps its name and says so."""
    row = account.row
    session, summary = row.session, row.summary
    versions = session.program.versions if session.program is not None else {}
    steps = [{"step_id": number, **step} for number, step in enumerate(_steps(account.entries), 1)]
    document: dict[str, Value] = {
        "schema_version": VERSION,
        "session_id": session.id,
        "agent": {
            "name": session.agent or next(iter(summary.agents), "agent"),
            "version": next(iter(versions.values()), "unknown"),
        },
        "steps": steps,
    }
    if account.until is None and summary.usage.total:
        document["final_metrics"] = _metrics(summary.usage, summary.cost, "total_")
    elif account.until is not None:
        document["notes"] = f"up to step {account.until}"
    return {"": json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"}


def _steps(entries: Sequence[Entry]) -> Iterator[dict[str, Value]]:
    """A step of the agent has the calls that came of its answer."""
    step: dict[str, Value] | None = None
    for entry in entries:
        if entry.kind == "tool":
            if step is None:
                step = {"timestamp": _time(entry), "source": "agent", "message": ""}
            _add_call(step, entry)
            continue
        if step is not None:
            yield step
            step = None
        if entry.kind == "prompt":
            yield {"timestamp": _time(entry), "source": "user", "message": entry.text}
        elif entry.kind == "answer":
            step = _answer(entry)
    if step is not None:
        yield step


def _answer(entry: Entry) -> dict[str, Value]:
    step: dict[str, Value] = {"timestamp": _time(entry), "source": "agent", "message": entry.text}
    step["model_name"] = entry.title
    if entry.thought:
        step["reasoning_content"] = entry.thought
    if entry.usage.total:
        step["metrics"] = _metrics(entry.usage, entry.cost)
    return step


def _add_call(step: dict[str, Value], entry: Entry) -> None:
    own = entry.id or f"call-{entry.seq}"
    step.setdefault("tool_calls", []).append(
        {"tool_call_id": own, "function_name": entry.title, "arguments": entry.arguments}
    )
    if entry.end is not None:
        results = step.setdefault("observation", {"results": []})["results"]
        results.append({"source_call_id": own, "content": entry.result})


def _metrics(usage: Usage, cost: int | None, prefix: str = "") -> dict[str, Value]:
    """What was read counts the cache in, and what was written the reasoning."""
    read = usage.input + usage.cache_read + usage.cache_write_5m + usage.cache_write_1h
    told: dict[str, Value] = {
        f"{prefix}prompt_tokens": read,
        f"{prefix}completion_tokens": usage.output + usage.reasoning,
        f"{prefix}cached_tokens": usage.cache_read,
    }
    return told if cost is None else {**told, f"{prefix}cost_usd": cost / _DOLLAR}


def _time(entry: Entry) -> str:
    return datetime.fromtimestamp(entry.time / 1e9, UTC).isoformat(timespec="milliseconds")
