"""The family of a session: what it was forked from, and what was forked from it."""

from collections.abc import Iterator
from typing import NamedTuple

from agentreplay.core.sessions import each, get
from agentreplay.model.ids import SessionId
from agentreplay.model.query import SessionFilter
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.store.protocol import Sessions

__all__ = ["Member", "family"]


class Member(NamedTuple):
    """A session, and how many forks lie between it and the first."""

    depth: int
    row: SessionRow


def family(sessions: Sessions, key: SessionKey) -> Iterator[Member]:
    """The family from its first session on, each fork right below what it was forked from."""
    forks: dict[SessionId, list[SessionRow]] = {}
    for row in each(sessions, SessionFilter(tenant=key.tenant, project=key.project)):
        if row.session.origin is not None:
            forks.setdefault(row.session.origin.session, []).append(row)
    waiting = [Member(0, _first(sessions, key))]
    seen: set[SessionId] = set()
    while waiting:
        member = waiting.pop()
        if member.row.session.id in seen:
            continue
        seen.add(member.row.session.id)
        yield member
        # Found newest first, so that the oldest is taken first from the end.
        waiting += [Member(member.depth + 1, row) for row in forks.get(member.row.session.id, ())]


def _first(sessions: Sessions, key: SessionKey) -> SessionRow:
    row = get(sessions, key)
    seen: set[SessionId] = set()
    while row.session.origin is not None and row.session.id not in seen:
        seen.add(row.session.id)
        above = sessions.get(key._replace(session=row.session.origin.session))
        if above is None:
            break
        row = above
    return row
