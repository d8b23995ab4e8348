"""Ids that follow from what coding agents name themselves: a file, a hook and telemetry tell of one span with them.

An agent's own file, its hooks and its telemetry tell of the same tool calls and requests. Whatever tells of one
gives it the id that follows from the session and from the agent's own name for it, so that it is one span in the
store; whoever sees only a part of it marks it as PROVISIONAL.
"""

from typing import Literal

from agentreplay.intake.transcripts import identity
from agentreplay.model.ids import SessionId, SpanId

__all__ = ["Thing", "span_of"]

Thing = Literal["agent", "llm", "prompt", "session", "tool"]
"""What is named by an id of its own: a sub-agent, a call to a model, a prompt, the session itself, a tool call."""

_UNIQUE: frozenset[Thing] = frozenset({"llm", "tool"})
"""Things whose ids are given by the provider, and are unlike all others anywhere."""


def span_of(session: SessionId, thing: Thing, name: str) -> SpanId:
    """The id of the span that tells of this thing of the session, in the trace of the session."""
    return identity.span_of(thing, name if thing in _UNIQUE else f"{session} {name}")
