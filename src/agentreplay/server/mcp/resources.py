"""Resources: what can be attached to a conversation without calling a tool."""

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote

from agentreplay.errors import NotFound
from agentreplay.model.query import SpanFilter
from agentreplay.model.span import SpanRow
from agentreplay.server.mcp.arguments import paged
from agentreplay.server.mcp.fitting import USUAL_BUDGET, Listing, fit
from agentreplay.server.mcp.reach import Reach
from agentreplay.server.mcp.tools import comparing, sessions, spans

__all__ = ["MEDIA", "RESOURCES", "TEMPLATES", "Resource", "Template", "read_resource"]

MEDIA = "application/json"

_SCHEME = "agentreplay://"
_MANY = 30


class Resource(NamedTuple):
    """Something with a name of its own."""

    uri: str
    name: str
    description: str
    read: Callable[[Reach], Listing]

    @property
    def told(self) -> dict[str, Any]:
        """The resource as clients are told of it."""
        return {"uri": self.uri, "name": self.name, "description": self.description, "mimeType": MEDIA}


class Template(NamedTuple):
    """Many things of one kind, each named in one way."""

    uri: str
    name: str
    description: str
    read: Callable[[Reach, str], Listing]

    @property
    def told(self) -> dict[str, Any]:
        """The template as clients are told of it."""
        return {"uriTemplate": self.uri, "name": self.name, "description": self.description, "mimeType": MEDIA}

    @property
    def beginning(self) -> str:
        """How the addresses of all of them begin."""
        return self.uri.partition("{")[0]


def _recent(reach: Reach) -> Listing:
    return sessions.search_sessions(reach, limit=_MANY)


def _errors(reach: Reach) -> Listing:
    where = SpanFilter(tenant=reach.tenant, status="error")
    return paged(
        {}, lambda request: reach.store.spans.find(where, request), lambda row: _failed(reach, row), _MANY, None
    )


def _failed(reach: Reach, row: SpanRow) -> dict[str, object]:
    return {**sessions.failed_span(reach, row), "session": row.session, "project": row.project}


def _stats(reach: Reach) -> Listing:
    return comparing.measures(reach, by=["model"])


RESOURCES = (
    Resource(f"{_SCHEME}sessions", "Recent sessions", "The newest sessions of all projects.", _recent),
    Resource(f"{_SCHEME}errors", "Recent errors", "The newest spans that failed, with what they said.", _errors),
    Resource(f"{_SCHEME}stats", "Statistics", "Spans, errors, tokens and cost of the last 7 days, by model.", _stats),
)
TEMPLATES = (
    Template(
        f"{_SCHEME}sessions/{{session}}",
        "A session",
        "What a session adds up to, and the spans of it that failed.",
        sessions.session_summary,
    ),
    Template(
        f"{_SCHEME}spans/{{trace_id}}/{{span_id}}",
        "A span",
        "What one span asked and got.",
        spans.get_span,
    ),
)


def read_resource(reach: Reach, uri: str) -> str | None:
    """The text of a resource, or None when there is none at this address. Raises what tools raise, but NotFound."""
    try:
        found = _listing(reach, uri)
    except NotFound:
        return None
    return None if found is None else fit(found, USUAL_BUDGET)


def _listing(reach: Reach, uri: str) -> Listing | None:
    for resource in RESOURCES:
        if resource.uri == uri:
            return resource.read(reach)
    for template in TEMPLATES:
        rest = uri.removeprefix(template.beginning)
        if rest and rest != uri:
            return template.read(reach, unquote(rest))
    return None
