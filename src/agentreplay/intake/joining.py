"""Ids that follow from what coding agents name themselves: a file, a hook and telemetry tell of one span with them.

An agent's own file, its hooks and its telemetry tell of the same tool calls and requests. Whatever tells of one
gives it the id that follows from the session and from the agent's own name for it, so that it is one span in the
store; whoever sees only a part of it marks it as PROVISIONAL.
"""

from typing import Literal

from blake3 import blake3

from agentreplay.model.ids import SessionId, SpanId, TraceId

__all__ = ["Thing", "span_of", "trace_of_session"]

Thing = Literal["agent", "llm", "prompt", "session", "tool"]
"""What is named by an id of its own: a sub-agent, a call to a model, a prompt, the session itself, a tool call."""

_UNIQUE: frozenset[Thing] = frozenset({"llm", "tool"})
"""Things whose ids are given by the provider, and are unlike all others anywhere."""


def trace_of_session(session: SessionId) -> TraceId:
    """The trace for what belongs to a session and to no trace."""
    return TraceId(blake3(session.encode(), derive_key_context="agentreplay: trace of a session, 1").hexdigest()[:32])


def span_of(session: SessionId, thing: Thing, name: str) -> SpanId:
    """The id of the span that tells of this thing of the session, in the trace of the session."""
    told = f"{thing}\0{name if thing in _UNIQUE else f'{session} {name}'}".encode("utf-8", "surrogatepass")
    return SpanId(blake3(told, derive_key_context="agentreplay: span of a transcript, 1").hexdigest(8))
