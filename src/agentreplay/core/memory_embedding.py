"""How far the vectors of a collection are: which model serves, which is wanted, and how much that one has made.

It is read from the store, which holds every vector as soon as it is made, so it is true whoever makes them: the server,
a command, or somebody who searches.
"""

from collections.abc import Sequence

import msgspec

from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.memory import CollectionKey
from agentreplay.store.protocol import Memories

__all__ = ["CollectionVectors", "is_unfinished", "serving_model", "vectors_of_collection", "vectors_of_project"]


class CollectionVectors(msgspec.Struct, frozen=True, kw_only=True):
    """The vectors of one collection."""

    collection: str
    owner: str
    serving: str
    """The model whose vectors are searched."""
    made: int
    """So many of the texts have a vector of the model that is wanted,"""
    of: int
    """of so many."""
    others: int
    """Vectors of other models, which go when the last is made."""


def serving_model(memories: Memories, collection: CollectionKey, wanted: str) -> str:
    """The model that made the vectors of a collection: that which is wanted, unless another made more of them."""
    models = memories.models(collection)
    best = max(models, key=models.__getitem__, default=wanted)
    return best if models.get(best, 0) > models.get(wanted, 0) else wanted


def vectors_of_collection(memories: Memories, collection: CollectionKey, wanted: str) -> CollectionVectors:
    """How far one collection is. The cost follows the number of its texts."""
    models = memories.models(collection)
    made = models.get(wanted, 0)
    return CollectionVectors(
        collection=collection.name,
        owner=collection.owner,
        serving=serving_model(memories, collection, wanted),
        made=made,
        of=memories.count(collection),
        others=sum(models.values()) - made,
    )


def vectors_of_project(
    memories: Memories, tenant: TenantId, project: ProjectId, wanted: str
) -> Sequence[CollectionVectors]:
    """How far each collection of a project is, in order."""
    return [vectors_of_collection(memories, key, wanted) for key in memories.collections(tenant, project)]


def is_unfinished(vectors: Sequence[CollectionVectors]) -> bool:
    """Whether another model was chosen, and the change is not through: what it was told last is to be gone on with."""
    return any(one.others for one in vectors)
