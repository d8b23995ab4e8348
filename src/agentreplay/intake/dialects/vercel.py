"""Vercel's AI SDK, whose outer spans tell again what the calls below them used."""

from agentreplay.intake.dialects.messages import messages
from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source, unpacked
from agentreplay.intake.dialects.tokens import inclusive
from agentreplay.intake.providers.wire import mapping, mappings, sequence
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

__all__ = ["PREFIXES", "read"]

PREFIXES = frozenset({"ai"})

_CALLS = {"doGenerate": "llm", "doStream": "llm", "doEmbed": "embedding", "doRerank": "rerank"}
_WRAPPERS = {"embed": "step", "embedMany": "step", "rerank": "step", "toolCall": "tool"}
_ONCE = ("maxRetries", "maxSteps")


def read(source: Source) -> Reading:
    """What the span says in these words."""
    operation = source.text("ai.operationId") or ""
    last = operation.rpartition(".")[2]
    kind = _CALLS.get(last) or _WRAPPERS.get(last) or ("agent" if operation.startswith("ai.") else None)
    is_call = last in _CALLS or not operation
    settings = {
        name.removeprefix("ai.settings."): value
        for name, value in source.attributes.items()
        if name.startswith("ai.settings.") and name.rpartition(".")[2] not in _ONCE
    }
    prompt = source.value("ai.prompt.messages", "ai.prompt")
    return Reading(
        kind=None if source.has("gen_ai.operation.name") else kind,
        agent=source.text("ai.telemetry.functionId", "resource.name"),
        model=source.text("ai.response.model", "gen_ai.response.model", "ai.model.id"),
        provider=source.text("ai.model.provider", "gen_ai.system"),
        tool=source.text("ai.toolCall.name"),
        usage=_usage(source),
        is_wrapper=not is_call,
        messages=messages(prompt) or None if kind == "llm" else None,
        parameters=settings or None,
        tools=[unpacked(tool) for tool in sequence(source.value("ai.prompt.tools"))] or None,
        request=_first(source, "ai.toolCall.args", "ai.value", "ai.values", "ai.prompt"),
        answer=_answer(source, kind),
    )


def _usage(source: Source) -> Usage | None:
    return inclusive(
        source.count("ai.usage.inputTokens", "ai.usage.promptTokens", "ai.usage.tokens", "gen_ai.usage.input_tokens"),
        source.count("ai.usage.outputTokens", "ai.usage.completionTokens", "gen_ai.usage.output_tokens"),
        cache_read=source.count("ai.usage.inputTokenDetails.cacheReadTokens", "ai.usage.cachedInputTokens"),
        cache_write=source.count("ai.usage.inputTokenDetails.cacheWriteTokens"),
        reasoning=source.count("ai.usage.outputTokenDetails.reasoningTokens", "ai.usage.reasoningTokens"),
    )


def _answer(source: Source, kind: str | None) -> Value:
    if kind != "llm":
        return _first(
            source, "ai.toolCall.result", "ai.response.text", "ai.response.object", "ai.embedding", "ai.embeddings"
        )
    parts: list[Value] = []
    if thought := source.text("ai.response.reasoning"):
        parts.append({"type": "reasoning", "text": thought})
    if said := source.text("ai.response.text", "ai.response.object"):
        parts.append({"type": "text", "text": said})
    calls = mappings(source.value("ai.response.toolCalls"))
    parts += [{"type": "tool-call", **mapping(call)} for call in calls]
    if not parts:
        return None
    told = {"role": "assistant", "content": parts}
    ended = source.text("ai.response.finishReason")
    return [told | ({"finish_reason": ended} if ended else {})]


def _first(source: Source, *names: str) -> Value:
    found = source.value(*names)
    return [unpacked(item) for item in sequence(found)] if isinstance(found, list) else found
