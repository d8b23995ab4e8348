"""Google's Agent Development Kit, which keeps requests and answers whole."""

from agentreplay.intake import providers
from agentreplay.intake.dialects.messages import conversation, messages
from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source
from agentreplay.intake.providers import Answered, Asked, gemini
from agentreplay.intake.providers.wire import mapping, to_json
from agentreplay.model.values import Value

__all__ = ["PREFIXES", "read"]

PREFIXES = frozenset({"gcp"})

_SCOPE = "gcp.vertex.agent"
_SPANS = {"invocation": "step", "agent_run": "agent", "invoke_agent": "agent", "call_llm": "llm"}


def read(source: Source) -> Reading:
    """What the span says in these words."""
    first, _, rest = source.span.name.partition(" ")
    kind = _SPANS.get(first) if source.span.scope.get("name") == _SCOPE else None
    asked, answered = source.map("gcp.vertex.agent.llm_request"), source.map("gcp.vertex.agent.llm_response")
    config = mapping(asked.get("config"))
    said = conversation(config.get("system_instruction"), messages(asked.get("contents")))
    heard = _answered(answered) if answered else None
    return Reading(
        kind=kind,
        agent=rest.strip("[]") if kind == "agent" and rest else None,
        usage=heard.usage if heard and heard.usage.total else None,
        messages=said or None,
        parameters={name: config[name] for name in config if name not in _BESIDE} or None,
        tools=config.get("tools") or None,
        request=source.value("gcp.vertex.agent.tool_call_args", "gcp.vertex.agent.data"),
        answer=(messages([_message(answered)], "assistant") if answered.get("content") else None)
        or source.value("gcp.vertex.agent.tool_response"),
    )


_BESIDE = {"system_instruction", "tools", "http_options", "labels"}


def _answered(told: dict[str, Value]) -> Answered:
    """The answer as Gemini's own module understands it, which wants the shape it has on the wire."""
    asked = Asked(provider="gcp.gemini", dialect=gemini.GENERATE)
    body = {"candidates": [{"content": told.get("content")}], "usageMetadata": told.get("usage_metadata")}
    return providers.answer(asked, 200, [to_json(body)])


def _message(told: dict[str, Value]) -> Value:
    ended = told.get("finish_reason")
    return mapping(told.get("content")) | ({"finish_reason": ended} if ended else {})
