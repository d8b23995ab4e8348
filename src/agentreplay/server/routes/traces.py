"""Traces: what belongs together by its trace id, whatever session it is in."""

from agentreplay.errors import TraceMissing
from agentreplay.model.ids import check_trace_id
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.query import SpanFilter
from agentreplay.model.span import SpanRow
from agentreplay.server.asking import Place
from agentreplay.server.routing import reads
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "read_trace"]


@reads("/traces/{trace_id}", tag="traces", summary="The spans of a trace, the newest first")
def read_trace(service: Service, place: Place, trace_id: str, page: PageRequest) -> Page[SpanRow]:
    """Light rows, in pages; of all projects unless one is named."""
    where = SpanFilter(tenant=place.tenant, project=place.project, trace_id=check_trace_id(trace_id))
    found = service.store.spans.find(where, page)
    if not found.items and page.after is None:
        raise TraceMissing(trace=where.trace_id)
    return found


HANDLERS = (read_trace,)
