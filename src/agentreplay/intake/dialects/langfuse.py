"""Langfuse's SDK: observations with their input, output, tokens and costs in maps."""

from agentreplay.intake.dialects.messages import answers, messages
from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source
from agentreplay.intake.dialects.tokens import dollars, named
from agentreplay.model.span import Status
from agentreplay.model.usage import NanoDollars

__all__ = ["PREFIXES", "read"]

PREFIXES = frozenset({"langfuse"})

_KINDS = {
    "generation": "llm",
    "agent": "agent",
    "tool": "tool",
    "chain": "step",
    "retriever": "retrieval",
    "embedding": "embedding",
    "evaluator": "evaluation",
    "guardrail": "guardrail",
}
_STATUSES: dict[str, Status] = {"ERROR": "error"}
_OBSERVATION = "langfuse.observation."


def read(source: Source) -> Reading:
    """What the span says in these words."""
    kind = _KINDS.get((source.text(f"{_OBSERVATION}type") or "").lower())
    asked, answered = source.value(f"{_OBSERVATION}input"), source.value(f"{_OBSERVATION}output")
    is_model = kind == "llm"
    cost = dollars(source.map(f"{_OBSERVATION}cost_details").get("total"))
    return Reading(
        kind=kind,
        agent=source.span.name if kind == "agent" else None,
        model=source.text(f"{_OBSERVATION}model.name"),
        tool=source.span.name if kind == "tool" else None,
        usage=named(source.map(f"{_OBSERVATION}usage_details")),
        reported=None if cost is None else NanoDollars(cost),
        status=_STATUSES.get((source.text(f"{_OBSERVATION}level") or "").upper()),
        status_message=source.text(f"{_OBSERVATION}status_message"),
        messages=messages(asked) or None if is_model else None,
        parameters=source.map(f"{_OBSERVATION}model.parameters") or None,
        request=asked,
        answer=answers(answered) or None if is_model else answered,
    )
