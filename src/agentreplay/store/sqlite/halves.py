"""One span of two tellings that are both needed: a final one without an end, and a closed one for the time being.

As of a call of a tool in a session that was killed: the agent's own file has its line and not its end, which only a
hook saw. Neither takes the other's place, whichever comes first; who tells it finally and closed replaces both.
"""

from typing import TYPE_CHECKING

import msgspec

from agentreplay.store.sqlite.prepared import PreparedSpan
from agentreplay.store.sqlite.rows import pack_body, unpack_body, unpack_held, unpack_shape
from agentreplay.store.sqlite.work import Known, Work

if TYPE_CHECKING:
    # Who prepares loads no database.
    from agentreplay.store.sqlite.keeping import Keeping
    from agentreplay.store.sqlite.numbering import Numbering

__all__ = ["joined", "recalled"]


def joined(one: PreparedSpan, other: PreparedSpan) -> PreparedSpan:
    """The closed one of two such tellings, which began when the open one did and holds what that holds too."""
    closed, opened = (one, other) if one.end is not None else (other, one)
    body = unpack_body(closed.body)
    count = len(body.roles)
    # Behind what has a role there may be the text of a failure.
    own = list(zip(body.roles, closed.held[:count], strict=True))
    roles = unpack_body(opened.body).roles
    more = [held for held in zip(roles, opened.held[: len(roles)], strict=True) if held not in own]
    return closed._replace(
        start=min(closed.start, opened.start),
        body=pack_body(msgspec.structs.replace(body, roles=(*body.roles, *[role for role, _ in more]))),
        held=[*closed.held[:count], *[content for _, content in more], *closed.held[count:]],
    )


def recalled(work: Work, span: PreparedSpan, known: Known, numbering: "Numbering", keeping: "Keeping") -> PreparedSpan:
    """A stored span as if it arrived with the one that tells of it too, in the numbers of what arrives."""
    told_seq, parent, start, end, status, *rest = known.columns
    words = [None if one is None else work.place_of_word(one, numbering.text(one) or "") for one in rest[:_WORDS]]
    iteration, cost, usage, resource, scope, shape = rest[_WORDS:]
    tenant = work.prepared.words.index(work.prepared.projects[span.project][0])
    context = keeping.context_key(known.context)
    return PreparedSpan._make([
        span.project, span.session, span.trace, span.span_id, parent, told_seq, start, end, status, *words,
        iteration, cost, usage, work.place_of_bag(resource), work.place_of_bag(scope),
        work.place_of_bag(shape, known.names), None if context is None else work.place_of_context(tenant, context),
        known.body, [work.place_of_hash(tenant, digest) for digest in keeping.hashes(unpack_held(known.held))],
        unpack_body(known.body).words(unpack_shape(known.names)), known.follows, known.repeats,
    ])  # fmt: skip


_WORDS = 6
"""Columns in a row refer to words: kind, name, agent, model, provider and tool."""
