"""What agents remember: found by words and meaning, as it is and as it was, changed, and forgotten for good."""

import base64
import binascii
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from agentreplay.core import memory
from agentreplay.core import state as ledger
from agentreplay.core.memory import CollectionStatistics, ToldRecord, ToldRecordDifference
from agentreplay.core.memory_ingest import Ingested, Ingesting
from agentreplay.core.memory_log import MemoryChange, changes
from agentreplay.core.memory_meaning import forget_for_good, meaning_of, vectors_of
from agentreplay.core.memory_places import USUAL_COLLECTION
from agentreplay.core.memory_reranking import reranker_of
from agentreplay.core.memory_search import MemoryQuestion, ToldMemoryHit, search, tell_hit
from agentreplay.core.memory_writing import MemoryWriting, Saved, redactor_for
from agentreplay.errors import ValueInvalid
from agentreplay.model.fact import FactPosition
from agentreplay.model.ids import ProjectId
from agentreplay.model.memory import (
    IMPORTANCE,
    By,
    CollectionKey,
    Forgotten,
    MemoryFilter,
    Metadata,
    Record,
    RecordId,
    Source,
    collection_key,
)
from agentreplay.model.page import Cursor, Page, PageRequest
from agentreplay.model.time import Nanoseconds
from agentreplay.server.asking import Count, Instant, Moment, Ordinal, Place
from agentreplay.server.routing import reads, writes
from agentreplay.server.service import Service
from agentreplay.store.cursors import make_cursor, read_cursor

__all__ = [
    "HANDLERS",
    "MemoryHits",
    "WholeCollection",
    "WishedChange",
    "WishedDocument",
    "WishedEnd",
    "WishedFork",
    "WishedMerge",
    "WishedRecord",
    "WishedSource",
    "diff_memory",
    "end_memory",
    "find_collections",
    "find_memory",
    "fork_memory",
    "get_memory",
    "get_memory_history",
    "ingest_memory",
    "merge_memory",
    "read_memory",
    "read_memory_log",
    "remember",
    "search_memory",
    "update_memory",
]

_Record = Annotated[str, Meta(description="The id of the record.")]
_Version = Annotated[Ordinal | None, Meta(description="In this version.")]
_Text = Annotated[str, Meta(min_length=1, description="What is looked for; any of its words may stand there.")]
_By = Annotated[By, Meta(description="What counts.")]
_Weight = Annotated[float, Meta(ge=0, le=1, description="So much of the score, from 0 to 1.")]
_Days = Annotated[float, Meta(gt=0, description="After so many days the age counts half.")]
_Everywhere = Annotated[bool, Meta(description="In all collections of the project.")]
_Earlier = Annotated[int, Meta(ge=0, le=1 << 62, description="The earlier position, or step of `in_session`.")]
_Later = Annotated[Count | None, Meta(description="The later one; now by default.")]
_InSession = Annotated[str | None, Meta(description="Both are steps of this session.")]


class WishedSource(Source, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where what is to be remembered is from."""

    first_line: Ordinal | None = None
    last_line: Ordinal | None = None
    page: Count | None = None


class WishedRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to remember."""

    text: str
    id: str | None = None
    """In place of what is held under this id; a new one without."""
    collection: str = USUAL_COLLECTION
    owner: str = ""
    metadata: Metadata = {}
    source: WishedSource | None = None
    author: str = ""
    importance: float = IMPORTANCE
    valid_from: Instant | None = None
    valid_until: Instant | None = None


class WishedChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is otherwise in a record from now on; what is left out stays."""

    expected: Count | None = None
    """The version it must have."""
    text: str | None = None
    metadata: Metadata | None = None
    author: str | None = None
    importance: float | None = None
    valid_until: Instant | None = None


class WishedEnd(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which records end, and how."""

    records: list[str]
    how: Literal["expire", "remove", "forget"]
    """`expire` lets them hold no longer, `remove` leaves their histories, `forget` leaves nothing."""
    collection: str = USUAL_COLLECTION
    owner: str = ""


class WishedMerge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which records become one."""

    collection: str = USUAL_COLLECTION
    owner: str = ""
    into: str | None = None
    """Without it all are merged that say the same in the same words."""
    others: list[str] = []
    text: str | None = None


class WishedFork(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an empty collection gets from another one."""

    target: str
    target_owner: str = ""
    collection: str = USUAL_COLLECTION
    owner: str = ""
    position: Count | None = None
    without: list[str] = []


class WishedDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to take in, chunk by chunk."""

    place: str
    """Its name or address, which tells what it is."""
    text: str | None = None
    data: str | None = None
    """The bytes in base64, where it is no text."""
    collection: str = USUAL_COLLECTION
    owner: str = ""
    metadata: Metadata = {}


class MemoryHits(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, and how it was looked for."""

    by: By
    note: str
    """Why it was by words only, where meaning was asked for too, or why nothing was ranked anew."""
    reranker: str
    """What made the scores anew, where anything did."""
    items: tuple[ToldMemoryHit, ...]
    next: Cursor | None = None
    """Where the next page begins; it is asked for with the same question and `limit`."""


class WholeCollection(msgspec.Struct, frozen=True, kw_only=True):
    """All that a collection held at one position."""

    position: FactPosition
    records: tuple[ToldRecord, ...]


@reads("/memory/collections", tag="memory", summary="Which collections there are")
def find_collections(service: Service, place: Place) -> Page[CollectionStatistics]:
    """In order, each with what it comes to."""
    keys = service.store.memories.collections(place.tenant, place.project)
    return Page(items=tuple(memory.statistics(service.store.memories, key) for key in keys))


@reads("/memory", tag="memory", summary="The records of a collection")
def find_memory(service: Service, within: CollectionKey, records: MemoryFilter, page: PageRequest) -> Page[ToldRecord]:
    """Those that changed last first, in pages."""
    found = service.store.memories.find(within, records, page)
    return Page(items=tuple(memory.tell(within, held.version) for held in found.items), next=found.next)


@reads("/memory/search", tag="memory", summary="What is remembered of something")
def search_memory(  # noqa: PLR0913, PLR0917  # each comes by its name
    service: Service,
    place: Place,
    within: CollectionKey,
    records: MemoryFilter,
    page: PageRequest,
    moment: Moment,
    text: _Text,
    by: _By = "both",
    everywhere: _Everywhere = False,  # noqa: FBT002  # as above
    recency: _Weight = 0.0,
    half_life: _Days = 30.0,
    importance: _Weight = 0.0,
    diversity: _Weight = 0.0,
) -> MemoryHits:
    """By words and by meaning, best first, in pages, now or as it was known earlier; it says what it went by."""
    store = service.store
    keys = store.memories.collections(place.tenant, place.one) if everywhere else (within,)
    (skip,) = read_cursor(page.after, 1) if page.after else (0,)
    asked = MemoryQuestion(
        text=text,
        collections=tuple(keys),
        where=records,
        count=page.limit,
        skip=skip,
        by=by,
        at=_at(service, within, moment),
        recency=recency,
        half_life=half_life,
        importance=importance,
        diversity=diversity,
    )
    answer = search(
        store, asked, Nanoseconds(service.now()), meaning_of(store, service.settings), reranker_of(service.settings)
    )
    following = make_cursor(skip + page.limit) if answer.has_more else None
    return MemoryHits(
        by=answer.by,
        note=answer.note,
        reranker=answer.reranker,
        items=tuple(map(tell_hit, answer.hits)),
        next=following,
    )


@reads("/memory/record", tag="memory", summary="A record, as it is or was")
def get_memory(service: Service, within: CollectionKey, record: _Record, version: _Version = None) -> ToldRecord:
    """In its last version, or in another; one that was removed has no text."""
    return memory.tell(within, memory.at_version(service.store.facts, within, record, version))


@reads("/memory/history", tag="memory", summary="All versions of a record")
def get_memory_history(service: Service, within: CollectionKey, page: PageRequest, record: _Record) -> Page[ToldRecord]:
    """The newest first, removals among them, in pages."""
    found = memory.history(service.store.facts, within, record, page)
    return Page(items=tuple(memory.tell(within, version) for version in found.items), next=found.next)


@reads("/memory/log", tag="memory", summary="The changes of a collection")
def read_memory_log(service: Service, within: CollectionKey, page: PageRequest) -> Page[MemoryChange]:
    """The newest first, in pages; between two of them nothing was known otherwise."""
    return changes(service.store.facts, within, page)


@reads("/memory/whole", tag="memory", summary="All that was known at a moment")
def read_memory(service: Service, within: CollectionKey, moment: Moment) -> WholeCollection:
    """Now, at a position, at a time, or when a session began a step."""
    at = _at(service, within, moment)
    at = service.store.facts.position() if at is None else at
    found = memory.whole(service.store.facts, within, at).values()
    return WholeCollection(position=at, records=tuple(memory.tell(within, version) for version in found))


@reads("/memory/diff", tag="memory", summary="What was known otherwise")
def diff_memory(
    service: Service, within: CollectionKey, earlier: _Earlier, later: _Later = None, steps_of: _InSession = None
) -> Page[ToldRecordDifference]:
    """At the position `later`, or now, than at `earlier`; or between two steps of a session."""

    def place(number: int) -> FactPosition:
        if steps_of is None:
            return FactPosition(number)
        found = ledger.place_of(service.store, within[:2], session=steps_of, step=number)
        return FactPosition(0) if found is None else found

    end = None if later is None else place(later)
    found = memory.diff(service.store.facts, within, place(earlier), end)
    return Page(items=tuple(memory.tell_difference(within, one) for one in found))


@writes("POST", "/memory", tag="memory", summary="Remember something")
def remember(service: Service, place: Place, data: WishedRecord) -> Saved:
    """When this answers, it is kept. Secrets are taken out of it, as the project's policy says."""
    record = Record(
        text=data.text,
        metadata=data.metadata,
        source=data.source or Source(),
        author=data.author,
        importance=data.importance,
        valid_from=None if data.valid_from is None else Nanoseconds(data.valid_from),
        valid_until=None if data.valid_until is None else Nanoseconds(data.valid_until),
    )
    collection = collection_key(place.tenant, place.one, data.owner, data.collection)
    desk = _desk(service, place.one)
    return desk.add(collection, [record]) if data.id is None else desk.upsert(collection, {data.id: record})


@writes("PATCH", "/memory/record", tag="memory", summary="Change a record")
def update_memory(service: Service, within: CollectionKey, record: _Record, data: WishedChange) -> ToldRecord:
    """What it was stays in its history. A version that is not as expected is answered with 409."""
    changes = {
        name: value for name, value in msgspec.structs.asdict(data).items() if value is not None and name != "expected"
    }
    changed = _desk(service, within.project).update(within, record, expected=data.expected, **changes)
    return memory.tell(within, changed)


@writes("POST", "/memory/end", tag="memory", summary="Let records expire, remove them, or forget them for good")
def end_memory(service: Service, place: Place, data: WishedEnd) -> Forgotten:
    """Says what went for good, which is nothing unless they are to be forgotten."""
    collection = collection_key(place.tenant, place.one, data.owner, data.collection)
    desk = _desk(service, place.one)
    match data.how:
        case "forget":
            return forget_for_good(service.store, vectors_of(service.settings), collection, data.records)
        case "remove":
            desk.remove(collection, data.records)
        case "expire":
            desk.expire(collection, data.records)
    return Forgotten(records=0, versions=0, vectors=0)


@writes("POST", "/memory/merge", tag="memory", summary="Let one record stand for several")
def merge_memory(service: Service, place: Place, data: WishedMerge) -> Page[RecordId]:
    """The ids of all that were merged by name; without `into`, nothing is told of those that say the same."""
    collection = collection_key(place.tenant, place.one, data.owner, data.collection)
    desk = _desk(service, place.one)
    if data.into is None:
        desk.merge_duplicates(collection)
        return Page(items=())
    return Page(items=desk.merge(collection, data.into, data.others, data.text).ids)


@writes("POST", "/memory/fork", tag="memory", summary="Give an empty collection what another one held")
def fork_memory(service: Service, place: Place, data: WishedFork) -> Saved:
    """As though the records that are left out had never been. What the target holds already is answered with 409."""
    source = collection_key(place.tenant, place.one, data.owner, data.collection)
    target = collection_key(place.tenant, place.one, data.target_owner, data.target)
    at = None if data.position is None else FactPosition(data.position)
    return _desk(service, place.one).fork(source, target, at, data.without)


@writes("POST", "/memory/ingest", tag="memory", summary="Take in a document, chunk by chunk")
def ingest_memory(service: Service, place: Place, data: WishedDocument) -> Ingested:
    """Text, Markdown, HTML, source code or PDF, whole or not at all. Taken in again, only what changed is written."""
    collection = collection_key(place.tenant, place.one, data.owner, data.collection)
    desk = Ingesting(service.store, _desk(service, place.one), collection, metadata=data.metadata)
    return desk.document(_bytes_of(data), data.place)


def _bytes_of(data: WishedDocument) -> bytes:
    if (data.text is None) == (data.data is None):
        raise ValueInvalid(what="the document", problem="give either its text, or its data in base64")
    try:
        return (data.text or "").encode() if data.data is None else base64.b64decode(data.data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueInvalid(what="the document", problem=f"its data are no base64: {error}") from error


def _desk(service: Service, project: ProjectId) -> MemoryWriting:
    return MemoryWriting(service.store, clock=service.now, redactor=redactor_for(service.settings, project))


def _at(service: Service, within: CollectionKey, moment: Moment) -> FactPosition | None:
    """The position that is meant; None for now."""
    told = {"position": moment.position, "time_ns": moment.time, "step": moment.step}
    return ledger.place_of(service.store, within[:2], session=moment.session, **told)


HANDLERS = (
    find_collections,
    find_memory,
    search_memory,
    get_memory,
    get_memory_history,
    read_memory_log,
    read_memory,
    diff_memory,
    remember,
    update_memory,
    end_memory,
    merge_memory,
    fork_memory,
    ingest_memory,
)
