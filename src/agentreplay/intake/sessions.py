"""Which session a span names, by one of its attributes or one of its resource; and the trace of a session."""

from collections.abc import Mapping

from blake3 import blake3

from agentreplay.errors import ValueInvalid
from agentreplay.model.ids import SessionId, TraceId, check_name
from agentreplay.model.values import Value

__all__ = ["SESSIONS", "session_in", "trace_of_session"]

SESSIONS = (
    "gen_ai.conversation.id",
    "session.id",
    "conversation.id",
    "langfuse.session.id",
    "traceloop.association.properties.session_id",
    "lmnr.association.properties.session_id",
    "ai.telemetry.metadata.sessionId",
    "gcp.vertex.agent.session_id",
    "langsmith.metadata.session_id",
    "langsmith.metadata.thread_id",
    "langsmith.trace.session_id",
    "mlflow.trace.session",
    "thread_id",
)
"""Attributes that name the session, the first one first."""

_KNOWN = frozenset(SESSIONS)
_MOST = (1 << 53) - 1


def session_in(attributes: Mapping[str, Value]) -> SessionId | None:
    """The session that these attributes name. A text that cannot be an id is shortened to a digest of it."""
    if _KNOWN.isdisjoint(attributes):
        return None
    for key in SESSIONS:
        told = attributes.get(key)
        if isinstance(told, int) and not isinstance(told, bool) and abs(told) <= _MOST:
            return SessionId(str(told))
        if isinstance(told, str) and told:
            return _id(told)
    return None


def trace_of_session(session: SessionId) -> TraceId:
    """The trace for what belongs to a session and to no trace."""
    return TraceId(blake3(session.encode(), derive_key_context="agentreplay: trace of a session, 1").hexdigest()[:32])


def _id(told: str) -> SessionId:
    try:
        check_name(told, "the session")
    except ValueInvalid:
        return SessionId(blake3(told.encode("utf-8", "surrogatepass")).hexdigest()[:32])
    return SessionId(told)
