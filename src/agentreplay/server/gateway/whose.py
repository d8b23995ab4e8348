"""Whose a call is: its project, session, agent and parent, from what its headers and its path tell."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from blake3 import blake3

from agentreplay.errors import ValueInvalid
from agentreplay.model.ids import (
    ProjectId,
    SessionId,
    SpanId,
    TenantId,
    TraceId,
    check_name,
    check_span_id,
    check_trace_id,
)
from agentreplay.settings import Settings

__all__ = ["AGENT", "PROJECT", "SESSION_HEADERS", "SPAN", "Whose", "whose"]

_OURS = "x-agentreplay-session"
_THEIRS = ("x-claude-code-session-id", "session-id", "session_id", "x-session-id")
SESSION_HEADERS = (_OURS, *_THEIRS)
"""The first that is given names the session: ours, that of Claude Code, two that Codex has used, that of OpenCode."""
PROJECT, AGENT, SPAN = "x-agentreplay-project", "x-agentreplay-agent", "x-agentreplay-span"

_TRACE = "traceparent"
_PROGRAM = "user-agent"
_LONGEST_PROGRAM = 120
_WHO = (_PROGRAM, "authorization", "x-api-key", "x-goog-api-key")
_TRACEPARENT_PARTS = 4
_NAMED = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
"""What comes from outside and becomes the name of a file too."""


class Whose(NamedTuple):
    """Whose a call is. Without a session, `caller` says who asks, so that what belongs together comes together."""

    tenant: TenantId
    project: ProjectId
    session: SessionId | None
    caller: str
    program: str
    """What the program that asks calls itself."""
    agent: str | None
    trace_id: TraceId | None
    parent_id: SpanId | None
    own_session: str
    """What the agent calls its own session; empty where it does not say."""

    @property
    def agent_session(self) -> str:
        """The same where that is another one than this."""
        return self.own_session if self.own_session != self.session else ""


def whose(settings: Settings, headers: Mapping[str, str], client: str, told: str = "") -> Whose:
    """Read it; `told` is the session that the path names. Raises ValueInvalid for a name that can be none."""
    trace_id, parent_id = _trace(headers.get(_TRACE, ""))
    if span := headers.get(SPAN):
        parent_id = check_span_id(span)
    project = headers.get(PROJECT) or settings.project
    check_name(project, f"the project in {PROJECT}")
    named = told or next((name for header in SESSION_HEADERS if (name := headers.get(header))), "")
    if named and _NAMED.fullmatch(named) is None:
        problem = f"{named[:60]!r} is not made of up to 128 letters, digits, dots and dashes"
        raise ValueInvalid(what="the session", problem=problem)
    # As spans of the same trace that come by OpenTelemetry and name no session.
    session = named or trace_id
    theirs = next((name for header in _THEIRS if (name := headers.get(header))), "")
    return Whose(
        tenant=TenantId(settings.tenant),
        project=ProjectId(project),
        session=SessionId(session) if session else None,
        caller=_caller(headers, client),
        program=headers.get(_PROGRAM, "")[:_LONGEST_PROGRAM],
        agent=headers.get(AGENT),
        trace_id=trace_id,
        parent_id=parent_id,
        own_session=theirs if _NAMED.fullmatch(theirs) else "",
    )


def _caller(headers: Mapping[str, str], client: str) -> str:
    """Who asks, as far as a request tells: the machine, the program's library and version, and whose key it has."""
    return blake3("\0".join([client, *(headers.get(name, "") for name in _WHO)]).encode()).hexdigest(16)


def _trace(traceparent: str) -> tuple[TraceId | None, SpanId | None]:
    """The trace and the span that W3C trace context names; what is none is passed over, as it asks for."""
    parts = traceparent.strip().split("-")
    if len(parts) < _TRACEPARENT_PARTS or parts[0] == "ff":
        return None, None
    try:
        trace_id, span_id = check_trace_id(parts[1]), check_span_id(parts[2])
    except ValueInvalid:
        return None, None
    return (trace_id, span_id) if int(trace_id, 16) and int(span_id, 16) else (None, None)
