"""The application: the routes, and before them the gate, the paths of OTLP, the gateway and MCP."""

from functools import cache
from typing import Any

import msgspec

from agentreplay.server.asgi import App, Receive, Scope, Send
from agentreplay.server.delivery import Delivery
from agentreplay.server.document import document
from agentreplay.server.ending import Ending
from agentreplay.server.gate import Gate
from agentreplay.server.gateway.arrived import GATEWAY
from agentreplay.server.keys import KeyCheck
from agentreplay.server.lingering import Lingering
from agentreplay.server.mcp.http import PATH as MCP
from agentreplay.server.mcp.http import McpOverHttp
from agentreplay.server.otlp.http import PATHS, OtlpOverHttp
from agentreplay.server.pages import Pages
from agentreplay.server.reply import Reply
from agentreplay.server.router import Router
from agentreplay.server.routes import (
    calls,
    compare,
    contents,
    explain,
    filters,
    gateway,
    health,
    ingest,
    jobs,
    journals,
    live,
    measures,
    memory,
    memory_vectors,
    prices,
    projects,
    scores,
    search,
    sessions,
    snapshots,
    spans,
    state,
    storage,
    tapes,
    timeline,
    traces,
)
from agentreplay.server.routing import Route, reads
from agentreplay.server.service import Service

__all__ = ["ROUTES", "create_app", "read_document"]

_OPENAPI = "application/vnd.oai.openapi+json"


@reads("/openapi/openapi.json", tag="health", summary="The document of the API", media=_OPENAPI)
def read_document() -> Reply[dict[str, Any]]:
    """What you are reading, in OpenAPI 3.1."""
    return Reply(body=_encoded_document(), media=_OPENAPI)


ROUTES: tuple[Route, ...] = (
    *calls.HANDLERS,
    *compare.HANDLERS,
    *contents.HANDLERS,
    *explain.HANDLERS,
    *filters.HANDLERS,
    *gateway.HANDLERS,
    *health.HANDLERS,
    *ingest.HANDLERS,
    *jobs.HANDLERS,
    *journals.HANDLERS,
    *live.HANDLERS,
    *measures.HANDLERS,
    *memory.HANDLERS,
    *memory_vectors.HANDLERS,
    *prices.HANDLERS,
    *projects.HANDLERS,
    *scores.HANDLERS,
    *search.HANDLERS,
    *sessions.HANDLERS,
    *snapshots.HANDLERS,
    *spans.HANDLERS,
    *state.HANDLERS,
    *storage.HANDLERS,
    *tapes.HANDLERS,
    *timeline.HANDLERS,
    *traces.HANDLERS,
    read_document,
)
"""Every route of every module. A module of routes lists its own in HANDLERS."""


def create_app(service: Service, keys: KeyCheck) -> App:
    """The whole application as ASGI. Routes raise our errors and return stored values."""
    otlp = OtlpOverHttp(service.receiver)
    mcp = McpOverHttp(service)
    delivery = Delivery(Router(ROUTES, service))
    pages = Pages()

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in PATHS:
            await otlp(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(GATEWAY):
            await service.gateway(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == MCP:
            await mcp(scope, receive, send)
        elif pages.knows(scope):
            await pages(scope, receive, send)
        else:
            await delivery(scope, receive, send)

    names = frozenset(name.lower() for name in (service.options.host, *service.options.allowed_hosts))
    return Ending(Lingering(Gate(inner, keys=keys, names=names, figures=service.figures)))


@cache
def _encoded_document() -> bytes:
    return msgspec.json.encode(document(ROUTES))
