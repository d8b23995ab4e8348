"""LangSmith's SDK, which writes inputs and outputs whole into OpenTelemetry's oldest attributes."""

from agentreplay.intake.dialects.messages import answers, messages
from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source
from agentreplay.intake.dialects.tokens import named
from agentreplay.intake.providers.wire import mapping

__all__ = ["PREFIXES", "read"]

PREFIXES = frozenset({"langsmith"})

_KINDS = {
    "llm": "llm",
    "chain": "step",
    "tool": "tool",
    "retriever": "retrieval",
    "embedding": "embedding",
    "prompt": "step",
    "parser": "parsing",
}


def read(source: Source) -> Reading:
    """What the span says in these words."""
    kind = _KINDS.get((source.text("langsmith.span.kind") or "").lower())
    asked, answered = source.value("gen_ai.prompt"), source.value("gen_ai.completion")
    is_model = kind == "llm"
    step = source.attributes.get("langsmith.metadata.langgraph_step")
    return Reading(
        kind=kind,
        iteration=step if isinstance(step, int) and not isinstance(step, bool) else None,
        model=source.text("langsmith.metadata.ls_model_name"),
        provider=source.text("langsmith.metadata.ls_provider"),
        tool=source.span.name if kind == "tool" else None,
        usage=named(source.map("langsmith.metadata.usage_metadata")),
        messages=messages(asked) or None if is_model else None,
        parameters=source.map("langsmith.metadata.ls_invocation_params") or None,
        tools=mapping(asked).get("tools") if is_model else None,
        request=asked,
        answer=answers(answered) or None if is_model else answered,
    )
