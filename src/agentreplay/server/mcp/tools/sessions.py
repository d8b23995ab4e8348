"""Sessions for other agents: found, read step by step, summed up."""

from typing import Annotated

from msgspec import Meta

from agentreplay.core import projects, relations, search
from agentreplay.core.filter import session_filter, span_filter
from agentreplay.core.search import passages
from agentreplay.model.page import PageRequest
from agentreplay.model.query import SessionFilter, SpanFilter
from agentreplay.model.search import Hit
from agentreplay.model.span import SpanRow
from agentreplay.server.mcp.arguments import After, Limit, Project, SessionName, following, paged, place_of
from agentreplay.server.mcp.brief import brief_session, brief_span, buckets, moment, without_nothing
from agentreplay.server.mcp.fitting import Listing
from agentreplay.server.mcp.reach import Reach
from agentreplay.server.mcp.tools.scores import scores_of

__all__ = ["failed_span", "get_session", "list_projects", "search_sessions", "session_summary"]

_SessionQuery = Annotated[
    str,
    Meta(
        description="Words that stand in the session, and conditions: `status:failed agent:x model:gpt* tool:search"
        " cost>0.5 since:2d label:env=prod score.helpful>0.5`. Empty for all."
    ),
]
_SpanQuery = Annotated[
    str,
    Meta(
        description="Only spans with these words, which must all stand in one, and conditions: `refund kind:tool"
        " status:error duration>2s`. Then the best come first, with the passages; else all in their order."
    ),
]
_MOST_FORKS = 20


def list_projects(reach: Reach, limit: Limit = 100, cursor: After = None) -> Listing:
    """List the projects, by name, each with when its newest session began; some only hold facts or memories."""
    found = list(projects.projects(reach.store.sessions, reach.tenant))
    start = place_of(cursor)
    return Listing({}, [_project(one) for one in found[start : start + limit]], following(start, found))


def search_sessions(
    reach: Reach, query: _SessionQuery = "", limit: Limit = 20, cursor: After = None, project: Project = None
) -> Listing:
    """Find recorded sessions of agents, the newest first.

    Each comes with its status, errors, tokens and cost. Go on with get_session or session_summary.
    """
    within = SessionFilter(tenant=reach.tenant, project=reach.within(project))
    where = session_filter(query, within, reach.now)

    return paged({}, lambda request: reach.store.sessions.find(where, request), brief_session, limit, cursor)


def get_session(  # noqa: PLR0913, PLR0917  # each argument comes by its name
    reach: Reach,
    session: SessionName,
    query: _SpanQuery = "",
    limit: Limit = 50,
    cursor: After = None,
    project: Project = None,
) -> Listing:
    """Read a session: what it is, and its spans (model calls, tool calls, steps of agents) in their order.

    Go on with get_span for one of them, or get_context for the messages a model saw.
    """
    row = reach.session(session, project)
    head = {"session": brief_session(row)}
    if query.strip():
        within = SpanFilter(tenant=reach.tenant, project=row.session.project, session=row.session.id)
        wanted = span_filter(query, within, reach.now)
        return paged(head, lambda request: search.find(reach.store.spans, wanted, request), _hit, limit, cursor)
    start = place_of(cursor)
    rows = reach.store.spans.read(row.session.key, start + 1, limit + 1)
    return Listing(head, [brief_span(span) for span in rows[:limit]], following(start, start + len(rows)))


def session_summary(
    reach: Reach, session: SessionName, limit: Limit = 20, cursor: After = None, project: Project = None
) -> Listing:
    """Sum up a session: time, tokens by bucket, cost, what was used how often, forks, and the spans that failed."""
    row = reach.session(session, project)
    key, summary, program = row.session.key, row.summary, row.session.program
    forks = reach.store.sessions.find(
        SessionFilter(tenant=key.tenant, project=key.project, origin=key.session), PageRequest(limit=_MOST_FORKS)
    )
    head = without_nothing({
        **brief_session(row),
        "iterations": summary.iterations,
        "usage": buckets(summary.usage),
        "kinds": summary.kinds,
        "models": summary.models,
        "tools": summary.tools,
        "agents": summary.agents,
        "program": None if program is None else {"argv": program.argv, "commit": program.commit},
        "scores": scores_of(reach, key),
        "forks": [fork.session.id for fork in forks.items],
        "items_are": "the spans that failed",
    })  # fmt: skip
    where = SpanFilter(tenant=key.tenant, project=key.project, session=key.session, status="error")
    return paged(
        head,
        lambda request: reach.store.spans.find(where, request),
        lambda span: failed_span(reach, span),
        limit,
        cursor,
    )


def failed_span(reach: Reach, row: SpanRow) -> dict[str, object]:
    """A span that failed, with what it said of that."""
    return without_nothing({**brief_span(row), "error": relations.get(reach.store.spans, row.key).status_message})


def _project(project: projects.Project) -> dict[str, object]:
    newest = None if project.newest is None else moment(project.newest)
    return without_nothing({"name": project.name, "newest": newest})


def _hit(hit: Hit) -> dict[str, object]:
    passage = "".join(f"**{part.text}**" if part.matches else part.text for part in passages(hit.snippet))
    return without_nothing({**brief_span(hit.span), "passage": passage})
