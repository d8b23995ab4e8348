"""OpenInference, which Phoenix and Arize read: messages, tools and documents in numbered attributes."""

from agentreplay.intake.dialects.messages import messages
from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source, unpacked
from agentreplay.intake.dialects.tokens import dollars, inclusive
from agentreplay.intake.providers.wire import mapping, mappings, text
from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.model.values import Value

__all__ = ["PREFIXES", "read"]

PREFIXES = frozenset({"openinference", "llm", "input", "output", "retrieval", "reranker", "embedding"})

_KINDS = {
    "LLM": "llm",
    "EMBEDDING": "embedding",
    "CHAIN": "step",
    "RETRIEVER": "retrieval",
    "RERANKER": "rerank",
    "TOOL": "tool",
    "AGENT": "agent",
    "GUARDRAIL": "guardrail",
    "EVALUATOR": "evaluation",
    "PROMPT": "step",
}


def read(source: Source) -> Reading:
    """What the span says in these words."""
    said = (source.text("openinference.span.kind") or "").upper()
    kind = _KINDS.get(said)
    # LangChain's chains carry the first message of their state beside it; only a model's messages are all it saw.
    is_model = kind == "llm" or (kind is None and source.has("llm.model_name"))
    answered = _messages(source, "llm.output_messages") or messages(source.below("llm.choices"), "assistant")
    return Reading(
        kind=kind,
        agent=source.text("agent.name"),
        iteration=_iteration(source),
        model=source.text(
            "llm.response.model_name",
            "llm.model_name",
            "llm.request.model_name",
            "embedding.model_name",
            "reranker.model_name",
        ),
        provider=source.text("llm.provider", "llm.system"),
        tool=source.text("tool.name"),
        usage=_usage(source),
        reported=_reported(source),
        messages=(_messages(source, "llm.input_messages") or messages(source.below("llm.prompts"))) or None
        if is_model
        else None,
        parameters=source.map("llm.invocation_parameters", "embedding.invocation_parameters") or None,
        tools=_tools(source),
        request=_request(source, kind),
        answer=(answered or None if is_model else None) or _documents(source, kind) or source.value("output.value"),
    )


def _messages(source: Source, prefix: str) -> list[Value]:
    return [_message(mapping(entry.get("message", entry))) for entry in mappings(source.below(prefix))]


def _message(told: dict[str, Value]) -> Value:
    """A message whose parts and tool calls stood in attributes of their own."""
    whole: dict[str, Value] = {"role": text(told.get("role")) or "user"}
    if "content" in told:
        whole["content"] = told["content"]
    elif parts := [_part(entry) for entry in mappings(told.get("contents"))]:
        whole["content"] = parts
    if calls := [_call(mapping(entry.get("tool_call", entry))) for entry in mappings(told.get("tool_calls"))]:
        whole["tool_calls"] = calls
    if name := told.get("function_call_name"):
        whole["tool_calls"] = [{"name": name, "arguments": told.get("function_call_arguments_json")}]
    known = {"role", "content", "contents", "tool_calls", "function_call_name", "function_call_arguments_json"}
    return whole | {name: value for name, value in told.items() if name not in known}


def _part(entry: dict[str, Value]) -> dict[str, Value]:
    part = dict(mapping(entry.get("message_content", entry)))
    if isinstance(image := part.get("image"), dict):
        # image.image.url: what stands below the first is another one of the same name.
        part["image"] = mapping(image).get("image", image)
    if called := mapping(entry.get("tool_call")):
        part |= _call(called)
    return part


def _call(told: dict[str, Value]) -> dict[str, Value]:
    function = mapping(told.get("function"))
    call = {"id": told.get("id"), "name": function.get("name"), "arguments": function.get("arguments")}
    rest = {name: value for name, value in told.items() if name not in {"id", "function"}}
    return {name: value for name, value in call.items() if value is not None} | rest


def _tools(source: Source) -> Value:
    tools = mappings(source.below("llm.tools"))
    return [unpacked(mapping(entry.get("tool")).get("json_schema")) for entry in tools] or None


def _usage(source: Source) -> Usage | None:
    count = "llm.token_count."
    return inclusive(
        source.count(f"{count}prompt"),
        source.count(f"{count}completion"),
        total=source.count(f"{count}total"),
        cache_read=source.count(f"{count}prompt_details.cache_read", f"{count}prompt_details.cache_input"),
        cache_write=source.count(f"{count}prompt_details.cache_write"),
        reasoning=source.count(f"{count}completion_details.reasoning"),
        audio_in=source.count(f"{count}prompt_details.audio"),
        audio_out=source.count(f"{count}completion_details.audio"),
    )


def _reported(source: Source) -> NanoDollars | None:
    told = dollars(source.attributes.get("llm.cost.total"))
    return None if told is None else NanoDollars(told)


def _iteration(source: Source) -> int | None:
    step = source.map("metadata").get("langgraph_step")
    return step if isinstance(step, int) and not isinstance(step, bool) else None


def _request(source: Source, kind: str | None) -> Value:
    if kind == "rerank":
        documents = _listed(source.below("reranker.input_documents"))
        return {"query": source.text("reranker.query"), "documents": documents} if documents else None
    if kind == "embedding" and (texts := _texts(source)):
        return texts
    return source.value("input.value")


def _texts(source: Source) -> list[Value]:
    embedded = mappings(source.below("embedding.embeddings"))
    return [told for entry in embedded if (told := mapping(entry.get("embedding")).get("text")) is not None]


def _documents(source: Source, kind: str | None) -> list[Value] | None:
    if kind not in {"retrieval", "rerank"}:
        return None
    return _listed(source.below("retrieval.documents")) or _listed(source.below("reranker.output_documents")) or None


def _listed(value: Value) -> list[Value]:
    """Documents without the word that stands before each of their fields, their metadata read."""
    found = [mapping(entry.get("document", entry)) for entry in mappings(value)]
    return [{name: unpacked(item) if name == "metadata" else item for name, item in entry.items()} for entry in found]
