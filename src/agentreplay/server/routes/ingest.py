"""Where sessions and spans come in as JSON; docs/ingest.md."""

from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency

from agentreplay.server.routing import PROBLEMS
from agentreplay.server.service import Service
from agentreplay.server.submissions import Acknowledged

__all__ = ["HANDLERS", "ingest"]


@post(
    "/api/v1/ingest", status_code=200, summary="Take in sessions and spans", tags=["ingest"], responses=dict(PROBLEMS)
)
async def ingest(service: NamedDependency[Service], request: Request[Any, Any, Any]) -> Acknowledged:
    """What makes sense is kept, durably, when the answer comes; what does not is told, item by item."""
    headers = dict(request.headers.items())
    return await service.submissions.take_in(await request.body(), headers, service.options.max_body)


HANDLERS = (ingest,)
