"""Full text over messages, tool calls, results, names and errors."""

from agentreplay.core.filter import span_filter
from agentreplay.core.search import find
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.query import SpanFilter
from agentreplay.model.search import Hit
from agentreplay.server.asking import Filter, Place
from agentreplay.server.routing import reads
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "search"]


@reads("/search", tag="search", summary="Find words, with the passages they stand in")
def search(service: Service, place: Place, page: PageRequest, q: Filter = "") -> Page[Hit]:
    """Spans whose messages, calls, results, names or errors hold all the words, the best of the newest first.

    Without words the newest first, and no passages.
    """
    within = SpanFilter(tenant=place.tenant, project=place.project)
    return find(service.store.spans, span_filter(q, within, service.now), page)


HANDLERS = (search,)
