"""Full text over messages, tool calls, results, names and errors."""

from typing import Annotated

from litestar.params import Parameter

from agentreplay.model.page import Page, PageRequest
from agentreplay.model.query import SpanFilter
from agentreplay.model.search import Hit
from agentreplay.server.asking import Place
from agentreplay.server.routing import reads
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "search"]


@reads("/search", tag="search", summary="Find words, with the passages they stand in")
def search(
    service: Service,
    place: Place,
    q: Annotated[str, Parameter(description='Words that must all stand there; "phrases" and beginnings* too.')],
    page: PageRequest,
) -> Page[Hit]:
    """Spans whose messages, calls, results, names or errors hold all the words, the best of the newest first."""
    where = SpanFilter(tenant=place.tenant, project=place.project)
    return service.store.spans.search(q, where, page)


HANDLERS = (search,)
