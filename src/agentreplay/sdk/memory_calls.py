"""What a program remembers and looks for, as calls: recorded, and on replay served, so that nothing is kept twice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from agentreplay.core import memory as asking
from agentreplay.core.memory_ingest import Ingested, Ingesting
from agentreplay.core.memory_meaning import forget_for_good, meaning_of, vectors_of
from agentreplay.core.memory_reranking import reranker_of
from agentreplay.core.memory_search import MemoryAnswer, MemoryQuestion, search
from agentreplay.core.memory_writing import MemoryWriting, Saved
from agentreplay.core.state import place_of
from agentreplay.model.fact import FactPosition
from agentreplay.model.memory import (
    CollectionKey,
    Forgotten,
    MemoryFilter,
    Metadata,
    Record,
    RecordVersion,
)
from agentreplay.model.page import PageRequest
from agentreplay.model.time import Nanoseconds
from agentreplay.sdk.functions import memory
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store

__all__ = ["MemoryDesk", "RecordedMemory"]

T = TypeVar("T")

_ALL_VERSIONS = 10_000


@dataclass(frozen=True)
class MemoryDesk:
    """What performs a call. It is no part of what is asked: functions that are calls do not tell of their `self`."""

    collection: CollectionKey
    store: Callable[[], Store]
    writing: Callable[[], MemoryWriting]
    sign: Callable[[Record], Record]
    """Says from which session and span a record is that names no source."""
    now: Callable[[], Nanoseconds]
    settings: Callable[[], Settings]


class RecordedMemory:
    """A collection for a program that may be recorded or replayed. The store is opened when it is first needed."""

    def __init__(self, desk: MemoryDesk) -> None:
        self._desk = desk
        self._named = [desk.collection.owner, desk.collection.name]

    def add(self, records: Sequence[Record]) -> Saved:
        """See `MemoryWriting.add`."""
        return _again(_add(self._desk, self._named, _plain(records)), Saved)

    def upsert(self, records: Mapping[str, Record]) -> Saved:
        """See `MemoryWriting.upsert`."""
        return _again(_upsert(self._desk, self._named, _plain(records)), Saved)

    def update(self, record: str, expected: int | None, changes: Mapping[str, Any]) -> RecordVersion:
        """See `MemoryWriting.update`."""
        return _again(_update(self._desk, self._named, record, expected, _plain(changes)), RecordVersion)

    def remove(self, records: Sequence[str]) -> Saved:
        """See `MemoryWriting.remove`."""
        return _again(_remove(self._desk, self._named, list(records)), Saved)

    def expire(self, records: Sequence[str], moment: Nanoseconds | None) -> None:
        """See `MemoryWriting.expire`."""
        _expire(self._desk, self._named, list(records), moment)

    def forget(self, records: Sequence[str]) -> Forgotten:
        """See `Memories.forget`."""
        return _again(_forget(self._desk, self._named, list(records)), Forgotten)

    def ingest(self, data: bytes, place: str, metadata: Metadata) -> Ingested:
        """See `Ingesting.document`."""
        return _again(_ingest(self._desk, self._named, data, place, dict(metadata)), Ingested)

    def get(self, record: str) -> RecordVersion:
        """The record; raises MemoryMissing."""
        return _again(_get(self._desk, self._named, record), RecordVersion)

    def history(self, record: str) -> Sequence[RecordVersion]:
        """All versions of a record, newest first."""
        return _again(_history(self._desk, self._named, record), list[RecordVersion])

    def records(self, where: MemoryFilter) -> Sequence[RecordVersion]:
        """The records that are meant, those that changed last first."""
        return _again(_records(self._desk, self._named, _plain(where)), list[RecordVersion])

    def whole(self, moment: Mapping[str, Any]) -> Mapping[str, RecordVersion]:
        """All of the collection, as it is or was."""
        return _again(_whole(self._desk, self._named, dict(moment)), dict[str, RecordVersion])

    def search(self, asked: MemoryQuestion, moment: Mapping[str, Any], *, holds_now: bool) -> MemoryAnswer:
        """See `core.memory_search.search`; with `holds_now` only what holds at the moment of the search."""
        return _again(_search(self._desk, self._named, _plain(asked), dict(moment), holds_now), MemoryAnswer)


# The collection is told beside the desk, because `self` is not; and so the span of the call knows it.


@memory("memory.add")
def _add(self: MemoryDesk, collection: list[str], records: list[Any]) -> Any:
    del collection
    found = [self.sign(record) for record in _again(records, list[Record])]
    return _plain(self.writing().add(self.collection, found))


@memory("memory.upsert")
def _upsert(self: MemoryDesk, collection: list[str], records: dict[str, Any]) -> Any:
    del collection
    found = {key: self.sign(record) for key, record in _again(records, dict[str, Record]).items()}
    return _plain(self.writing().upsert(self.collection, found))


@memory("memory.update")
def _update(self: MemoryDesk, collection: list[str], record: str, expected: int | None, changes: dict[str, Any]) -> Any:
    del collection
    return _plain(self.writing().update(self.collection, record, expected=expected, **changes))


@memory("memory.remove")
def _remove(self: MemoryDesk, collection: list[str], records: list[str]) -> Any:
    del collection
    return _plain(self.writing().remove(self.collection, records))


@memory("memory.expire")
def _expire(self: MemoryDesk, collection: list[str], records: list[str], moment: Nanoseconds | None) -> None:
    del collection
    self.writing().expire(self.collection, records, moment)


@memory("memory.forget")
def _forget(self: MemoryDesk, collection: list[str], records: list[str]) -> Any:
    del collection
    return _plain(forget_for_good(self.store(), vectors_of(self.settings()), self.collection, records))


@memory("memory.ingest")
def _ingest(self: MemoryDesk, collection: list[str], data: bytes, place: str, metadata: Metadata) -> Any:
    del collection
    ingesting = Ingesting(self.store(), self.writing(), self.collection, metadata=metadata)
    return _plain(ingesting.document(data, place))


@memory("memory.get")
def _get(self: MemoryDesk, collection: list[str], record: str) -> Any:
    del collection
    return _plain(asking.get(self.store().memories, self.collection, record).version)


@memory("memory.history")
def _history(self: MemoryDesk, collection: list[str], record: str) -> Any:
    del collection
    page = asking.history(self.store().facts, self.collection, record, PageRequest(limit=_ALL_VERSIONS))
    return _plain(page.items)


@memory("memory.list")
def _records(self: MemoryDesk, collection: list[str], where: dict[str, Any]) -> Any:
    del collection
    found = asking.each(self.store().memories, self.collection, _again(where, MemoryFilter))
    return _plain([held.version for held in found])


@memory("memory.whole")
def _whole(self: MemoryDesk, collection: list[str], moment: dict[str, Any]) -> Any:
    del collection
    return _plain(asking.whole(self.store().facts, self.collection, _place(self, moment)))


@memory("memory.search")
def _search(
    self: MemoryDesk,
    collection: list[str],
    asked: dict[str, Any],
    moment: dict[str, Any],
    holds_now: bool,  # noqa: FBT001  # as it is recorded
) -> Any:
    del collection
    question = msgspec.structs.replace(_again(asked, MemoryQuestion), at=_place(self, moment))
    # Not said by the program: the clock would tell a replay something else.
    now = self.now()
    where = msgspec.structs.replace(question.where, valid_at=now) if holds_now else question.where
    store = self.store()
    meaning, reranker = meaning_of(store, self.settings()), reranker_of(self.settings())
    return _plain(search(store, msgspec.structs.replace(question, where=where), now, meaning, reranker))


def _place(self: MemoryDesk, moment: dict[str, Any]) -> FactPosition | None:
    """The position that is meant; None for now."""
    if not moment:
        return None
    store = self.store()
    if "session" in moment:
        store.drain()
    return place_of(store, self.collection[:2], **moment)


def _plain(value: object) -> Any:
    """As maps and lists that a tape can keep."""
    return msgspec.to_builtins(value)


def _again(told: Any, kind: type[T]) -> T:
    return msgspec.convert(told, kind)
