"""What coding agents report of a tool call, a request or a prompt, as the spans that their hooks and files tell."""

import msgspec

from agentreplay.intake.joining import Thing, span_of
from agentreplay.intake.providers import wire
from agentreplay.intake.records import LOG
from agentreplay.intake.sessions import trace_of_session
from agentreplay.model.span import PROVISIONAL, Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.model.witness import attested

__all__ = ["joined"]

_TOLD: dict[str, tuple[Thing, str]] = {
    "tool_result": ("tool", "tool_use_id"),
    "api_request": ("llm", "request_id"),
    "user_prompt": ("prompt", "prompt.id"),
    "codex.tool_result": ("tool", "call_id"),
}
"""What Claude Code's records tell of, without their prefix, and those of Codex."""
_EMITTER = "claude_code."
_AGENTS = (_EMITTER, "gemini_cli.", "codex.")
_SERVICES = frozenset({"claude-code", "codex_cli_rs", "codex-cli", "gemini-cli", "opencode"})
"""How coding agents that write files of their own call what they report, or themselves."""
_LONGEST = 10**12
"""Of a duration, so many milliseconds make sense."""


def joined(span: Span) -> Span:
    """The span under the id that its session gives to what it tells of; what tells of nothing else stays.

    A record that stands in a trace of its own stays too: there a span tells of the same.
    """
    span = _witnessed(span)
    told = _TOLD.get(span.name.removeprefix(_EMITTER))
    if told is None or LOG not in span.attributes or span.trace_id != trace_of_session(span.session):
        return span
    thing, attribute = told
    name = span.attributes.get(attribute)
    if not isinstance(name, str) or not name:
        return span
    return msgspec.structs.replace(
        span,
        span_id=span_of(span.session, thing, name),
        start=Nanoseconds(span.start - _duration(span.attributes.get("duration_ms"))),
        attributes={**span.attributes, PROVISIONAL: True},
    )


def _witnessed(span: Span) -> Span:
    """A call to a model with what it is known by in the agent's own file, and where a gateway recorded it.

    Only of what coding agents tell: for others, nobody but themselves tells of their calls.
    """
    if span.kind != "llm" or span.end is None or not _is_told_by_agent(span):
        return span
    answer, request = (wire.text(span.attributes.get(name)) for name in ("gen_ai.response.id", "request_id"))
    told = attested("log" if LOG in span.attributes else "trace", span.usage, span.end, answer, request)
    return msgspec.structs.replace(span, attributes={**span.attributes, **told})


def _is_told_by_agent(span: Span) -> bool:
    # A record bears the name of its event; only its body has the prefix.
    said = wire.text(wire.mapping(span.attributes.get(LOG)).get("body"))
    return span.name.startswith(_AGENTS) or said.startswith(_AGENTS) or span.resource.get("service.name") in _SERVICES


def _duration(told: Value) -> int:
    """The record is written when it is over, and says how long it took: as a number, or in digits."""
    try:
        milliseconds = float(told)
    except (TypeError, ValueError):
        return 0
    return round(milliseconds * 1_000_000) if 0 <= milliseconds < _LONGEST else 0
