"""Laminar's SDK: its kinds, and what goes into and comes out of a span."""

from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source

__all__ = ["PREFIXES", "read"]

PREFIXES = frozenset({"lmnr"})

_KINDS = {
    "LLM": "llm",
    "CACHED": "llm",
    "TOOL": "tool",
    "EVALUATOR": "evaluation",
    "HUMAN_EVALUATOR": "human",
    "EVALUATION": "evaluation",
    "EXECUTOR": "step",
}


def read(source: Source) -> Reading:
    """What the span says in these words."""
    kind = _KINDS.get((source.text("lmnr.span.type") or "").upper())
    return Reading(
        kind="embedding" if kind == "llm" and "embedding" in source.span.name.lower() else kind,
        tool=source.span.name if kind == "tool" else None,
        request=source.value("lmnr.span.input"),
        answer=source.value("lmnr.span.output"),
    )
