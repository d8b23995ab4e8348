"""What is remembered that bears on a task: a short block, each line of which says where it is from."""

from collections.abc import Iterator, Sequence

import msgspec

from agentreplay.core.memory_search import Meaning, MemoryAnswer, MemoryQuestion, search
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.memory import CollectionKey, Held, MemoryFilter, Record, RecordId, RecordVersion, Source
from agentreplay.model.page import PageRequest
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Store

__all__ = ["Recalled", "bearing_on", "collections_for", "spell_source"]

_RECENCY, _IMPORTANCE, _DIVERSITY = 0.1, 0.2, 0.3
"""What bears on a task is what answers it; of what does equally, the newer and more important. Nothing twice."""


class Recalled(msgspec.Struct, frozen=True, kw_only=True):
    """A record that bears on the task."""

    text: str
    source: str
    """Where it is from, in a few words."""
    id: RecordId
    collection: str
    owner: str


def bearing_on(  # noqa: PLR0913, PLR0917  # whose, what for, and how much
    store: Store,
    collections: Sequence[CollectionKey],
    task: str,
    now: Nanoseconds,
    count: int,
    meaning: Meaning | None = None,
) -> tuple[Recalled, ...]:
    """The records that bear on a task, best first; without a task the most important, and then the newest."""
    if any(letter.isalnum() for letter in task):
        return tuple(
            _recalled(hit.collection, hit.version) for hit in _asked(store, collections, task, now, count, meaning).hits
        )
    where = MemoryFilter(valid_at=now)
    newest = [
        held for key in collections for held in store.memories.find(key, where, PageRequest(limit=count * 5)).items
    ]
    best = sorted(newest, key=_weight, reverse=True)[:count]
    return tuple(_recalled(held.collection, held.version) for held in best)


def collections_for(
    store: Store, tenant: TenantId, project: ProjectId, *, workspace: str | None = None, agent: str | None = None
) -> Sequence[CollectionKey]:
    """The collections of the project itself, and those of the agent and the workspace that are named."""
    owners = {"", f"workspace:{workspace}", f"agent:{agent}"}
    return [key for key in store.memories.collections(tenant, project) if key.owner in owners]


def spell_source(record: RecordId, source: Source) -> str:
    """Where something is from: file and lines, session and span, or the record alone."""
    return " ".join(_parts(source)) or f"memory {record}"


def _asked(  # noqa: PLR0913, PLR0917  # as above
    store: Store,
    collections: Sequence[CollectionKey],
    task: str,
    now: Nanoseconds,
    count: int,
    meaning: Meaning | None,
) -> MemoryAnswer:
    asked = MemoryQuestion(
        text=task,
        collections=tuple(collections),
        where=MemoryFilter(valid_at=now),
        count=count,
        recency=_RECENCY,
        importance=_IMPORTANCE,
        diversity=_DIVERSITY,
    )
    return search(store, asked, now, meaning)


def _recalled(collection: CollectionKey, version: RecordVersion) -> Recalled:
    record = version.record or Record(text="(removed)")
    return Recalled(
        text=record.text,
        source=spell_source(version.id, record.source),
        id=version.id,
        collection=collection.name,
        owner=collection.owner,
    )


def _parts(source: Source) -> Iterator[str]:
    lines = ""
    if source.first_line is not None:
        lines = f":{source.first_line}" + (f"-{source.last_line}" if source.last_line != source.first_line else "")
    if source.place:
        yield f"{source.place}{lines}"
    elif source.session is not None:
        yield f"session {source.session}"
    if source.page is not None:
        yield f"page {source.page}"
    if source.heading:
        yield f"({source.heading})"


def _weight(held: Held) -> tuple[float, int]:
    return held.record.importance, held.version.position
