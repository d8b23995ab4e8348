"""Calls: what was asked and answered, the messages a model saw, what changed in them, and where texts came from."""

from typing import Annotated, Literal

from msgspec import Meta

from agentreplay.core import context, exchange
from agentreplay.core.context import Conversation, Turn
from agentreplay.core.exchange import Exchange
from agentreplay.core.provenance import Provenance, provenance
from agentreplay.model.context import ContextRef
from agentreplay.model.ids import check_context_id
from agentreplay.model.span import SpanKey
from agentreplay.server.asking import Count, Headers, Place
from agentreplay.server.files import ANY, PARTS, served
from agentreplay.server.reply import Reply
from agentreplay.server.routing import reads
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "find_provenance", "get_call", "read_context", "read_messages", "read_raw", "read_turn"]

_ONE = "/spans/{trace_id}/{span_id}"
_First = Annotated[int, Meta(ge=0, le=1 << 62, description="The place of the first message, from 0.")]
_Largest = Annotated[Count | None, Meta(description="Leave out bodies of more bytes.")]
_Text = Annotated[str, Meta(max_length=10_000, description="Its words are looked for, one behind the other.")]
_Many = Annotated[int, Meta(ge=1, le=10_000, description="How many messages at most.")]


@reads(f"{_ONE}/messages", tag="contexts", summary="The messages a model saw")
def read_messages(service: Service, span: SpanKey, start: _First = 0, limit: _Many = 1_000) -> Conversation | None:
    """In order, each as it was sent; null for a span that saw none."""
    return context.messages(service.store, span, start, limit)


@reads(f"{_ONE}/turn", tag="contexts", summary="What changed in the messages since the call before")
def read_turn(service: Service, span: SpanKey) -> Turn | None:
    """Messages that were added, dropped and changed since the call this one goes on from; null if it saw none."""
    return context.changes(service.store, span)


@reads(f"{_ONE}/call", tag="calls", summary="What a call asked, and what came back")
def get_call(service: Service, span: SpanKey, largest: _Largest = None) -> Exchange:
    """Understood where its words are known: model, parameters, text, reasoning, tool calls, usage."""
    return exchange.exchange(service.store, span, largest)


@reads(f"{_ONE}/provenance", tag="calls", summary="Where a text came from")
def find_provenance(service: Service, span: SpanKey, text: _Text) -> Provenance | None:
    """The earliest message, request or answer of the session that holds it, up to this span; null if none does."""
    return provenance(service.store, span, text)


@reads(
    f"{_ONE}/call/{{side}}",
    tag="calls",
    summary="One half of a call, byte by byte",
    media=ANY,
    answers=PARTS,
)
def read_raw(
    service: Service,
    headers: Headers,
    span: SpanKey,
    side: Literal["request", "answer"],
) -> Reply[bytes]:
    """The body of the request or of the answer as it crossed the boundary, with its media type; takes `range`."""
    return served(exchange.raw(service.store, span, side), headers)


@reads("/contexts/{context_id}", tag="contexts", summary="The messages of a context")
def read_context(
    service: Service, place: Place, context_id: str, start: _First = 0, limit: _Many = 1_000
) -> Conversation:
    """In order, without the hints for caches that single calls put into them."""
    ref = ContextRef(id=check_context_id(context_id))
    return context.conversation(service.store, place.tenant, ref, start, limit)


HANDLERS = (read_messages, read_turn, get_call, find_provenance, read_raw, read_context)
