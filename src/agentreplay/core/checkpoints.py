"""The checkpoints of a session: found by their names, listed, and the states they kept."""

from collections.abc import Iterator

from agentreplay.errors import CheckpointDamaged
from agentreplay.model.checkpoint import AUTOMATIC, CHECKPOINT, DIGEST, STATE, Checkpoint
from agentreplay.model.ids import TenantId
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.query import SpanFilter
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanRow
from agentreplay.model.values import Value
from agentreplay.playback.canonical import parse_json
from agentreplay.store.protocol import Store

__all__ = ["each_checkpoint", "find_checkpoints", "state_of"]

_AT_ONCE = 1000
_FIRST_PAGE = PageRequest()


def find_checkpoints(store: Store, key: SessionKey, request: PageRequest = _FIRST_PAGE) -> Page[Checkpoint]:
    """The checkpoints of a session, the newest first."""
    page = store.spans.find(_where(key), request)
    return Page(items=tuple(_read(store, row) for row in page.items), next=page.next)


def each_checkpoint(store: Store, key: SessionKey, name: str | None = None) -> Iterator[SpanRow]:
    """The spans of all checkpoints of a session, or of those with this name, the newest first."""
    request: PageRequest | None = PageRequest(limit=_AT_ONCE)
    while request is not None:
        page = store.spans.find(_where(key, name), request)
        yield from page.items
        request = PageRequest(limit=_AT_ONCE, after=page.next) if page.next is not None else None


def state_of(store: Store, tenant: TenantId, checkpoint: Checkpoint) -> Value:
    """The state that was kept, verified; None where the program gave none.

    Raises CheckpointDamaged when it is gone, and ChecksumMismatch when it is not what it was.
    """
    if checkpoint.state is None:
        return None
    content = store.contents.get(tenant, checkpoint.state)
    if content is None:
        raise CheckpointDamaged(name=checkpoint.span.name, step=checkpoint.span.seq)
    return parse_json(content.data, content.media)


def _where(key: SessionKey, name: str | None = None) -> SpanFilter:
    return SpanFilter(tenant=key.tenant, project=key.project, session=key.session, kind=CHECKPOINT, name=name)


def _read(store: Store, row: SpanRow) -> Checkpoint:
    span = store.spans.get(row.key)
    told = span.attributes.get(DIGEST) if span is not None else None
    state = next((kept.hash for kept in span.kept if kept.role == STATE), None) if span is not None else None
    digest = told if isinstance(told, str) else ""
    return Checkpoint(
        span=row,
        digest=digest,
        state=state,
        is_whole=state is None or state == digest,
        is_automatic=span is not None and span.attributes.get(AUTOMATIC) is True,
    )
