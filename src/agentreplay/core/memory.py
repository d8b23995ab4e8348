"""What a collection remembers: what it holds, what it held at any place, how two moments differ, and all of it told."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from agentreplay.errors import MemoryMissing, MemoryVersionMissing
from agentreplay.model.fact import FactPosition, check_key
from agentreplay.model.ids import ProjectId
from agentreplay.model.memory import (
    CollectionKey,
    Held,
    MemoryFilter,
    Metadata,
    RecordId,
    RecordVersion,
    Source,
    version_of,
)
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Facts, Memories

__all__ = [
    "CollectionStatistics",
    "MemoryDifference",
    "ToldRecord",
    "ToldRecordDifference",
    "at_version",
    "diff",
    "each",
    "get",
    "history",
    "spell_collection",
    "statistics",
    "tell",
    "tell_difference",
    "whole",
]

_AT_ONCE = 500
_ALL = MemoryFilter()


class MemoryDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A record that is otherwise at one moment than at another; None where the collection does not hold it."""

    id: RecordId
    before: RecordVersion | None
    after: RecordVersion | None


class CollectionStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """What a collection comes to."""

    project: ProjectId
    collection: str
    owner: str
    records: int
    characters: int
    changed: Nanoseconds | None
    """The last time; None where it holds nothing."""
    models: dict[str, int]
    """How many texts have a vector, by the model that made it."""


class ToldRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a record for JSON. Where it was removed, the text is null."""

    id: RecordId
    collection: str
    owner: str
    version: int
    position: FactPosition
    changed: Nanoseconds
    text: str | None
    metadata: Metadata
    source: Source
    author: str
    importance: float
    valid_from: Nanoseconds | None
    valid_until: Nanoseconds | None
    merged: tuple[str, ...]


class ToldRecordDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A record that is otherwise, for JSON."""

    id: RecordId
    before: ToldRecord | None
    after: ToldRecord | None


def get(memories: Memories, collection: CollectionKey, record: str) -> Held:
    """What a collection holds under an id; raises MemoryMissing."""
    held = memories.get(collection, RecordId(check_key(record)))
    if held is None:
        raise MemoryMissing(collection=spell_collection(collection), record=record)
    return held


def at_version(facts: Facts, collection: CollectionKey, record: str, version: int | None = None) -> RecordVersion:
    """This version of a record, or the last; raises MemoryMissing or MemoryVersionMissing."""
    last = facts.get(collection.state, check_key(record))
    if last is None:
        raise MemoryMissing(collection=spell_collection(collection), record=record)
    found = last if version is None else facts.version(collection.state, record, version)
    if found is None:
        raise MemoryVersionMissing(record=record, version=version)
    return version_of(found)


def history(facts: Facts, collection: CollectionKey, record: str, request: PageRequest) -> Page[RecordVersion]:
    """All versions of a record, newest first, removals among them."""
    page = facts.history(collection.state, check_key(record), request)
    if not page.items and request.after is None:
        raise MemoryMissing(collection=spell_collection(collection), record=record)
    return Page(items=tuple(map(version_of, page.items)), next=page.next)


def whole(facts: Facts, collection: CollectionKey, at: FactPosition | None = None) -> Mapping[RecordId, RecordVersion]:
    """All that a collection held at a position; the cost follows the size of what it held."""
    return {RecordId(key): version_of(fact) for key, fact in facts.whole(collection.state, at).items()}


def each(memories: Memories, collection: CollectionKey, where: MemoryFilter = _ALL) -> Iterator[Held]:
    """All records of a collection that are meant, one page after the other."""
    request: PageRequest | None = PageRequest(limit=_AT_ONCE)
    while request is not None:
        page = memories.find(collection, where, request)
        yield from page.items
        request = PageRequest(limit=_AT_ONCE, after=page.next) if page.next is not None else None


def diff(
    facts: Facts, collection: CollectionKey, before: FactPosition, after: FactPosition | None = None
) -> Sequence[MemoryDifference]:
    """The records that are otherwise at one position than at another, in the order of their ids."""
    one, other = whole(facts, collection, before), whole(facts, collection, after)
    return [
        MemoryDifference(id=key, before=one.get(key), after=other.get(key))
        for key in sorted(one.keys() | other.keys())
        if _record(one.get(key)) != _record(other.get(key))
    ]


def statistics(memories: Memories, collection: CollectionKey) -> CollectionStatistics:
    """What a collection comes to; looks at every record."""
    records = characters = 0
    changed: Nanoseconds | None = None
    for held in each(memories, collection):
        changed = held.version.changed if changed is None else changed
        records += 1
        characters += len(held.record.text)
    return CollectionStatistics(
        project=collection.project,
        collection=collection.name,
        owner=collection.owner,
        records=records,
        characters=characters,
        changed=changed,
        models=dict(memories.models(collection)),
    )


def spell_collection(collection: CollectionKey) -> str:
    """A collection as a person would name it."""
    return f"{collection.name} of {collection.owner}" if collection.owner else collection.name


def tell(collection: CollectionKey, version: RecordVersion) -> ToldRecord:
    """A version of a record for JSON."""
    record = version.record
    return ToldRecord(
        id=version.id,
        collection=collection.name,
        owner=collection.owner,
        version=version.version,
        position=version.position,
        changed=version.changed,
        text=None if record is None else record.text,
        metadata={} if record is None else record.metadata,
        source=Source() if record is None else record.source,
        author="" if record is None else record.author,
        importance=0.0 if record is None else record.importance,
        valid_from=None if record is None else record.valid_from,
        valid_until=None if record is None else record.valid_until,
        merged=() if record is None else record.merged,
    )


def tell_difference(collection: CollectionKey, one: MemoryDifference) -> ToldRecordDifference:
    """A difference for JSON."""
    return ToldRecordDifference(
        id=one.id,
        before=None if one.before is None else tell(collection, one.before),
        after=None if one.after is None else tell(collection, one.after),
    )


def _record(version: RecordVersion | None) -> object:
    return None if version is None else version.record
