"""What telemetry tells that others tell too: as the spans that a coding agent's hooks and files tell, or a recorder."""

import msgspec

from agentreplay.errors import ValueInvalid
from agentreplay.intake.joining import Thing, span_of
from agentreplay.intake.otlp.spans import is_span_id, is_trace_id
from agentreplay.intake.providers import wire
from agentreplay.intake.records import LOG
from agentreplay.intake.sessions import trace_of_session
from agentreplay.model.charging import CHARGED
from agentreplay.model.ids import SessionId, SpanId, TraceId, check_name
from agentreplay.model.span import PROVISIONAL, Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.model.witness import RECORDED, RECORDED_CALL, RECORDED_SPAN, attested

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
_SERVICES = ("claude-code", "codex", "gemini-cli", "opencode")
"""How coding agents that write files of their own call what they report; and themselves, or how that begins."""
_ONCE = ("conversation.id", "event.timestamp", "input_token_count", "output_token_count")
"""What no two answers of Codex have in common."""
_LONGEST = 10**12
"""Of a duration, so many milliseconds make sense."""


def joined(span: Span) -> Span:
    """The span under the id that it has where others tell of the same; what tells of nothing else stays.

    A record that stands in a trace of its own stays too: there a span tells of the same.
    """
    if RECORDED in span.attributes:
        return _recorded(span)
    span = _witnessed(span)
    if LOG not in span.attributes or span.trace_id != trace_of_session(span.session):
        return span
    told = _named(span)
    if told is None:
        return span
    return msgspec.structs.replace(
        _lasting(span), span_id=span_of(span.session, *told), attributes={**span.attributes, PROVISIONAL: True}
    )


def _recorded(span: Span) -> Span:
    """Of a program that was recorded: under the id of the recorded span that tells of it, or with what it is known by.

    A call that was made while a span was under way is what that tells of where both are calls to models.
    """
    told = span.attributes
    session, trace_id, project = [*wire.text(told[RECORDED]).split(" ", 2), "", "", ""][:3]
    if span.end is None or project != span.project or not is_trace_id(trace_id) or not _may_name(session):
        return span
    span_id = wire.text(told.get(RECORDED_SPAN)) or (wire.text(told.get(RECORDED_CALL)) if span.kind in CHARGED else "")
    if is_span_id(span_id):
        return msgspec.structs.replace(
            span,
            session=SessionId(session),
            trace_id=TraceId(trace_id),
            span_id=SpanId(span_id),
            parent_id=None,
            attributes={**told, PROVISIONAL: True},
        )
    if span.kind not in CHARGED:
        return span
    answer = wire.text(told.get("gen_ai.response.id"))
    return msgspec.structs.replace(
        span, attributes={**told, **attested("trace", span.usage, span.end, answer, within=session)}
    )


def _may_name(session: str) -> bool:
    try:
        check_name(session, "the session")
    except ValueInvalid:
        return False
    return True


def _named(span: Span) -> tuple[Thing, str] | None:
    """What a record tells of, and how its session names that."""
    attributes = span.attributes
    said = wire.text(attributes.get("event.name")) or span.name
    thing, attribute = _TOLD.get(said.removeprefix(_EMITTER), ("llm", ""))
    name = wire.text(attributes.get(attribute))
    if not name and span.kind == "llm" and wire.text(attributes.get("event.kind")):
        # Codex names no answer, and writes each record twice: in full, and without what is private.
        name = " ".join(str(attributes.get(one, "")) for one in _ONCE)
    return (thing, name) if name else None


def _lasting(span: Span) -> Span:
    """The span with the time that the record says it took: it is written when that is over."""
    took = _duration(span.attributes.get("duration_ms")) if span.start == span.end else 0
    return msgspec.structs.replace(span, start=Nanoseconds(span.start - took)) if took else span


def _witnessed(span: Span) -> Span:
    """A call to a model with what it is known by in the agent's own file, and where a gateway recorded it.

    Only of what coding agents tell: for others, nobody but themselves tells of their calls.
    """
    if span.kind != "llm" or span.end is None or not _is_told_by_agent(span):
        return span
    answer, request = (wire.text(span.attributes.get(name)) for name in ("gen_ai.response.id", "request_id"))
    is_record = LOG in span.attributes
    told = attested("log" if is_record else "trace", span.usage, span.end, answer, request)
    span = _lasting(span) if is_record else span
    return msgspec.structs.replace(span, attributes={**span.attributes, **told})


def _is_told_by_agent(span: Span) -> bool:
    # A record bears the name of its event; only its body has the prefix.
    told = span.attributes
    return (
        wire.text(span.resource.get("service.name")).startswith(_SERVICES)
        or span.name.startswith(_AGENTS)
        or wire.text(told.get("event.name")).startswith(_AGENTS)
        or wire.text(wire.mapping(told.get(LOG)).get("body")).startswith(_AGENTS)
    )


def _duration(told: Value) -> int:
    """The record is written when it is over, and says how long it took: as a number, or in digits."""
    try:
        milliseconds = float(told)
    except (TypeError, ValueError):
        return 0
    return round(milliseconds * 1_000_000) if 0 <= milliseconds < _LONGEST else 0
