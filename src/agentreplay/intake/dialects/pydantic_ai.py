"""Pydantic AI: the whole conversation of an agent, and what came out of it."""

from agentreplay.intake.dialects.messages import conversation, messages
from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source
from agentreplay.intake.dialects.tokens import dollars
from agentreplay.intake.providers.wire import mapping, mappings
from agentreplay.model.usage import NanoDollars
from agentreplay.model.values import Value

__all__ = ["PREFIXES", "read"]

PREFIXES = frozenset(
    {"pydantic_ai", "all_messages_events", "final_result", "agent_name", "model_name", "tool_arguments", "operation"}
    | {"model_request_parameters", "events", "tool_response"}
)


def read(source: Source) -> Reading:
    """What the span says in these words."""
    said, answered = _said(source)
    told = dollars(source.attributes.get("operation.cost"))
    is_run = source.has("agent_name", "final_result", "pydantic_ai.all_messages", "all_messages_events")
    return Reading(
        kind="agent" if is_run and not source.has("gen_ai.operation.name") else None,
        agent=source.text("agent_name"),
        model=source.text("model_name"),
        reported=None if told is None else NanoDollars(told),
        messages=said or None,
        tools=mapping(source.value("model_request_parameters")).get("function_tools") or None
        if not source.has("gen_ai.tool.definitions")
        else None,
        request=source.value("tool_arguments"),
        answer=source.value("final_result") or answered or source.value("tool_response"),
    )


def _said(source: Source) -> tuple[list[Value], list[Value]]:
    """The conversation of a run; or that of a call, and its answer, as earlier versions list them in one attribute."""
    whole = messages(source.value("pydantic_ai.all_messages", "all_messages_events"))
    if whole:
        return conversation(source.value("gen_ai.system_instructions"), whole), []
    listed = mappings(source.value("events"))
    choices = [event for event in listed if event.get("event.name") == "gen_ai.choice"]
    return (
        messages([_bare(event) for event in listed if event not in choices]),
        messages([_bare(event) for event in choices], "assistant"),
    )


def _bare(event: dict[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in event.items() if not name.startswith(("event.", "gen_ai."))}
