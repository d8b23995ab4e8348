"""Braintrust: input, output, metadata and metrics as JSON."""

from agentreplay.intake.dialects.messages import answers, messages
from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source
from agentreplay.intake.dialects.tokens import dollars, inclusive
from agentreplay.intake.providers.wire import count, text
from agentreplay.model.usage import NanoDollars

__all__ = ["PREFIXES", "read"]

PREFIXES = frozenset({"braintrust"})

_KINDS = {
    "llm": "llm",
    "score": "evaluation",
    "function": "function",
    "eval": "evaluation",
    "task": "step",
    "tool": "tool",
    "automation": "step",
    "facet": "step",
    "preprocessor": "step",
    "classifier": "evaluation",
}


def read(source: Source) -> Reading:
    """What the span says in these words."""
    about = source.map("braintrust.span_attributes")
    metadata, metrics = source.map("braintrust.metadata"), source.map("braintrust.metrics")
    kind = _KINDS.get(text(about.get("type")))
    asked = source.value("braintrust.input_json", "braintrust.input")
    answered = source.value("braintrust.output_json", "braintrust.output")
    is_model = kind == "llm"
    cost = dollars(metrics.get("estimated_cost"))
    known = {"model", "provider", "tools"}
    return Reading(
        kind=kind,
        model=text(metadata.get("model")) or None,
        provider=text(metadata.get("provider")) or None,
        tool=source.span.name if kind == "tool" else None,
        usage=inclusive(
            count(metrics.get("prompt_tokens")),
            count(metrics.get("completion_tokens")),
            total=count(metrics.get("tokens")),
            cache_read=count(metrics.get("prompt_cached_tokens")),
            cache_write=count(metrics.get("prompt_cache_creation_tokens")),
            reasoning=count(metrics.get("completion_reasoning_tokens")),
        ),
        reported=None if cost is None else NanoDollars(cost),
        messages=messages(asked) or None if is_model else None,
        parameters={name: value for name, value in metadata.items() if name not in known} or None if is_model else None,
        tools=metadata.get("tools") if is_model else None,
        request=asked,
        answer=answers(answered) or None if is_model else answered,
    )
