"""OpenTelemetry's conventions for generative AI, in every spelling they have had, as attributes and as events."""

from agentreplay.intake.dialects.messages import answers, conversation, message, messages
from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source, Spellings, unpacked
from agentreplay.intake.dialects.tokens import dollars, inclusive
from agentreplay.model.usage import NanoDollars
from agentreplay.model.values import Value

__all__ = ["PREFIXES", "read"]

PREFIXES = frozenset({"gen_ai", "llm", "mcp"})

_KINDS = {
    "chat": "llm",
    "generate_content": "llm",
    "text_completion": "llm",
    "completion": "llm",
    "generate": "llm",
    "response": "llm",
    "llm_request": "llm",
    "embeddings": "embedding",
    "embedding": "embedding",
    "retrieval": "retrieval",
    "vector_db_retrieve": "retrieval",
    "rerank": "rerank",
    "create_agent": "agent",
    "invoke_agent": "agent",
    "invoke_workflow": "agent",
    "agent_step": "step",
    "execute_task": "step",
    "chain": "step",
    "plan": "planning",
    "execute_tool": "tool",
    "search_memory": "memory",
    "create_memory": "memory",
    "update_memory": "memory",
    "upsert_memory": "memory",
    "delete_memory": "memory",
    "create_memory_store": "memory",
    "delete_memory_store": "memory",
}
_REQUEST = "gen_ai.request"
_NO_PARAMETERS = {"model", "structured_output_schema", "base_url"}
_DETAILS = "gen_ai.client.inference.operation.details"
_MESSAGES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
_BESIDE = ("gen_ai.system", "gen_ai.provider.name", "gen_ai.event.content", "event.name", "body")


_TEXTS = Spellings(
    operation=("gen_ai.operation.name",),
    agent=("gen_ai.agent.name",),
    model=("gen_ai.response.model", "gen_ai.request.model"),
    provider=("gen_ai.provider.name", "gen_ai.system"),
    tool=("gen_ai.tool.name",),
    service_tier=(
        *("gen_ai.response.service_tier", "openai.response.service_tier"),
        "gen_ai.openai.response.service_tier",
    ),
)
_TOKENS = Spellings(
    read=("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens"),
    written=("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens"),
    total=("gen_ai.usage.total_tokens", "llm.usage.total_tokens"),
    cache_read=(
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.details.cache_read_tokens",
        "gen_ai.usage.cached_tokens",
    ),
    cache_write=(
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.details.cache_write_tokens",
    ),
    cache_write_1h=("anthropic.usage.cache_creation.ephemeral_1h_input_tokens",),
    reasoning=(
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "gen_ai.usage.details.reasoning_tokens",
    ),
    audio_in=("gen_ai.usage.audio.input_tokens", "gen_ai.usage.details.input_audio_tokens"),
    audio_out=("gen_ai.usage.audio.output_tokens", "gen_ai.usage.details.output_audio_tokens"),
    image_in=("gen_ai.usage.image.input_tokens",),
)


def read(source: Source) -> Reading:
    """What the span says in these words."""
    told = source.texts(_TEXTS)
    operation = told.get("operation", "").lower()
    said, answered = _said(source), _answered(source)
    is_model = not operation or _KINDS.get(operation, "llm") in {"llm", "agent"}
    return Reading(
        kind=_KINDS.get(operation) or ("mcp" if source.has("mcp.method.name") else None),
        agent=told.get("agent"),
        model=told.get("model"),
        provider=told.get("provider"),
        tool=told.get("tool"),
        usage=inclusive(**source.counts(_TOKENS)),
        reported=_reported(source),
        service_tier=told.get("service_tier"),
        messages=said if is_model else None,
        parameters=_parameters(source),
        tools=source.value("gen_ai.tool.definitions") or source.below("llm.request.functions") or None,
        request=_request(source, None if is_model else said),
        answer=answered or _result(source),
    )


def _reported(source: Source) -> NanoDollars | None:
    told = dollars(source.attributes.get("gen_ai.usage.cost"))
    if told is None and source.has("gen_ai.usage.input_cost", "gen_ai.usage.output_cost"):
        parts = [dollars(source.attributes.get(f"gen_ai.usage.{way}_cost")) for way in ("input", "output")]
        told = None if parts == [None, None] else sum(part or 0 for part in parts)
    return None if told is None else NanoDollars(told)


def _parameters(source: Source) -> dict[str, Value] | None:
    told = {
        short: source.attributes[name] for name, short in source.names_below(_REQUEST) if short not in _NO_PARAMETERS
    }
    return told or None


def _said(source: Source) -> list[Value] | None:
    found = messages(source.value("gen_ai.input.messages")) or messages(source.below("gen_ai.prompt"))
    system = source.value("gen_ai.system_instructions")
    if not found:
        for _, told in source.events(_DETAILS, "gen_ai.content.prompt"):
            found = messages(told.get("gen_ai.input.messages", told.get("gen_ai.prompt")))
            system = system or told.get("gen_ai.system_instructions")
        found = found or [message(_bare(told), _MESSAGES[name]) for name, told in source.events(*_MESSAGES)]
    return conversation(system, found) if found else None


def _answered(source: Source) -> list[Value] | None:
    found = answers(source.value("gen_ai.output.messages")) or answers(source.below("gen_ai.completion"))
    if not found:
        for _, told in source.events(_DETAILS, "gen_ai.content.completion"):
            found = answers(told.get("gen_ai.output.messages", told.get("gen_ai.completion")))
        found = found or [message(_choice(told), "assistant") for _, told in source.events("gen_ai.choice")]
    return found or None


def _bare(told: dict[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in told.items() if name not in _BESIDE}


def _choice(told: dict[str, Value]) -> dict[str, Value]:
    """A choice, of which some emitters write the message as JSON into an attribute."""
    return {name: unpacked(value) if name == "message" else value for name, value in _bare(told).items()}


def _request(source: Source, said: list[Value] | None) -> Value:
    """What was asked of a tool, a memory or a collection of documents."""
    asked = source.value(
        "gen_ai.tool.call.arguments",
        "mcp.request.argument",
        "gen_ai.retrieval.query.text",
        "gen_ai.memory.query.text",
    )
    return asked if asked is not None else source.value("gen_ai.task.input") or said


def _result(source: Source) -> Value:
    found = source.value(
        "gen_ai.tool.call.result",
        "gen_ai.retrieval.documents",
        "gen_ai.memory.records",
        "mcp.response.value",
        "gen_ai.task.output",
    )
    if found is None and (told := [_bare(told) for _, told in source.events("gen_ai.retrieval.document")]):
        return told
    return found
