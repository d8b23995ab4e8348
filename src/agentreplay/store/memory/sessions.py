"""The sessions of a memory store, with their summaries."""

import string
from collections.abc import Iterable, Sequence

from agentreplay.errors import QueryInvalid
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.query import Match, SessionFilter
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.store.memory.facts import MemoryFacts
from agentreplay.store.memory.page import take_page
from agentreplay.store.memory.scores import are_scored, scores_of
from agentreplay.store.memory.search import search
from agentreplay.store.memory.state import State, session_of

__all__ = ["MemorySessions"]

_FIRST_PAGE = PageRequest()
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class MemorySessions:
    """The port `Sessions` over dictionaries."""

    def __init__(self, state: State, facts: MemoryFacts) -> None:
        self._state = state
        self._facts = facts

    def get(self, key: SessionKey) -> SessionRow | None:
        with self._state.lock:
            return self._state.session_row(key)

    def find(self, where: SessionFilter, request: PageRequest = _FIRST_PAGE) -> Page[SessionRow]:
        with self._state.lock:
            found = [row for row in self._state.session_rows() if _matches(row, where)]
            if where.scores:
                found = [row for row in found if are_scored(scores_of(self._facts, row.session.key), where.scores)]
            if where.text is not None:
                spans = [span for span in self._state.spans.values() if span.tenant == where.tenant]
                hits = search(self._state, where.text, spans)
                holding = {session_of(hit.span) for hit in hits}
                found = [row for row in found if row.session.key in holding]
            return take_page(found, lambda row: (-row.started, *row.session.key), request, ("sessions", where))

    def projects(self, tenant: TenantId) -> Sequence[ProjectId]:
        with self._state.lock:
            owners = {(key.tenant, key.project) for key in self._state.session_keys()}
            owners |= {(state.tenant, state.project) for state in self._facts.everywhere()}
            return tuple(sorted(project for owner, project in owners if owner == tenant))


def _matches(row: SessionRow, where: SessionFilter) -> bool:
    """Whether the session satisfies the filter, its text and scores apart."""
    session, summary = row.session, row.summary
    return (
        session.tenant == where.tenant
        and where.project in (None, session.project)
        and (where.prefix is None or _folded(session.id).startswith(_folded(where.prefix)))
        and (where.origin is None or (session.origin is not None and session.origin.session == where.origin))
        and (where.folder is None or (session.program is not None and session.program.cwd == where.folder))
        and (where.agent in (None, session.agent) or where.agent in summary.agents)
        and where.status in (None, row.status)
        and where.source in (None, session.source)
        and (where.label is None or session.labels.get(where.label[0]) == where.label[1])
        and (where.since is None or row.started >= where.since)
        and (where.until is None or row.started < where.until)
        and (where.model is None or where.model in summary.models)
        and (where.tool is None or where.tool in summary.tools)
        and (where.cost is None or where.cost.holds(summary.cost))
        and (where.tokens is None or where.tokens.holds(summary.usage.total))
        and (where.duration is None or where.duration.holds(summary.duration))
        and (where.spans is None or where.spans.holds(summary.spans))
        and all(match.holds(_values(row, match)) for match in where.matches)
    )


def _values(row: SessionRow, wanted: Match) -> Iterable[str | None]:
    """What a field of a session holds: of what its spans tell, all of it."""
    session, summary = row.session, row.summary
    match wanted.field:
        case "label":
            return [session.labels.get(wanted.label)]
        case "agent":
            return [session.agent, *summary.agents]
        case "model":
            return summary.models
        case "tool":
            return summary.tools
        case "source":
            return [session.source or None]
        case "status":
            return [row.status]
        case _:
            raise QueryInvalid(problem=f"sessions have no field {wanted.field!r}")


def _folded(text: str) -> str:
    """The text with its letters of ASCII in lower case."""
    return text.translate(_LOWER)
