"""The application: the routes, and before them the gate, the paths of OTLP, the gateway and MCP."""

import logging
from importlib.metadata import version
from typing import Any

import msgspec
from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.exceptions import HTTPException, InternalServerException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme, Tag
from litestar.types import ControllerRouterHandler

from agentreplay.server.asgi import App, Receive, Scope, Send
from agentreplay.server.asking import DEPENDENCIES
from agentreplay.server.delivery import Delivery
from agentreplay.server.gate import Gate
from agentreplay.server.gateway.arrived import GATEWAY
from agentreplay.server.keys import KeyCheck
from agentreplay.server.lingering import Lingering
from agentreplay.server.mcp.http import PATH as MCP
from agentreplay.server.mcp.http import McpOverHttp
from agentreplay.server.otlp.http import PATHS, OtlpOverHttp
from agentreplay.server.pages import Pages
from agentreplay.server.reply import Failure, error_body, failure_of
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
    prices,
    projects,
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
from agentreplay.server.service import Service

__all__ = ["ROUTES", "create_app", "document"]

ROUTES: tuple[ControllerRouterHandler, ...] = (
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
    *prices.HANDLERS,
    *projects.HANDLERS,
    *search.HANDLERS,
    *sessions.HANDLERS,
    *snapshots.HANDLERS,
    *spans.HANDLERS,
    *state.HANDLERS,
    *storage.HANDLERS,
    *tapes.HANDLERS,
    *timeline.HANDLERS,
    *traces.HANDLERS,
)
"""Every route of every module. A module of routes lists its own in HANDLERS."""

_LOG = logging.getLogger("agentreplay.server")
_DESCRIPTION = """\
What is recorded, over HTTP. Times and lengths of time are nanoseconds as decimal text, and so is every integer beyond
2^53. Lists come in pages, `{"items", "next"}`: `next` is the `cursor` of the page behind it, or null. Every error is
`{"error": {"kind", "message", "hint"}}`. A key is needed only where the server was started with one.\
"""
_TAGS = {
    "calls": "What a call asked, and what came back.",
    "compare": "What differs between two sessions.",
    "contents": "Immutable bytes under their hash: bodies, messages, files.",
    "contexts": "The messages that models saw.",
    "filters": "Help with the filter language.",
    "gateway": "Recording what passes through, and serving what was recorded.",
    "health": "Whether the server is well, and what it counts.",
    "ingest": "Where sessions and spans come in.",
    "jobs": "Replays and forks, run where the server is.",
    "live": "What happens, while it does.",
    "measures": "Figures over time, by agent, model, tool and kind.",
    "memory": "What agents remember, with all its versions.",
    "projects": "What everything else belongs to.",
    "search": "Full text.",
    "sessions": "Recordings, with what they add up to.",
    "snapshots": "States of agents as files, where the server looks for them.",
    "spans": "What was done in a session, one by one and as a tree.",
    "state": "What agents hold to be so: facts with all their versions.",
    "storage": "The store itself, all tenants together.",
    "timeline": "The state of a session at each of its steps.",
    "traces": "What belongs together by its trace id.",
}
_BAD_REQUEST, _SERVER_ERROR = 400, 500


def create_app(service: Service, keys: KeyCheck) -> App:
    """The whole application as ASGI. Routes raise our errors and return stored values."""
    otlp = OtlpOverHttp(service.receiver)
    mcp = McpOverHttp(service)
    routes = _routes(service)

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        await routes(scope, receive, send)  # type: ignore[arg-type]

    delivery = Delivery(routed)
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
    return Lingering(Gate(inner, keys=keys, names=names, figures=service.figures))


def document() -> dict[str, Any]:
    """The document of the API."""
    told: dict[str, Any] = _routes(None).openapi_schema.to_schema()
    return told


def _routes(service: Service | None) -> Litestar:
    """The routes with what they work with; without it they can only be told of."""
    return Litestar(
        route_handlers=list(ROUTES),
        dependencies={
            "service": Provide(lambda: service, sync_to_thread=False, use_cache=True),
            **DEPENDENCIES,
        },
        exception_handlers={Exception: _explain},
        openapi_config=OpenAPIConfig(
            title="agentreplay",
            version=version("agentreplay"),
            description=_DESCRIPTION,
            path="/api/v1/openapi",
            render_plugins=(),
            tags=[Tag(name=name, description=meaning) for name, meaning in _TAGS.items()],
            security=[{"bearer": []}, {"header": []}],
            components=Components(
                security_schemes={
                    "bearer": SecurityScheme(type="http", scheme="bearer"),
                    "header": SecurityScheme(type="apiKey", name="x-api-key", security_scheme_in="header"),
                }
            ),
        ),
        request_max_body_size=None if service is None else service.options.max_body,
        debug=False,
        logging_config=None,
    )


def _explain(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """Every error in the one shape."""
    if isinstance(error, InternalServerException) and isinstance(error.__cause__, msgspec.ValidationError):
        # What is wrong in a body counts as ours where a field has the name of something that routes are given.
        failure = Failure(_BAD_REQUEST, "Validation", f"the body cannot be read: {error.__cause__}")
    elif isinstance(error, HTTPException):
        failure = Failure(error.status_code, type(error).__name__.removesuffix("Exception"), _said(error), "")
    else:
        failure = failure_of(error)
    if failure.status >= _SERVER_ERROR and not isinstance(error, HTTPException):
        _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    headers = {**failure.headers, **((error.headers or {}) if isinstance(error, HTTPException) else {})}
    return Response(error_body(failure), status_code=failure.status, headers=headers, media_type="application/json")


def _said(error: HTTPException) -> str:
    """What Litestar says, with what was wrong with each argument."""
    if error.status_code == _BAD_REQUEST and isinstance(error.extra, list):
        parts = [f"{part.get('key', '')}: {part.get('message', '')}" for part in error.extra if isinstance(part, dict)]
        return f"{error.detail} ({'; '.join(parts)})" if parts else error.detail
    return error.detail
