"""Traceloop, also known as OpenLLMetry: its own kinds and entities, around OpenTelemetry's conventions."""

from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source

__all__ = ["PREFIXES", "read"]

PREFIXES = frozenset({"traceloop", "llm", "langgraph"})

_KINDS = {"workflow": "agent", "task": "step", "agent": "agent", "tool": "tool"}
_TYPES = {"chat": "llm", "completion": "llm", "rerank": "rerank", "embedding": "embedding"}


def read(source: Source) -> Reading:
    """What the span says in these words."""
    kind = _KINDS.get((source.text("traceloop.span.kind") or "").lower())
    entity = source.text("traceloop.entity.name")
    return Reading(
        kind=kind or _TYPES.get((source.text("llm.request.type") or "").lower()),
        agent=entity if kind == "agent" else None,
        tool=entity if kind == "tool" else None,
        request=source.value("traceloop.entity.input"),
        answer=source.value("traceloop.entity.output"),
    )
