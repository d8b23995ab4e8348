"""Claude Code's own spans and records, whose attributes bear no prefix and whose tokens are told part by part."""

from agentreplay.intake import providers
from agentreplay.intake.dialects.messages import answers, conversation, messages
from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source
from agentreplay.intake.dialects.tokens import dollars, exclusive
from agentreplay.intake.providers.wire import mapping
from agentreplay.intake.records import LOG, METRIC
from agentreplay.model.usage import NanoDollars
from agentreplay.model.values import Value

__all__ = ["PREFIXES", "read"]

PREFIXES = frozenset(
    {"span", "tool_name", "tool_use_id", "ttft_ms", "query_source", "user_prompt", "prompt", "terminal", "error_type"}
)

_KINDS = {
    "interaction": "step",
    "llm_request": "llm",
    "tool": "tool",
    "tool.execution": "function",
    "tool.blocked_on_user": "human",
    "hook": "function",
}
_EVENTS = {
    "api_error": "llm",
    "api_request": "llm",
    "tool_result": "tool",
    "user_prompt": "human",
}
"""Of its records, those that tell of something done; the others, and all points of metrics, tell of it once more."""
_EMITTER = "claude_code."
_REQUESTS = ("claude_code.api_request_body", "api_request_body")
_ANSWERS = ("claude_code.api_response_body", "api_response_body")
_API = "https://api.anthropic.com/v1/messages"
_INPUTS = ("tool_input", "full_command", "file_path", "skill_name", "subagent_type")


def read(source: Source) -> Reading | None:
    """What the span says in these words; None when it is not Claude Code's."""
    said = _said(source)
    if said is None:
        return None
    kind = _KINDS.get(said) or _EVENTS.get(said)
    if METRIC in source.attributes or (kind is None and LOG in source.attributes):
        return Reading(kind="custom", agent=source.text("agent.name", "agent_name"), answer=_answer(source))
    body, answered = _body(source, _REQUESTS), _body(source, _ANSWERS)
    asked = providers.ask(_API, body) if body else None
    stored = source.count("cache_creation_tokens", "cache_creation_input_tokens")
    lasting = min(stored, source.count("cache_creation_1h_tokens"))
    cost = dollars(source.attributes.get("cost_usd"))
    return Reading(
        kind=kind,
        agent=source.text("agent.name", "agent_name", "subagent_type"),
        model=source.text("model", "gen_ai.request.model"),
        provider=source.text("gen_ai.system") or ("anthropic" if kind == "llm" else None),
        tool=source.text("tool_name"),
        usage=exclusive(
            input=source.count("input_tokens"),
            cache_read=source.count("cache_read_tokens", "cache_read_input_tokens"),
            cache_write_5m=stored - lasting,
            cache_write_1h=lasting,
            output=source.count("output_tokens"),
        ),
        reported=None if cost is None else NanoDollars(cost),
        status="error" if said == "api_error" or source.attributes.get("success") in (False, "false") else None,
        status_message=source.text("error"),
        messages=conversation(body.get("system"), messages(body.get("messages"))) or None,
        parameters=asked.parameters if asked else None,
        tools=body.get("tools") or None,
        request=_request(source, kind),
        answer=answers([answered]) if answered else _answer(source),
    )


def _said(source: Source) -> str | None:
    """What it tells of, in its emitter's own word; None where somebody else tells it."""
    told, name = source.text("span.type"), source.span.name
    if told in _KINDS or name.startswith(_EMITTER):
        return told or name.removeprefix(_EMITTER)
    # A record is named by its attribute `event.name`; only its body has the prefix.
    record = mapping(source.attributes.get(LOG))
    return name if record.get("body") == _EMITTER + name else None


def _body(source: Source, names: tuple[str, ...]) -> dict[str, Value]:
    """A body that was logged beside the span; the file that a `body_ref` names is not ours to open."""
    for _, told in source.events(*names):
        if told.get("role") or told.get("messages"):
            return told
    return {}


def _request(source: Source, kind: str | None) -> Value:
    if kind in {"tool", "function"}:
        told = {name: source.value(name) for name in _INPUTS if source.has(name)}
        return told.get("tool_input") or told or None
    return source.value("user_prompt", "prompt")


def _answer(source: Source) -> Value:
    for _, told in source.events("tool.output", "claude_code.tool_result", "claude_code.assistant_response"):
        for name in ("output", "content", "tool_result", "response"):
            if told.get(name):
                return told[name]
    return source.value("tool_result", "response")
