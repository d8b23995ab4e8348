"""Where sessions and spans come in as JSON; docs/ingest.md."""

from agentreplay.server.asking import Body, Headers
from agentreplay.server.routing import answers
from agentreplay.server.service import Service
from agentreplay.server.submissions import Acknowledged

__all__ = ["HANDLERS", "ingest"]


@answers("POST", "/api/v1/ingest", tag="ingest", summary="Take in sessions and spans")
async def ingest(service: Service, headers: Headers, body: Body) -> Acknowledged:
    """What makes sense is kept, durably, when the answer comes; what does not is told, item by item."""
    return await service.submissions.take_in(body, headers, service.options.max_body)


HANDLERS = (ingest,)
