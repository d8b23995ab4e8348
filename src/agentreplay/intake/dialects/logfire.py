"""Logfire: names for people, the provider's own token counts, and spans that stand for others that are still open."""

import msgspec

from agentreplay.errors import ValueInvalid
from agentreplay.intake.dialects.messages import answers, messages
from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source
from agentreplay.intake.dialects.tokens import named
from agentreplay.intake.providers.wire import mapping
from agentreplay.model.ids import SpanId, check_span_id
from agentreplay.model.span import Span

__all__ = ["PREFIXES", "opened", "read"]

PREFIXES = frozenset({"logfire", "request_data", "response_data"})

_PARENT = "logfire.pending_parent_id"
_NOBODY = "0" * 16


def read(source: Source) -> Reading:
    """What the span says in these words."""
    asked, answered = source.map("request_data"), source.map("response_data")
    # The template is kept as an attribute, so a name that is easier to read costs nothing.
    title = source.text("logfire.msg") if source.has("logfire.msg_template") else None
    return Reading(
        name=title,
        usage=named(source.map("gen_ai.usage.raw") or mapping(answered.get("usage"))),
        messages=messages(asked.get("messages")) or None,
        answer=answers([answered["message"]]) if "message" in answered else answered.get("combined_chunk_content"),
    )


def opened(span: Span) -> Span:
    """The span that a pending one stands for, as long as it is open; any other span as it is."""
    if span.attributes.get("logfire.span_type") != "pending_span" or span.end is None or span.parent_id is None:
        return span
    above = span.attributes.get(_PARENT)
    return msgspec.structs.replace(
        span, span_id=span.parent_id, parent_id=_parent(above), end=None, status="unset", status_message=""
    )


def _parent(told: object) -> SpanId | None:
    try:
        return check_span_id(told) if isinstance(told, str) and told != _NOBODY else None
    except ValueInvalid:
        return None
