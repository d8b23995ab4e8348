"""What tests of memories have in common: some collections, and how to write to them and look at them."""

from itertools import count
from typing import Any

from agentreplay.model.fact import Draft, Transaction, TransactionId
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.memory import CollectionKey, MemoryFilter, Record, RecordEdit
from agentreplay.store.protocol import Store

__all__ = ["ALL", "NOTES", "OF_AGENT", "OTHER_PROJECT", "OTHER_TENANT", "found", "keep", "take_out", "texts"]

ALL = MemoryFilter()
NOTES = CollectionKey(TenantId("acme"), ProjectId("demo"), "", "notes")
OF_AGENT = NOTES._replace(owner="agent:planner")
OTHER_PROJECT = NOTES._replace(project=ProjectId("other"))
OTHER_TENANT = NOTES._replace(tenant=TenantId("rival"))

_numbers = count(1)


def keep(
    store: Store, records: dict[str, str | Record], collection: CollectionKey = NOTES, **fields: Any
) -> Transaction:
    """Commit these records; a text alone stands for a record of it."""
    made = {key: one if isinstance(one, Record) else Record(text=one) for key, one in records.items()}
    return _commit(store, collection, [RecordEdit.put(collection, key, one) for key, one in made.items()], **fields)


def take_out(store: Store, *keys: str, collection: CollectionKey = NOTES) -> Transaction:
    return _commit(store, collection, [RecordEdit.remove(collection, key) for key in keys])


def texts(store: Store, collection: CollectionKey = NOTES, where: MemoryFilter = ALL) -> dict[str, str]:
    return {held.version.id: held.record.text for held in store.memories.find(collection, where).items}


def found(store: Store, text: str, *collections: CollectionKey, where: MemoryFilter = ALL, most: int = 10) -> list[str]:
    """The ids of what a search finds, best first."""
    hits = store.memories.search(collections or (NOTES,), text, where, most)
    return [hit.held.version.id for hit in hits]


def _commit(store: Store, collection: CollectionKey, edits: list[RecordEdit], **fields: Any) -> Transaction:
    name = TransactionId(f"memory {next(_numbers)}")
    return store.facts.commit(
        Draft(tenant=collection.tenant, project=collection.project, id=name, edits=tuple(edits), **fields)
    )
