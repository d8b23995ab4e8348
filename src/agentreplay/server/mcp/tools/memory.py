"""What other agents remember, and find again. Every change is a span of the kind `memory`."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from agentreplay.core import memory
from agentreplay.core.memory_block import bearing_on, collections_for, spell_source
from agentreplay.core.memory_meaning import forget_for_good, vectors_of
from agentreplay.core.memory_places import USUAL_COLLECTION, collection_named
from agentreplay.core.memory_reranking import reranker_of
from agentreplay.core.memory_search import MemoryQuestion, search
from agentreplay.core.state import place_of
from agentreplay.model.memory import (
    IMPORTANCE,
    CollectionKey,
    Held,
    MemoryFilter,
    MemoryHit,
    Metadata,
    Record,
    RecordId,
    RecordVersion,
)
from agentreplay.model.time import Nanoseconds
from agentreplay.server.mcp.arguments import After, Limit, Project, following, paged
from agentreplay.server.mcp.arguments import place_of as place_of_cursor
from agentreplay.server.mcp.brief import moment, without_nothing
from agentreplay.server.mcp.fitting import Listing
from agentreplay.server.mcp.reach import Reach

__all__ = ["forget", "get_context_for", "list_memories", "recall", "remember"]

_Collection = Annotated[str, Meta(description="The name of a collection.")]
_Where = Annotated[str | None, Meta(description="A collection. Without it all are searched that are within reach.")]
_Agent = Annotated[str | None, Meta(description="The collections of this agent, beside those of the project.")]
_Workspace = Annotated[str | None, Meta(description="Those of this folder, beside those of the project.")]
_OfAgent = Annotated[str | None, Meta(description="The collection of this agent, not of the project.")]
_OfWorkspace = Annotated[str | None, Meta(description="The collection of this folder, not of the project.")]
_Share = Annotated[float, Meta(ge=0, le=1)]


def remember(  # noqa: PLR0913, PLR0917  # each argument comes by its name
    reach: Reach,
    text: Annotated[
        str, Meta(min_length=1, description="What to remember: one thing, told so that it is understood alone.")
    ],
    importance: Annotated[_Share, Meta(description="From 0 to 1.")] = IMPORTANCE,
    metadata: Annotated[Metadata, Meta(description="Names and plain values to find it by.")] = {},  # noqa: B006  # msgspec copies it
    author: Annotated[str, Meta(description="Who says so.")] = "",
    record: Annotated[
        str | None, Meta(description="The id of a record it takes the place of; its history stays.")
    ] = None,
    collection: _Collection = USUAL_COLLECTION,
    agent: _OfAgent = None,
    workspace: _OfWorkspace = None,
    project: Project = None,
) -> Listing:
    """Remember something across sessions: a fact, a decision, a preference, how something is done here.

    recall and get_context_for find it again. Secrets are taken out.
    """
    key = _key(reach, collection, agent, workspace, project)
    with reach.writing(key, "remember") as desk:
        made = Record(text=text, importance=importance, metadata=metadata, author=author, source=desk.source)
        saved = desk.writing.add(key, [made]) if record is None else desk.writing.upsert(key, {record: made})
        desk.tell(saved.ids)
    found = saved.ids or (RecordId(record or ""),)
    return Listing({"record": found[0], "collection": memory.spell_collection(key)})


def recall(  # noqa: PLR0913, PLR0917  # each argument comes by its name
    reach: Reach,
    query: Annotated[str, Meta(min_length=1, description="What it is about, in words; any of them may stand in it.")],
    limit: Limit = 10,
    by: Annotated[Literal["words", "meaning", "both"], Meta(description="What counts.")] = "both",
    metadata: Annotated[Metadata, Meta(description="Only what has these values.")] = {},  # noqa: B006  # as above
    session: Annotated[str | None, Meta(description="As it was known when this session began `step`.")] = None,
    step: Annotated[int | None, Meta(description="A step of that session, from 1.")] = None,
    collection: _Where = None,
    agent: _Agent = None,
    workspace: _Workspace = None,
    cursor: After = None,
    project: Project = None,
) -> Listing:
    """Find what was remembered, best first, each with where it is from; or what was known at a step of a session."""
    keys = _keys(reach, collection, agent, workspace, project)
    now = Nanoseconds(reach.now())
    at = None
    if session is not None:
        found = reach.session(session, project).session
        at = place_of(reach.store, (found.tenant, found.project), session=found.id, step=step)
    where = MemoryFilter(valid_at=now, metadata=metadata)
    start = place_of_cursor(cursor)
    asked = MemoryQuestion(text=query, collections=keys, where=where, count=limit, skip=start, by=by, at=at)
    answer = search(reach.store, asked, now, reach.meaning, reranker_of(reach.settings))
    head = without_nothing({"by": answer.by, "note": answer.note, "reranker": answer.reranker})
    hits = [_hit(hit) for hit in answer.hits]
    return Listing(head, hits, following(start, start + len(hits) + answer.has_more))


def forget(  # noqa: PLR0913, PLR0917  # each argument comes by its name
    reach: Reach,
    records: Annotated[list[str], Meta(min_length=1, description="The ids of the records.")],
    for_good: Annotated[bool, Meta(description="With all versions; else the history stays.")] = False,  # noqa: FBT002  # as above
    collection: _Collection = USUAL_COLLECTION,
    agent: _OfAgent = None,
    workspace: _OfWorkspace = None,
    project: Project = None,
) -> Listing:
    """Forget records: they are found no more. With `for_good` nothing of them is left in the store."""
    key = _key(reach, collection, agent, workspace, project)
    with reach.writing(key, "forget") as desk:
        if for_good:
            went = forget_for_good(desk.store, vectors_of(reach.settings), key, records)
            gone, versions = went.records, went.versions
        else:
            gone, versions = len(desk.writing.remove(key, records).ids), 0
        desk.tell(records)
    return Listing({"records": gone, "versions_gone_for_good": versions})


def list_memories(  # noqa: PLR0913, PLR0917  # each argument comes by its name
    reach: Reach,
    collection: _Collection = USUAL_COLLECTION,
    agent: _OfAgent = None,
    workspace: _OfWorkspace = None,
    metadata: Annotated[Metadata, Meta(description="Only what has these values.")] = {},  # noqa: B006  # as above
    limit: Limit = 20,
    cursor: After = None,
    project: Project = None,
) -> Listing:
    """List what a collection holds, what changed last first, and which collections there are."""
    key = _key(reach, collection, agent, workspace, project)
    where = MemoryFilter(metadata=metadata)
    others = reach.store.memories.collections(key.tenant, key.project)
    head = {"collections": [memory.spell_collection(one) for one in others]}

    def told(held: Held) -> dict[str, Any]:
        return _told(held.collection, held.version)

    return paged(head, lambda request: reach.store.memories.find(key, where, request), told, limit, cursor)


def get_context_for(  # noqa: PLR0913, PLR0917  # each argument comes by its name
    reach: Reach,
    task: Annotated[str, Meta(description="What is to be done now, in a sentence or two.")],
    limit: Limit = 12,
    agent: _Agent = None,
    workspace: _Workspace = None,
    cursor: After = None,
    project: Project = None,
) -> Listing:
    """What is remembered that bears on a task: call it before beginning one. Each line says where it is from."""
    keys = _keys(reach, None, agent, workspace, project)
    start = place_of_cursor(cursor)
    found = bearing_on(reach.store, keys, task, Nanoseconds(reach.now()), start + limit + 1, reach.meaning)
    told = [{"text": one.text, "from": one.source, "record": one.id} for one in found[start : start + limit]]
    return Listing({}, told, following(start, len(found)))


def _key(reach: Reach, name: str, agent: str | None, workspace: str | None, project: str | None) -> CollectionKey:
    within = reach.within(project) or reach.project
    return collection_named(reach.tenant, within, name, agent=agent, workspace=workspace)


def _keys(
    reach: Reach, name: str | None, agent: str | None, workspace: str | None, project: str | None
) -> tuple[CollectionKey, ...]:
    """The collections within reach: the project's own, and those of the agent and the workspace."""
    within = reach.within(project) or reach.project
    found = collections_for(reach.store, reach.tenant, within, agent=agent, workspace=workspace)
    return tuple(key for key in found if name in {None, key.name})


def _hit(hit: MemoryHit) -> dict[str, Any]:
    return {"score": round(hit.score, 3), **_told(hit.collection, hit.version)}


def _told(collection: CollectionKey, version: RecordVersion) -> dict[str, Any]:
    record = version.record or Record(text="(removed)")
    return without_nothing({
        "text": record.text,
        "from": spell_source(version.id, record.source),
        "record": version.id,
        "collection": memory.spell_collection(collection),
        "changed": moment(version.changed),
        "author": record.author,
        "metadata": record.metadata,
        "importance": None if record.importance == IMPORTANCE else record.importance,
    })  # fmt: skip
