"""Sessions: found by the beginning of an id, outlined as a tree, deleted."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from agentreplay.errors import SessionMissing, StillRecorded, ValueInvalid
from agentreplay.model.batch import Batch
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.query import Match, SessionFilter
from agentreplay.model.receipt import Receipt, Target
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.model.span import SpanRow
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Sessions, Store

__all__ = ["CHANGES", "LAST", "Branch", "delete", "delete_all", "each", "get", "outline", "resolve", "retell"]

LAST = "last"
"""What names the newest session of a project, where one may be named by the beginning of its id."""

CHANGES = "mcp"
"""The source of sessions that only tell what agents changed here over MCP. LAST never means one of them: else whoever
scores the last session twice would score that."""

_AT_ONCE = 1000
_NAMED = 5


class Branch(NamedTuple):
    """A span and how deep it lies in the tree of its session; a root lies at 0."""

    depth: int
    span: SpanRow


def each(sessions: Sessions, where: SessionFilter) -> Iterator[SessionRow]:
    """All sessions that satisfy the filter, newest first, one page after the other."""
    request: PageRequest | None = PageRequest(limit=_AT_ONCE)
    while request is not None:
        page: Page[SessionRow] = sessions.find(where, request)
        yield from page.items
        request = PageRequest(limit=_AT_ONCE, after=page.next) if page.next is not None else None


def get(sessions: Sessions, key: SessionKey) -> SessionRow:
    """The session; raises SessionMissing when it is not stored."""
    row = sessions.get(key)
    if row is None:
        raise SessionMissing(session=key.session, project=key.project)
    return row


def resolve(sessions: Sessions, tenant: TenantId, project: ProjectId, beginning: str) -> SessionRow:
    """The one session whose id is this text or begins with it, in either case of letters; or the `last` one.

    Raises SessionMissing when there is none, and ValueInvalid, naming the candidates, when there are several.
    """
    if not beginning:
        raise ValueInvalid(what="the session id", problem="it is empty")
    row = sessions.get(SessionKey(tenant, project, SessionId(beginning)))
    if row is not None:
        return row
    if beginning == LAST:
        others = Match(field="source", words=(CHANGES,), negated=True)
        newest = SessionFilter(tenant=tenant, project=project, matches=(others,))
        found = list(sessions.find(newest, PageRequest(limit=1)).items)
    else:
        found = list(each(sessions, SessionFilter(tenant=tenant, project=project, prefix=beginning)))
    if not found:
        raise SessionMissing(session=beginning, project=project)
    if len(found) > 1:
        raise ValueInvalid(what=f"the session id {beginning!r}", problem=_several(found))
    return found[0]


def outline(spans: Iterable[SpanRow]) -> Iterator[Branch]:
    """The spans as a tree, each once: a span comes right before its children, siblings in the order given.

    A span whose parent is not among them is a root. A circle, which a broken emitter can make, is cut above
    one of its spans.
    """
    rows = list(spans)
    known = {(row.trace_id, row.span_id) for row in rows}
    roots: list[SpanRow] = []
    children: dict[tuple[TraceId, SpanId], list[SpanRow]] = {}
    for row in rows:
        above = None if row.parent_id is None else (row.trace_id, row.parent_id)
        if above is None or above not in known:
            roots.append(row)
        else:
            children.setdefault(above, []).append(row)
    for root in roots:
        yield from _below(root, children)
    for row in rows:
        if (row.trace_id, row.span_id) in children and row.parent_id is not None:
            # Only circles, and what hangs from them, are left.
            children[row.trace_id, row.parent_id].remove(row)
            yield from _below(row, children)


def delete(store: Store, key: SessionKey) -> Receipt:
    """Delete a session with all that only it holds; raises SessionMissing when it is not stored."""
    [receipt] = delete_all(store, [key])
    return receipt


def delete_all(
    store: Store, keys: Sequence[SessionKey], told: Callable[[int, int], None] | None = None
) -> Sequence[Receipt]:
    """Delete sessions with all that only they hold, or none of them; raises SessionMissing when one is not stored."""
    for key in keys:
        get(store.sessions, key)
    targets = [Target(tenant=key.tenant, project=key.project, session=key.session) for key in keys]
    return store.delete_all(targets, told)


def retell(
    store: Store,
    key: SessionKey,
    now: Nanoseconds,
    name: str | None = None,
    labels: Mapping[str, str | None] | None = None,
) -> SessionRow:
    """Give a session another name, and labels; a label that is None is taken away. What is not given stays.

    Raises SessionMissing, and StillRecorded while a recorder tells of the session: its next telling would undo this.
    """
    row = get(store.sessions, key)
    told = row.session
    if row.status == "running" and told.revision:
        raise StillRecorded(session=key.session)
    kept = {**told.labels, **(labels or {})}
    store.append(
        Batch(
            sessions=(
                msgspec.structs.replace(
                    told,
                    revision=max(told.revision + 1, now),
                    name=told.name if name is None else name,
                    labels={label: value for label, value in kept.items() if value is not None},
                ),
            )
        )
    )
    store.drain()
    return get(store.sessions, key)


def _below(root: SpanRow, children: dict[tuple[TraceId, SpanId], list[SpanRow]]) -> Iterator[Branch]:
    """The branches from this one on. Takes out of `children` what it yields, so that nothing comes twice."""
    waiting = [Branch(0, root)]
    while waiting:
        branch = waiting.pop()
        yield branch
        below = children.pop((branch.span.trace_id, branch.span.span_id), ())
        waiting.extend(Branch(branch.depth + 1, row) for row in reversed(below))


def _several(found: Sequence[SessionRow]) -> str:
    names = ", ".join(row.session.id for row in found[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"{len(found)} sessions begin with it, so give more of it: {names}{more}"
