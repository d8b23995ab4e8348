"""An event of a coding agent's hook, in our words: what began, what ended, and what merely happened.

Claude Code, Codex, Gemini CLI and Cursor call their events differently and name the same few things in them. An event
that is unknown is kept as something that happened, with all it says.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from agentreplay.intake.joining import Thing
from agentreplay.intake.providers import wire
from agentreplay.intake.transcripts.cursor_deeds import asked_in, deed_of
from agentreplay.model.span import Status
from agentreplay.model.values import Value

__all__ = ["Happened", "happened"]

_Phase = Literal["begins", "ends", "happens"]


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """What an event tells."""

    session: str
    phase: _Phase
    kind: str
    name: str
    thing: Thing | None = None
    """What it is, where others may tell of the same under the same id."""
    id: str = ""
    """Empty where it is known by its likeness."""
    likeness: tuple[str, Value] = ("", None)
    """The tool or the kind of deed, and what was asked, by which it is known then."""
    within: tuple[Thing, str] | None = None
    """What it is a part of."""
    tool: str | None = None
    model: str | None = None
    status: Status = "unset"
    message: str = ""
    request: Value = None
    answer: Value = None
    milliseconds: float = 0
    """How long it took, where the event says so."""
    cwd: str = ""
    ends_session: bool = False
    attributes: dict[str, Value] = {}
    """All that the event says and that is not in another field."""


class _Event(msgspec.Struct, frozen=True):
    """What an event of some name is to us."""

    phase: _Phase
    kind: str
    name: str = ""
    thing: Thing | None = None
    status: Status = "unset"
    is_like_others: bool = False
    """Whether what has no id here is known elsewhere by what was asked: as told, or with Cursor what it comes to."""


_TOOL_BEGINS = _Event("begins", "tool", thing="tool")
_TOOL_ENDS = _Event("ends", "tool", thing="tool", status="ok")
_EVENTS = {
    "sessionstart": _Event("happens", "custom", "session started"),
    "sessionend": _Event("happens", "custom", "session ended"),
    "userpromptsubmit": _Event("happens", "human", "prompt", "prompt"),
    "beforesubmitprompt": _Event("happens", "human", "prompt", "prompt", is_like_others=True),
    "beforeagent": _Event("happens", "human", "prompt", "prompt", is_like_others=True),
    "pretooluse": _TOOL_BEGINS,
    "beforetool": _TOOL_BEGINS,
    "posttooluse": _TOOL_ENDS,
    "posttoolusefailure": _Event("ends", "tool", thing="tool", status="error"),
    "aftertool": _Event("ends", "tool", thing="tool", status="ok", is_like_others=True),
    "aftershellexecution": _Event("ends", "tool", "Shell", "tool", "ok", is_like_others=True),
    "aftermcpexecution": _Event("ends", "tool", thing="tool", status="ok", is_like_others=True),
    "afterfileedit": _Event("ends", "tool", "Edit", "tool", "ok", is_like_others=True),
    "aftertabfileedit": _Event("ends", "tool", "Edit", "tool", "ok"),
    "permissionrequest": _Event("happens", "human", "permission asked"),
    "permissiondenied": _Event("happens", "human", "permission denied"),
    "notification": _Event("happens", "custom", "notification"),
    "afteragentresponse": _Event("happens", "custom", "response"),
    "afteragentthought": _Event("happens", "reasoning", "thought"),
    "stop": _Event("happens", "custom", "turn ended"),
    "afteragent": _Event("happens", "custom", "turn ended"),
    "stopfailure": _Event("happens", "error", "turn failed", status="error"),
    "subagentstart": _Event("begins", "agent", thing="agent"),
    "subagentstop": _Event("ends", "agent", thing="agent", status="ok"),
    "precompact": _Event("happens", "custom", "compaction began"),
    "precompress": _Event("happens", "custom", "compaction began"),
    "postcompact": _Event("happens", "custom", "compaction ended"),
}
_ENDS_SESSION = frozenset({"sessionend"})

_SESSION = ("session_id", "conversation_id", "sessionId")
_NAMES: dict[Thing, tuple[str, ...]] = {
    "tool": ("tool_use_id", "tool_call_id", "call_id"),
    "agent": ("agent_id", "subagent_id"),
    "prompt": ("prompt_id", "turn_id"),
}
_TOOL = ("tool_name",)
_AGENT_TYPE = ("agent_type", "subagent_type")
_REQUEST = ("tool_input", "prompt", "command", "edits")
_ANSWER = ("tool_response", "tool_output", "result_json", "output", "last_assistant_message", "prompt_response")
_SPOKEN = ("text",)
"""What a response and a thought of Cursor are told in."""
_FAILURE = ("error", "error_message")
_MODEL = ("model",)
_DURATION = ("duration_ms", "duration")
_EVENT = "hook_event_name"
_CURSOR = "conversation_id"
"""What only Cursor tells."""


def happened(event: str, told: Mapping[str, Value]) -> Happened | None:
    """What an event tells; `event` is its name where it does not say it itself. None where it names no session."""
    taken: set[str] = {_EVENT}
    session = _text(told, _SESSION, taken)
    if not session:
        return None
    called = wire.text(told.get(_EVENT)) or event
    known = _EVENTS.get(called.replace("_", "").lower(), _Event("happens", "custom", called or "event"))
    agent_id = _text(told, _NAMES["agent"], taken)
    name = agent_id if known.thing == "agent" else ""
    if known.thing is not None and known.thing != "agent":
        name = _text(told, _NAMES[known.thing], taken)
    tool = _text(told, _TOOL, taken) or (known.name if known.kind == "tool" else "")
    failure = _failure(told, taken)
    # Without a name for it nobody knows which beginning belongs to which end: then each of them happened.
    phase = known.phase if name or known.phase == "ends" else "happens"
    answered = (*_ANSWER, *_SPOKEN) if known.phase == "happens" else _ANSWER
    request = _first(told, _REQUEST, taken)
    is_named = bool(name) or (known.is_like_others and request is not None)
    return Happened(
        session=session,
        phase=phase,
        kind=known.kind if known.phase == phase else "custom",
        name=_text(told, _AGENT_TYPE, set()) if known.kind == "agent" else tool or known.name,
        thing=known.thing if is_named else None,
        id=name,
        likeness=_likeness(known, tool, request, told),
        within=("agent", agent_id) if agent_id and known.thing != "agent" else None,
        tool=tool or None if known.kind == "tool" else None,
        model=_text(told, _MODEL, taken) or None,
        status="error" if failure else known.status,
        message=failure,
        request=request,
        answer=_first(told, answered, taken),
        milliseconds=_number(told, _DURATION),
        cwd=_text(told, ("cwd",), taken) or _root(told),
        ends_session=called.replace("_", "").lower() in _ENDS_SESSION,
        attributes={
            "hook.event": called,
            **{f"hook.{key}": told[key] for key in told if key not in taken},
            # As the agent's own file has it, and its telemetry.
            **({"tool_use_id": name} if known.thing == "tool" and name else {}),
        },
    )


def _likeness(known: _Event, tool: str, request: Value, told: Mapping[str, Value]) -> tuple[str, Value]:
    """What files and hooks tell alike."""
    if known.thing == "prompt":
        return "", asked_in(wire.text(request)) or request
    if _CURSOR not in told:
        return tool, request
    return deed_of(tool, request if "tool_input" in told else dict(told))


def _text(told: Mapping[str, Value], names: Iterable[str], taken: set[str]) -> str:
    """The first of these that is a text with something in it; it is taken."""
    for name in names:
        found = told.get(name)
        if isinstance(found, str) and found:
            taken.add(name)
            return found
    return ""


def _first(told: Mapping[str, Value], names: Iterable[str], taken: set[str]) -> Value:
    """The first of these that is there; it is taken. A text that is JSON is read."""
    for name in names:
        found = told.get(name)
        if found is not None and name not in taken:
            taken.add(name)
            read = wire.parse(found) if isinstance(found, str) and found.startswith(("{", "[")) else None
            return found if read is None else read
    return None


def _failure(told: Mapping[str, Value], taken: set[str]) -> str:
    for name in _FAILURE:
        found = told.get(name)
        if found:
            taken.add(name)
            return found if isinstance(found, str) else wire.to_json(found).decode("utf-8", "replace")
    return ""


def _number(told: Mapping[str, Value], names: Iterable[str]) -> float:
    for name in names:
        found = told.get(name)
        if isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found < 1 << 40:
            return float(found)
    return 0


def _root(told: Mapping[str, Value]) -> str:
    """The folder that Cursor calls a root of the workspace."""
    roots = wire.sequence(told.get("workspace_roots"))
    return wire.text(roots[0]) or "" if roots else ""
