"""The family of a session: what it was forked from, and what was forked from it."""

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from agentreplay.core.sessions import each, get
from agentreplay.errors import OriginMissing
from agentreplay.model.query import SessionFilter
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.playback.tape import lineage
from agentreplay.store.protocol import Sessions

__all__ = ["Member", "family"]


class Member(NamedTuple):
    """A session, and how many forks lie between it and the first."""

    depth: int
    row: SessionRow


def family(sessions: Sessions, key: SessionKey) -> Iterator[Member]:
    """The family from the first session that is still there, each fork right below what it was forked from."""
    first = get(sessions, key)
    with suppress(OriginMissing):
        for above in lineage(sessions, key):
            first = above
    waiting = [Member(0, first)]
    while waiting:
        member = waiting.pop()
        yield member
        forks = each(sessions, SessionFilter(tenant=key.tenant, project=key.project, origin=member.row.session.id))
        # Found newest first, so that the oldest is taken first from the end. Each is a fork of one: none comes twice,
        # unless they go round in a circle.
        waiting += [Member(member.depth + 1, row) for row in forks if row.session.id != first.session.id]
