"""MLflow's tracing, which writes every attribute as JSON."""

from agentreplay.intake.dialects.messages import answers, messages
from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source, unpacked
from agentreplay.intake.dialects.tokens import inclusive
from agentreplay.intake.providers.wire import count, mapping, text
from agentreplay.model.usage import Usage

__all__ = ["PREFIXES", "read"]

PREFIXES = frozenset({"mlflow"})

_KINDS = {
    "LLM": "llm",
    "CHAT_MODEL": "llm",
    "CHAIN": "step",
    "AGENT": "agent",
    "TOOL": "tool",
    "RETRIEVER": "retrieval",
    "EMBEDDING": "embedding",
    "RERANKER": "rerank",
    "PARSER": "parsing",
    "MEMORY": "memory",
    "WORKFLOW": "agent",
    "TASK": "step",
    "GUARDRAIL": "guardrail",
    "EVALUATOR": "evaluation",
}


def read(source: Source) -> Reading:
    """What the span says in these words."""
    kind = _KINDS.get(text(source.value("mlflow.spanType")).upper())
    asked, answered = source.value("mlflow.spanInputs"), source.value("mlflow.spanOutputs")
    is_model = kind == "llm"
    told = mapping(asked)
    held = {"messages", "input", "tools", "model"}
    parameters = {name: value for name, value in told.items() if name not in held} if is_model else {}
    return Reading(
        kind=kind,
        agent=source.span.name if kind == "agent" else None,
        model=text(source.value("mlflow.llm.model")) or text(told.get("model")) or None,
        provider=text(source.value("mlflow.llm.provider")) or None,
        tool=source.span.name if kind == "tool" else None,
        usage=_usage(source),
        messages=messages(told.get("messages", told.get("input", asked))) or None if is_model else None,
        parameters=parameters or None,
        tools=source.value("mlflow.chat.tools") or told.get("tools"),
        request=asked,
        answer=answers(answered) or None if is_model else unpacked(answered),
    )


def _usage(source: Source) -> Usage | None:
    told = source.map("mlflow.chat.tokenUsage")
    return inclusive(
        count(told.get("input_tokens")),
        count(told.get("output_tokens")),
        total=count(told.get("total_tokens")),
        cache_read=count(told.get("cache_read_input_tokens")),
        cache_write=count(told.get("cache_creation_input_tokens")),
    )
