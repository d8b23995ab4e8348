"""What a session knew at one of its steps: the collections it remembered in or looked into, as they were then."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from blake3 import blake3

from agentreplay.errors import StateForgotten, ValueInvalid
from agentreplay.model.fact import Fact, FactPosition
from agentreplay.model.memory import (
    COLLECTION,
    MEMORY,
    OWNER,
    CollectionKey,
    RecordId,
    RecordVersion,
    collection_key,
    version_of,
)
from agentreplay.model.page import PageRequest
from agentreplay.model.query import SpanFilter
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanRow
from agentreplay.model.values import encode
from agentreplay.store.protocol import Facts, Spans

__all__ = ["KnownMemory", "collections_of", "known_memories", "memories_at", "restored_name", "used_collections"]

_AT_ONCE = 1_000


class KnownMemory(msgspec.Struct, frozen=True, kw_only=True):
    """A collection, told by what it holds."""

    collection: str
    owner: str
    records: int
    hash: str | None
    """Equal for equal ids and records; None where the log was compacted, so that nobody knows any more."""


def used_collections(spans: Spans, session: SessionKey) -> frozenset[CollectionKey]:
    """The collections that a session ever used, as its spans tell."""
    where = SpanFilter(tenant=session.tenant, project=session.project, session=session.session, kind=MEMORY)
    found: set[CollectionKey] = set()
    request: PageRequest | None = PageRequest(limit=_AT_ONCE)
    while request is not None:
        page = spans.find(where, request)
        found.update(collections_of(spans, page.items))
        request = PageRequest(limit=_AT_ONCE, after=page.next) if page.next is not None else None
    return frozenset(found)


def collections_of(spans: Spans, rows: Sequence[SpanRow]) -> Iterator[CollectionKey]:
    """The collections that these spans used; those that say of none are of somebody else's memory."""
    for row in rows:
        span = spans.get(row.key) if row.kind == MEMORY else None
        attributes = {} if span is None else span.attributes
        name, owner = attributes.get(COLLECTION), attributes.get(OWNER)
        if isinstance(name, str) and isinstance(owner, str):
            try:
                yield collection_key(row.tenant, row.project, owner, name)
            except ValueInvalid:  # anybody may send a span
                continue


def memories_at(
    facts: Facts, collections: frozenset[CollectionKey], position: FactPosition
) -> dict[CollectionKey, Mapping[RecordId, RecordVersion]]:
    """All that the collections held at a position. Raises StateForgotten."""
    return {
        key: {RecordId(record): version_of(fact) for record, fact in facts.whole(key.state, position).items()}
        for key in sorted(collections)
    }


def known_memories(
    facts: Facts, collections: frozenset[CollectionKey], position: FactPosition
) -> tuple[KnownMemory, ...]:
    """What they come to, one by one."""
    return tuple(_known(facts, key, position) for key in sorted(collections))


def restored_name(namespace: str, collection: CollectionKey) -> CollectionKey:
    """Where the records of a collection go when a state is given back in a namespace: to the same owner."""
    return collection_key(collection.tenant, collection.project, collection.owner, f"{namespace}.{collection.name}")


def _known(facts: Facts, key: CollectionKey, position: FactPosition) -> KnownMemory:
    whole: Mapping[str, Fact] = {}
    try:
        whole = facts.whole(key.state, position)
        digest = blake3(encode([[record, fact.value] for record, fact in whole.items()])).hexdigest()
    except StateForgotten:
        digest = None
    return KnownMemory(collection=key.name, owner=key.owner, records=len(whole), hash=digest)
