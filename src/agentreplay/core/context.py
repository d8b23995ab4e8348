"""Contexts as people read them: the messages a model saw, and what became of them since the call before."""

import difflib
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from typing import Literal

import msgspec

from agentreplay.contents.messages import join
from agentreplay.core.relations import get
from agentreplay.errors import ContextMissing
from agentreplay.model.context import ContextLink, ContextRef
from agentreplay.model.ids import ContentHash, ContextId, TenantId
from agentreplay.model.page import PageRequest
from agentreplay.model.query import SpanFilter
from agentreplay.model.span import Span, SpanKey, SpanRow, narrow
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value, is_map
from agentreplay.playback.difference import compare
from agentreplay.store.protocol import Store

__all__ = ["Conversation", "Message", "Step", "Turn", "changes", "conversation", "messages", "previous"]

_NEAR = 100
"""How many calls back the one is looked for that a call goes on from."""
_MOST = 50


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a context."""

    place: int
    """From 0."""
    content: ContentHash
    """What it is stored under, without hints for caches."""
    role: str | None
    message: Value
    """As the model saw it; None while its content is not stored, or when it was deleted."""
    is_missing: bool = False


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """The messages of a context, or a stretch of them."""

    context: ContextId
    total: int
    messages: tuple[Message, ...]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What became of messages; `same` stands for a run of them, and others for one."""

    kind: Literal["same", "added", "dropped", "changed"]
    count: int = 1
    before: Message | None = None
    """The first of the run; likewise `after`."""
    after: Message | None = None
    differences: tuple[dict[str, Value], ...] = ()
    """Where a changed message differs: `path`, `expected` (before) and `got` (after)."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """How the context of a call came about from that of the one it goes on from."""

    span: SpanRow
    previous: SpanRow | None
    """None for the first call of a conversation: everything is added."""
    steps: tuple[Step, ...]


def messages(store: Store, key: SpanKey, start: int = 0, limit: int | None = None) -> Conversation | None:
    """The messages a span saw, from the place `start` on; None when it saw none. Raises SpanMissing."""
    ref = get(store.spans, key).context
    return None if ref is None else conversation(store, key.tenant, ref, start, limit)


def conversation(
    store: Store, tenant: TenantId, ref: ContextRef, start: int = 0, limit: int | None = None
) -> Conversation:
    """The messages of a context. Raises ContextMissing while it is not stored, or not all of it."""
    links = _links(store, tenant, ref.id)
    whole = _read(store, tenant, ref, links)
    stop = None if limit is None else start + limit
    return Conversation(context=ref.id, total=len(whole), messages=tuple(whole[start:stop]))


def changes(store: Store, key: SpanKey) -> Turn | None:
    """What a call saw that the one before it did not, and the other way round; None when it saw no messages."""
    span = get(store.spans, key)
    if span.context is None:
        return None
    before = previous(store, span)
    old = () if before is None or before.context is None else _known(store, key.tenant, before.context)
    new = _read(store, key.tenant, span.context, _links(store, key.tenant, span.context.id))
    earlier = None if before is None else narrow(before)
    return Turn(span=narrow(span), previous=earlier, steps=tuple(_steps(old, new)))


def previous(store: Store, span: Span) -> Span | None:
    """The call a call goes on from: the nearest before it whose conversation begins as its own does.

    Agents that run side by side each have a conversation of their own. None where no call near before it fits.
    """
    if span.context is None:
        return None
    first = next(iter(store.contexts.read(span.tenant, span.context.id)), None)
    where = SpanFilter(
        tenant=span.tenant, project=span.project, session=span.session, until=Nanoseconds(span.start + 1)
    )
    for row in store.spans.find(where, PageRequest(limit=_NEAR)).items:
        other = store.spans.get(row.key) if row.kind == span.kind and row.key != span.key else None
        if other is None or other.context is None:
            continue
        begins = next(iter(store.contexts.read(span.tenant, other.context.id)), None)
        if first is not None and begins is not None and begins.id == first.id:
            return other
    return None


def _links(store: Store, tenant: TenantId, context: ContextId) -> Sequence[ContextLink]:
    links = store.contexts.read(tenant, context)
    if not links:
        raise ContextMissing(context=context)
    return links


def _known(store: Store, tenant: TenantId, ref: ContextRef) -> list[Message]:
    links = store.contexts.read(tenant, ref.id)
    return _read(store, tenant, ref, links) if links else []


def _read(store: Store, tenant: TenantId, ref: ContextRef, links: Sequence[ContextLink]) -> list[Message]:
    missing: set[ContentHash] = set()

    def content(digest: ContentHash) -> bytes:
        found = store.contents.get(tenant, digest)
        if found is None:
            missing.add(digest)
            return b"{}"
        return found.data

    joined = join(ref, links, content)
    return [
        Message(
            place=place,
            content=link.message,
            role=_role(message),
            message=None if link.message in missing else message,
            is_missing=link.message in missing,
        )
        for place, (link, message) in enumerate(zip(links, joined, strict=True))
    ]


def _role(message: Value) -> str | None:
    told = message.get("role") if is_map(message) else None
    return told if isinstance(told, str) else None


def _steps(old: Sequence[Message], new: Sequence[Message]) -> Iterator[Step]:
    left, right = ([message.content for message in side] for side in (old, new))
    for what, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if what == "equal":
            yield Step(kind="same", count=b - a, before=old[a], after=new[c])
            continue
        for before, after in zip_longest(old[a:b], new[c:d]):
            if before is None:
                yield Step(kind="added", after=after)
            elif after is None:
                yield Step(kind="dropped", before=before)
            else:
                found = islice(compare(before.message, after.message), _MOST)
                yield Step(kind="changed", before=before, after=after, differences=tuple(one.told for one in found))
