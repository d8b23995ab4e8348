"""How costs came about."""

from agentreplay.core.explain import SessionCost, SpanCost, explain_session, explain_span
from agentreplay.core.prices import book_of
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanKey
from agentreplay.server.routing import reads
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "get_session_cost", "get_span_cost"]


@reads("/sessions/{session_id}/cost", tag="prices", summary="How the cost of a session came about")
def get_session_cost(service: Service, session: SessionKey) -> SessionCost:
    """Its calls with their tokens and prices, and why each counts or does not."""
    return explain_session(service.store, book_of(service.settings.db_path), session)


@reads("/spans/{trace_id}/{span_id}/cost", tag="prices", summary="How the cost of a span came about")
def get_span_cost(service: Service, span: SpanKey) -> SpanCost:
    """Its tokens by bucket, the price of each and where it comes from, and why it counts or does not."""
    return explain_span(service.store, book_of(service.settings.db_path), span)


HANDLERS = (get_session_cost, get_span_cost)
