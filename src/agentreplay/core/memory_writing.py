"""Writes what is to be remembered: added, replaced, changed, removed, expired, merged, and forgotten for good."""

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from agentreplay.contents.text import words_of
from agentreplay.core import memory
from agentreplay.core.policy import policy_of, redactor_of
from agentreplay.core.redact import Redactor
from agentreplay.core.state_transaction import new_transaction_id
from agentreplay.errors import FactConflict, MemoryChanged
from agentreplay.model.fact import NOTHING, Author, Condition, Draft, FactPosition, Transaction, check_key
from agentreplay.model.ids import ProjectId, new_session_id
from agentreplay.model.memory import (
    CollectionKey,
    MemoryFilter,
    Record,
    RecordEdit,
    RecordId,
    RecordVersion,
)
from agentreplay.model.time import Clock, Nanoseconds
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store

__all__ = ["MemoryWriting", "Saved", "new_record_id", "redactor_for"]

_RANDOM_BYTES = 10


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """What was written at once."""

    position: FactPosition
    ids: tuple[RecordId, ...]
    """Those that were written; one that held the very same already is not among them."""
    versions: tuple[int, ...]


def redactor_for(settings: Settings, project: ProjectId) -> Redactor | None:
    """What takes secrets out of what a project remembers; None where its policy keeps all as it comes."""
    if policy_of(settings, project) == "full":
        return None
    return redactor_of(settings, project.encode(), "redacted")


def new_record_id(now: Nanoseconds, randomness: bytes) -> RecordId:
    """An id that sorts by time."""
    return RecordId(new_session_id(now, randomness))


class MemoryWriting:
    """Changes of collections, each in one transaction of the ledger: all of it, or nothing."""

    def __init__(
        self,
        store: Store,
        *,
        author: Callable[[], Author | None] = lambda: None,
        clock: Clock = time.time_ns,
        randomness: Callable[[int], bytes] = os.urandom,
        redactor: Redactor | None = None,
    ) -> None:
        self._store = store
        self._author = author
        self._clock = clock
        self._randomness = randomness
        self._redactor = redactor

    def add(self, collection: CollectionKey, records: Sequence[Record]) -> Saved:
        """Remember these under new ids."""
        named = {new_record_id(self._now(), self._randomness(_RANDOM_BYTES)): record for record in records}
        return self._commit(collection, [self._put(collection, key, record) for key, record in named.items()])

    def upsert(
        self,
        collection: CollectionKey,
        records: Mapping[str, Record],
        gone: Collection[str] = (),
        author: Author | None = None,
    ) -> Saved:
        """Give each id its record, unless it has that already; and remove those that are gone."""
        edits: list[RecordEdit] = []
        for key, record in records.items():
            held = self._store.memories.get(collection, RecordId(check_key(key)))
            clean = self._clean(record)
            if held is None or held.record != clean:
                edits.append(RecordEdit.put(collection, key, clean))
        edits += [RecordEdit.remove(collection, key) for key in gone]
        return self._commit(collection, edits, author=author)

    def update(
        self, collection: CollectionKey, record: str, *, expected: int | None = None, **changes: object
    ) -> RecordVersion:
        """Change fields of a record. Raises MemoryMissing; or MemoryChanged when it has not the expected version.

        Of two who change it at once, neither undoes what the other did.
        """
        while True:
            held = memory.get(self._store.memories, collection, record)
            version = held.version.version
            if expected not in (None, version):
                raise MemoryChanged(record=record, found=version, expected=expected)
            changed = self._clean(msgspec.structs.replace(held.record, **changes))
            try:
                done = self._commit(collection, [RecordEdit.put(collection, record, changed)], {record: version})
            except FactConflict:
                continue
            return RecordVersion(
                id=held.version.id,
                version=done.versions[0],
                position=done.position,
                changed=memory.get(self._store.memories, collection, record).version.changed,
                record=changed,
            )

    def remove(self, collection: CollectionKey, records: Sequence[str]) -> Saved:
        """Take records out. What they were stays in their histories. Raises MemoryMissing."""
        held = {key: memory.get(self._store.memories, collection, key).version.version for key in records}
        return self._commit(collection, [RecordEdit.remove(collection, key) for key in held], held)

    def expire(self, collection: CollectionKey, records: Sequence[str], moment: Nanoseconds | None = None) -> None:
        """Let records hold no longer than until a moment, or until now; they stay where they are."""
        until = self._now() if moment is None else moment
        for record in records:
            self.update(collection, record, valid_until=until)

    def sweep(self, collection: CollectionKey) -> Saved:
        """Remove all records that do not hold any more."""
        now = self._now()
        over = [
            held.version.id
            for held in memory.each(self._store.memories, collection)
            if held.record.valid_until is not None and held.record.valid_until <= now
        ]
        return self.remove(collection, over)

    def merge(self, collection: CollectionKey, into: str, others: Sequence[str], text: str | None = None) -> Saved:
        """Let one record stand for several: it keeps the highest importance, all metadata, and tells whom it replaced.

        The others are removed in the same transaction; their histories stay.
        """
        rest = [key for key in dict.fromkeys(others) if key != into]
        kept = memory.get(self._store.memories, collection, into)
        gone = [memory.get(self._store.memories, collection, key) for key in rest]
        metadata = dict(kept.record.metadata)
        for held in gone:
            metadata = {**held.record.metadata, **metadata}
        replaced = [key for held in gone for key in (held.version.id, *held.record.merged)]
        merged = msgspec.structs.replace(
            kept.record,
            text=kept.record.text if text is None else text,
            metadata=metadata,
            importance=max(held.record.importance for held in (kept, *gone)),
            merged=tuple(dict.fromkeys([*kept.record.merged, *replaced])),
        )
        edits = [self._put(collection, into, merged), *(RecordEdit.remove(collection, key) for key in rest)]
        return self._commit(collection, edits, {held.version.id: held.version.version for held in (kept, *gone)})

    def merge_duplicates(self, collection: CollectionKey, where: MemoryFilter | None = None) -> int:
        """Merge records whose words are the same, in the same order, into the oldest of them; how many went.

        Letter case, accents, punctuation and white space do not count.
        """
        alike: dict[tuple[str, ...], list[RecordVersion]] = {}
        for held in memory.each(self._store.memories, collection, where or MemoryFilter()):
            alike.setdefault(tuple(words_of(held.record.text)), []).append(held.version)
        removed = 0
        for versions in alike.values():
            if len(versions) > 1:
                oldest, *others = sorted(versions, key=lambda version: (version.position, version.id))
                self.merge(collection, oldest.id, [version.id for version in others])
                removed += len(others)
        return removed

    def fork(
        self,
        source: CollectionKey,
        target: CollectionKey,
        at: FactPosition | None = None,
        without: Collection[str] = (),
    ) -> Saved:
        """Give an empty collection what another one held at a position, except for some records.

        So it is as though these had never been known. Raises FactConflict where the target holds one of the others.
        """
        held = memory.whole(self._store.facts, source, at)
        missing = next((key for key in without if key not in held), None)
        if missing is not None:
            memory.at_version(self._store.facts, source, missing)
        records = {key: version.record for key, version in held.items() if key not in without}
        edits = [RecordEdit.put(target, key, record) for key, record in records.items() if record is not None]
        return self._commit(target, edits, dict.fromkeys(records, NOTHING))

    def _put(self, collection: CollectionKey, key: str, record: Record) -> RecordEdit:
        return RecordEdit.put(collection, key, self._clean(record))

    def _clean(self, record: Record) -> Record:
        """The record without secrets."""
        if self._redactor is None:
            return record
        text, word = self._redactor.text, self._redactor.word
        metadata = {
            name: word(value, name) if isinstance(value, str) else value for name, value in record.metadata.items()
        }
        return msgspec.structs.replace(record, text=text(record.text), metadata=metadata)

    def _commit(
        self,
        collection: CollectionKey,
        edits: Sequence[RecordEdit],
        versions: Mapping[str, int] | None = None,
        author: Author | None = None,
    ) -> Saved:
        namespace, agent = collection.state[2:]
        conditions = tuple(
            Condition(namespace=namespace, agent=agent, key=key, version=version)
            for key, version in (versions or {}).items()
        )
        done: Transaction = self._store.facts.commit(
            Draft(
                tenant=collection.tenant,
                project=collection.project,
                id=new_transaction_id(self._now(), self._randomness(_RANDOM_BYTES)),
                edits=tuple(edits),
                conditions=conditions,
                author=author or self._author(),
            )
        )
        return Saved(
            position=done.position,
            ids=tuple(RecordId(one.key) for one in done.operations),
            versions=tuple(one.version for one in done.operations),
        )

    def _now(self) -> Nanoseconds:
        return Nanoseconds(self._clock())
