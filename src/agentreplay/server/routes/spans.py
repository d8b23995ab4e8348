"""Spans: found, whole, and how they are related; those of a session in its order."""

from typing import Annotated

from msgspec import Meta

from agentreplay.core import relations, sessions
from agentreplay.core.columns import SpanColumns, told_columns
from agentreplay.core.filter import span_filter
from agentreplay.core.relations import Route
from agentreplay.core.search import find
from agentreplay.core.subjects import Subjects, subjects
from agentreplay.model.ids import check_span_id
from agentreplay.model.page import Cursor, Page, PageRequest
from agentreplay.model.query import SpanFilter
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span, SpanKey, SpanRow
from agentreplay.server.asking import Filter, Place
from agentreplay.server.reply import Reply, as_it_is
from agentreplay.server.routing import reads
from agentreplay.server.service import Service

__all__ = [
    "HANDLERS",
    "MOST_SPANS",
    "find_path",
    "find_spans",
    "get_span",
    "read_ancestors",
    "read_children",
    "read_descendants",
    "read_session_columns",
    "read_session_spans",
    "read_session_subjects",
    "read_siblings",
    "read_subtree",
]

MOST_SPANS = 100_000
"""Of a session in one answer."""

_ONE = "/spans/{trace_id}/{span_id}"
_Start = Annotated[int, Meta(ge=1, description="The place of the first span, from 1.")]
_Some = Annotated[int, Meta(ge=1, le=1_000, description="Of how many spans at most.")]
_Many = Annotated[int, Meta(ge=1, le=MOST_SPANS, description="How many spans at most.")]


@reads("/sessions/{session_id}/spans", tag="spans", summary="The spans of a session, in its order")
def read_session_spans(service: Service, session: SessionKey, start: _Start = 1, limit: _Many = 1_000) -> Page[SpanRow]:
    """Light rows from a place on. `next`, where there are more, is the `start` of those behind them."""
    sessions.get(service.store.sessions, session)
    rows = service.store.spans.read(session, start, limit + 1)
    following = Cursor(str(start + limit)) if len(rows) > limit else None
    return Page(items=tuple(rows[:limit]), next=following)


@reads("/sessions/{session_id}/columns", tag="spans", summary="The spans of a session, as columns")
def read_session_columns(
    service: Service, session: SessionKey, start: _Start = 1, limit: _Many = MOST_SPANS
) -> Reply[SpanColumns]:
    """The same rows in a fraction of the bytes: a list for each field, in which what repeats is told once."""
    sessions.get(service.store.sessions, session)
    return as_it_is(told_columns(session, service.store.spans.columns(session, start, limit)))


@reads("/sessions/{session_id}/subjects", tag="spans", summary="What the tools of a session act on")
def read_session_subjects(service: Service, session: SessionKey, start: _Start = 1, limit: _Some = 100) -> Subjects:
    """The file, the command, the query each was given, in one line, by the places of their spans."""
    sessions.get(service.store.sessions, session)
    return subjects(service.store, session, start, limit)


@reads("/spans", tag="spans", summary="Find spans, the newest first")
def find_spans(service: Service, place: Place, page: PageRequest, q: Filter = "") -> Page[SpanRow]:
    """Light rows, in pages. With words to search for, the best of the newest first; /search has the passages."""
    within = SpanFilter(tenant=place.tenant, project=place.project)
    found = find(service.store.spans, span_filter(q, within, service.now), page)
    return Page(items=tuple(hit.span for hit in found.items), next=found.next)


@reads(_ONE, tag="spans", summary="One span, whole")
def get_span(service: Service, span: SpanKey) -> Span:
    """With its attributes, events and links, and the hashes of the contents it holds."""
    return relations.get(service.store.spans, span)


@reads(f"{_ONE}/children", tag="spans", summary="The spans right below one")
def read_children(service: Service, span: SpanKey, page: PageRequest) -> Page[SpanRow]:
    """In the order of the session. The span itself need not be stored (yet)."""
    return service.store.spans.children(span, page)


@reads(f"{_ONE}/ancestors", tag="spans", summary="The spans above one")
def read_ancestors(service: Service, span: SpanKey) -> Page[SpanRow]:
    """The parent, its parent, and so on up to the root, or to the first that is not stored."""
    relations.get(service.store.spans, span)
    return Page(items=tuple(service.store.spans.ancestors(span)))


@reads(f"{_ONE}/descendants", tag="spans", summary="All spans below one")
def read_descendants(service: Service, span: SpanKey, page: PageRequest) -> Page[SpanRow]:
    """In the order of the session, each once. The span itself need not be stored (yet)."""
    return service.store.spans.descendants(span, page)


@reads(f"{_ONE}/siblings", tag="spans", summary="The other children of a span's parent")
def read_siblings(service: Service, span: SpanKey, page: PageRequest) -> Page[SpanRow]:
    """In the order of the session. The page that would have held the span itself is one shorter."""
    return relations.siblings(service.store.spans, span, page)


@reads(f"{_ONE}/subtree", tag="spans", summary="A span and all below it")
def read_subtree(service: Service, span: SpanKey, page: PageRequest) -> Page[SpanRow]:
    """In the order of the session; the span itself stands on the first page, beyond the limit."""
    return relations.subtree(service.store.spans, span, page)


@reads(f"{_ONE}/path", tag="spans", summary="The way from one span to another")
def find_path(
    service: Service,
    span: SpanKey,
    to: Annotated[str, Meta(description="The id of the other span, in the same trace.")],
) -> Route | None:
    """Up to the span both lie under, and down again; null when no stored span joins them."""
    return relations.path(service.store.spans, span, span._replace(span_id=check_span_id(to)))


HANDLERS = (
    read_session_spans,
    read_session_columns,
    read_session_subjects,
    find_spans,
    get_span,
    read_children,
    read_ancestors,
    read_descendants,
    read_siblings,
    read_subtree,
    find_path,
)
