"""What an agent chose to remember: records in collections, each with all its versions, and what a search finds."""

import math
from typing import Any, Literal, NamedTuple, NewType

import msgspec

from agentreplay.errors import ValueInvalid
from agentreplay.model.fact import Edit, Fact, FactPosition, StateKey, check_key, check_value
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId, check_name
from agentreplay.model.time import Nanoseconds

__all__ = [
    "COLLECTION",
    "IMPORTANCE",
    "LONGEST_TEXT",
    "MEMORY",
    "OWNER",
    "By",
    "CollectionKey",
    "Forgotten",
    "Held",
    "MemoryFilter",
    "MemoryHit",
    "Metadata",
    "Record",
    "RecordEdit",
    "RecordId",
    "RecordNumber",
    "RecordVersion",
    "Source",
    "WordHit",
    "collection_key",
    "collection_of",
    "is_memory",
    "version_of",
]

RecordId = NewType("RecordId", str)
"""Names a record in its collection."""

RecordNumber = NewType("RecordNumber", int)
"""Names one text of one record in the store. Another text of the same record has another number, and none is given
twice; so what was made of a text, such as a vector, can never be taken for something made of another."""

Metadata = dict[str, bool | int | float | str | None]
"""What a record is filtered by."""

By = Literal["words", "meaning", "both"]
"""What a search went by."""

MEMORY = "memory"
"""The kind of span that remembers something, or looks for it."""

COLLECTION = "memory.collection"
"""The attribute of such a span that names the collection; likewise below its owner."""

OWNER = "memory.owner"

IMPORTANCE = 0.5
"""Of a record of which nobody says how important it is."""

LONGEST_TEXT = 1 << 20
"""So many characters a record may have; what is longer is ingested in chunks."""

_MARK = "\x1f"
"""Before the owner of a collection: nothing that an agent names may have it, so no fact is taken for a record."""

_OWNERS = ("agent:", "workspace:")


class CollectionKey(NamedTuple):
    """Names a collection of records. Its owner is empty for the project, else `agent:NAME` or `workspace:FOLDER`."""

    tenant: TenantId
    project: ProjectId
    owner: str
    name: str

    @property
    def state(self) -> StateKey:
        """The state in the ledger whose facts are the records."""
        return StateKey(self.tenant, self.project, _MARK + self.owner, self.name)


class Source(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a record is from: a stretch of a file or page, or what happened in a session."""

    place: str = ""
    """The file or the address."""
    heading: str = ""
    """Those above it, from the outermost in, with `>` between them; of code the names of what it stands in."""
    first_line: int | None = None
    last_line: int | None = None
    page: int | None = None
    session: SessionId | None = None
    trace_id: TraceId | None = None
    span_id: SpanId | None = None


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is remembered. The collection knows it by its id."""

    text: str
    metadata: Metadata = {}
    source: Source = Source()
    author: str = ""
    """Who said so: an agent, a person, a program."""
    importance: float = IMPORTANCE
    """From 0 to 1."""
    valid_from: Nanoseconds | None = None
    valid_until: Nanoseconds | None = None
    merged: tuple[str, ...] = ()
    """The ids of records that this one took the place of."""

    def __post_init__(self) -> None:
        if not self.text.strip() or len(self.text) > LONGEST_TEXT:
            problem = f"it is empty, or longer than {LONGEST_TEXT} characters; `agentreplay memory ingest` cuts it up"
            raise ValueInvalid(what="the text of a memory", problem=problem)
        if not 0 <= self.importance <= 1:
            raise ValueInvalid(what="the importance of a memory", problem=f"{self.importance} is not from 0 to 1")
        for name, value in self.metadata.items():
            _check_metadata(name, value)
        try:
            msgspec.json.encode(self)
        except UnicodeEncodeError as error:
            raise ValueInvalid(what="a memory", problem="half a letter stands in it; give valid Unicode") from error

    def is_valid(self, moment: Nanoseconds) -> bool:
        """Whether it holds at that moment."""
        begins = self.valid_from is None or self.valid_from <= moment
        return begins and (self.valid_until is None or moment < self.valid_until)


class RecordEdit(Edit, frozen=True, kw_only=True):
    """What a transaction is to do to one record."""

    def __post_init__(self) -> None:
        check_key(self.key)
        check_value(self.value)

    @classmethod
    def put(cls, collection: CollectionKey, record_id: str, record: Record) -> "RecordEdit":
        """Give the collection the record, as its next version."""
        state = collection.state
        value = msgspec.to_builtins(record)
        return cls(namespace=state.namespace, agent=state.agent, key=record_id, value=value)

    @classmethod
    def remove(cls, collection: CollectionKey, record_id: str) -> "RecordEdit":
        """Take the record out of the collection. What it was stays in its history."""
        state = collection.state
        return cls(namespace=state.namespace, agent=state.agent, key=record_id, is_deleted=True)


class RecordVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a record; without a record where it was removed."""

    id: RecordId
    version: int
    position: FactPosition
    changed: Nanoseconds
    record: Record | None


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A record as a collection holds it now."""

    collection: CollectionKey
    number: RecordNumber
    version: RecordVersion

    @property
    def record(self) -> Record:
        """The record, which is there: what is held was not removed."""
        if self.version.record is None:
            raise AssertionError("what is held was not removed")
        return self.version.record


class WordHit(msgspec.Struct, frozen=True, kw_only=True):
    """A record that holds words of a question."""

    held: Held
    score: float
    """From 0 to 1, as docs/memory.md says."""


class MemoryHit(msgspec.Struct, frozen=True, kw_only=True):
    """A record that answers a question, and how well."""

    collection: CollectionKey
    version: RecordVersion
    score: float
    """From 0 to 1; comparable within one answer only."""
    words: float | None
    """How well its words answer, from 0 to 1; None where none of them was asked for."""
    meaning: float | None
    """How near its meaning is: the cosine of the two vectors; None where nobody compared them."""
    snippet: str
    """The passage around the words, which stand between \\x02 and \\x03."""


class MemoryFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which records are meant. All that is given must hold."""

    author: str | None = None
    session: SessionId | None = None
    """The session they are from."""
    place: str | None = None
    """How the file or address they are from begins."""
    metadata: Metadata = {}
    """These values under these names."""
    importance: float | None = None
    """At least so important."""
    since: Nanoseconds | None = None
    """Changed then or later;"""
    until: Nanoseconds | None = None
    """changed before."""
    valid_at: Nanoseconds | None = None
    """Those that hold at that moment."""

    def holds(self, version: RecordVersion) -> bool:
        """Whether a version of a record is meant."""
        record = version.record
        if record is None:
            return False
        return (
            self.author in (None, record.author)
            and self.session in (None, record.source.session)
            and (self.place is None or record.source.place.startswith(self.place))
            and (self.importance is None or record.importance >= self.importance)
            and (self.since is None or version.changed >= self.since)
            and (self.until is None or version.changed < self.until)
            and (self.valid_at is None or record.is_valid(self.valid_at))
            and all(_spelled(record.metadata, name) == _spelled(self.metadata, name) for name in self.metadata)
        )


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """What went for good."""

    records: int
    versions: int
    vectors: int
    numbers: tuple[RecordNumber, ...] = ()
    """Those of the texts, for whoever keeps something made of them."""


def collection_key(tenant: TenantId, project: ProjectId, owner: str, name: str) -> CollectionKey:
    """The name of a collection; raises ValueInvalid for what cannot be one."""
    for value, what in ((tenant, "tenant"), (project, "project"), (name, "collection")):
        check_name(value, f"the {what}")
    if owner and (not owner.startswith(_OWNERS) or owner in _OWNERS):
        problem = f"{owner[:60]!r} is neither `agent:NAME` nor `workspace:FOLDER`; leave it out for the project's own"
        raise ValueInvalid(what="the owner of a collection", problem=problem)
    if owner:
        check_name(owner, "the owner of a collection")
    return CollectionKey(tenant, project, owner, name)


def is_memory(namespace: str) -> bool:
    """Whether the facts of a namespace are the records of a collection."""
    return namespace.startswith(_MARK)


def collection_of(state: StateKey) -> CollectionKey:
    """The collection whose records the facts of a state are."""
    return CollectionKey(state.tenant, state.project, state.namespace.removeprefix(_MARK), state.agent)


def version_of(fact: Fact) -> RecordVersion:
    """What a fact says, if it is one of a collection."""
    record = None if fact.is_deleted else msgspec.convert(fact.value, Record)
    return RecordVersion(
        id=RecordId(fact.key), version=fact.version, position=fact.position, changed=fact.committed, record=record
    )


def _check_metadata(name: str, value: object) -> None:
    if not name or '"' in name or "\\" in name:
        problem = f"{name[:60]!r} is empty, or holds a quotation mark or a backslash"
        raise ValueInvalid(what="a name in the metadata of a memory", problem=problem)
    is_plain = value is None or type(value) in (bool, int, float, str)
    if not is_plain or (isinstance(value, float) and not math.isfinite(value)):
        problem = f"{value!r:.60}: give a text, a finite number, true, false or null"
        raise ValueInvalid(what=f"the metadata {name!r} of a memory", problem=problem)


def _spelled(metadata: Metadata, name: str) -> Any:
    """As JSON, because true is not 1; nothing where the name is missing."""
    return msgspec.json.encode(metadata[name]) if name in metadata else b""
