"""Which session a span names: by one of its attributes, or one of its resource."""

from collections.abc import Mapping

from blake3 import blake3

from agentreplay.errors import ValueInvalid
from agentreplay.model.ids import SessionId, check_name
from agentreplay.model.values import Value

__all__ = ["SESSIONS", "session_in"]

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


def _id(told: str) -> SessionId:
    try:
        check_name(told, "the session")
    except ValueInvalid:
        return SessionId(blake3(told.encode("utf-8", "surrogatepass")).hexdigest()[:32])
    return SessionId(told)
