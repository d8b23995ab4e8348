"""The port `Memories` over the lists of facts: every answer comes from running through all versions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count as counting

from agentreplay.model.fact import FactPosition
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.memory import (
    CollectionKey,
    Forgotten,
    Held,
    MemoryFilter,
    RecordId,
    RecordNumber,
    RecordVersion,
    WordHit,
    collection_of,
    is_memory,
    version_of,
)
from agentreplay.model.page import Page, PageRequest
from agentreplay.store.cursors import check_limit, make_cursor, read_cursor
from agentreplay.store.memory.facts import MemoryFacts
from agentreplay.store.memory.state import State
from agentreplay.store.words import WordScore, asked_words, searched_text, searched_words

__all__ = ["MemoryMemories"]

_ALL = MemoryFilter()
_FIRST_PAGE = PageRequest()
_START = RecordNumber(0)
_Text = tuple[CollectionKey, RecordId, FactPosition, int]
"""Where a text began: the record, and the position and version it came with."""


class MemoryMemories:
    """See the protocol."""

    def __init__(self, state: State, facts: MemoryFacts) -> None:
        self._lock = state.lock
        self._facts = facts
        self._following = counting(1)
        self._numbers: dict[_Text, RecordNumber] = {}
        self._embeddings: dict[tuple[RecordNumber, str], bytes] = {}

    def collections(self, tenant: TenantId, project: ProjectId | None = None) -> Sequence[CollectionKey]:
        """See the protocol."""
        with self._lock:
            return [key for key in self._everywhere() if key.tenant == tenant and project in {None, key.project}]

    def count(self, collection: CollectionKey, where: MemoryFilter = _ALL) -> int:
        """See the protocol."""
        return len(self._meant(collection, where))

    def get(self, collection: CollectionKey, record: RecordId) -> Held | None:
        """See the protocol."""
        return next((held for held in self._meant(collection, _ALL) if held.version.id == record), None)

    def held(self, numbers: Sequence[RecordNumber]) -> Sequence[Held]:
        """See the protocol."""
        with self._lock:
            found = {held.number: held for key in self._everywhere() for held in self._meant(key, _ALL)}
        return [found[number] for number in numbers if number in found]

    def find(
        self, collection: CollectionKey, where: MemoryFilter = _ALL, request: PageRequest = _FIRST_PAGE
    ) -> Page[Held]:
        """See the protocol."""
        limit = check_limit(request)
        before = read_cursor(request.after, 2) if request.after else None
        newest = sorted(self._meant(collection, where), key=_place, reverse=True)
        found = [held for held in newest if before is None or _place(held) < before]
        items = tuple(found[:limit])
        return Page(items=items, next=make_cursor(*_place(items[-1])) if len(found) > limit else None)

    def numbers(self, collection: CollectionKey, where: MemoryFilter = _ALL) -> Sequence[RecordNumber]:
        """See the protocol."""
        return sorted(held.number for held in self._meant(collection, where))

    def search(
        self,
        collections: Sequence[CollectionKey],
        text: str,
        where: MemoryFilter,
        count: int,
        also: Sequence[RecordNumber] = (),
    ) -> Sequence[WordHit]:
        """See the protocol."""
        question = asked_words(text)
        records = [held for key in dict.fromkeys(collections) for held in self._meant(key, _ALL)]
        words = {held.number: searched_words(held.record) for held in records}
        scoring = WordScore(
            question=question,
            records=len(records),
            length=sum(len(one.words) for one in words.values()) / max(len(records), 1),
            holding=tuple(sum(one.count(term) > 0 for one in words.values()) for term in question.terms),
        )
        hits = [WordHit(held=held, score=scoring.score(words[held.number])) for held in records]
        best = sorted((hit for hit in hits if hit.score), key=lambda hit: (-hit.score, -hit.held.number))
        counted = {hit.held.number for hit in [hit for hit in best if where.holds(hit.held.version)][:count]}
        return [hit for hit in best if hit.held.number in counted.union(also)]

    def embed(self, collection: CollectionKey, model: str, vectors: Mapping[RecordNumber, bytes]) -> int:
        """See the protocol."""
        with self._lock:
            known = {number: vectors[number] for number in self.numbers(collection) if number in vectors}
            self._embeddings |= {(number, model): data for number, data in known.items()}
            return len(known)

    def unembedded(self, collection: CollectionKey, model: str, count: int) -> Sequence[Held]:
        """See the protocol."""
        with self._lock:
            found = [held for held in self._meant(collection, _ALL) if (held.number, model) not in self._embeddings]
        return sorted(found, key=lambda held: held.number)[:count]

    def embeddings(
        self, collection: CollectionKey, model: str, after: RecordNumber = _START, count: int = 1000
    ) -> Sequence[tuple[RecordNumber, bytes]]:
        """See the protocol."""
        with self._lock:
            found = [
                (number, self._embeddings[number, model])
                for number in self.numbers(collection)
                if number > after and (number, model) in self._embeddings
            ]
        return found[:count]

    def models(self, collection: CollectionKey) -> Mapping[str, int]:
        """See the protocol."""
        with self._lock:
            numbers = set(self.numbers(collection))
            found = sorted(model for number, model in self._embeddings if number in numbers)
        return {model: found.count(model) for model in found}

    def drop_embeddings(self, collection: CollectionKey, model: str) -> int:
        """See the protocol."""
        with self._lock:
            numbers = set(self.numbers(collection))
            return self._drop(lambda number, made_by: number in numbers and made_by == model)

    def forget(self, collection: CollectionKey, records: Sequence[RecordId]) -> Forgotten:
        """See the protocol."""
        keys = set(records)
        with self._lock:
            known = {fact.key for fact in self._facts.versions(collection.state)} & keys
            numbers = tuple(held.number for held in self._meant(collection, _ALL) if held.version.id in keys)
            vectors = self._drop(lambda number, _: number in numbers)
            versions = self._facts.forget(collection.state, keys)
        return Forgotten(records=len(known), versions=versions, vectors=vectors, numbers=tuple(sorted(numbers)))

    def _drop(self, is_meant: Callable[[RecordNumber, str], bool]) -> int:
        gone = [place for place in self._embeddings if is_meant(*place)]
        for place in gone:
            del self._embeddings[place]
        return len(gone)

    def _everywhere(self) -> list[CollectionKey]:
        """All collections of all projects, in order."""
        return [collection_of(state) for state in self._facts.everywhere() if is_memory(state.namespace)]

    def _meant(self, collection: CollectionKey, where: MemoryFilter) -> list[Held]:
        with self._lock:
            return [held for held in self._held(collection) if where.holds(held.version)]

    def _held(self, collection: CollectionKey) -> Iterator[Held]:
        """What the collection holds now, each with the number its text got when it came."""
        last: dict[str, tuple[RecordVersion, _Text]] = {}
        for fact in self._facts.versions(collection.state):
            version = version_of(fact)
            before = last.get(fact.key)
            began: _Text = (collection, version.id, fact.position, fact.version)
            if before is not None and _searched(before[0]) == _searched(version):
                began = before[1]
            last[fact.key] = (version, began)
        for version, began in last.values():
            if version.record is not None:
                if began not in self._numbers:
                    self._numbers[began] = RecordNumber(next(self._following))
                yield Held(collection=collection, number=self._numbers[began], version=version)


def _searched(version: RecordVersion) -> str | None:
    return None if version.record is None else searched_text(version.record)


def _place(held: Held) -> tuple[int, int]:
    return held.version.position, held.number
