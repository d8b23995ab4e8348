"""The vectors of what is remembered: how far they are, and making those that are missing in the background."""

import msgspec

from agentreplay.core.memory_embedding import CollectionVectors, vectors_of_project
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.server.asking import Place
from agentreplay.server.reembedding import ReembeddingState, ReembeddingStatus
from agentreplay.server.routing import reads, writes
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "MemoryVectors", "get_memory_vectors", "make_memory_vectors", "stop_memory_vectors"]


class MemoryVectors(msgspec.Struct, frozen=True, kw_only=True):
    """How far the vectors of a project are."""

    model: str
    """The one that is wanted."""
    status: ReembeddingStatus
    """What the server does about those that are missing."""
    said: str
    """Why it failed."""
    made: int
    of: int
    collections: tuple[CollectionVectors, ...]


@reads("/memory/vectors", tag="memory", summary="How far the vectors of a project are")
def get_memory_vectors(service: Service, place: Place) -> MemoryVectors:
    """Of each collection which model serves, and how many texts the one that is wanted has made vectors of."""
    return _vectors(service, place.one, service.reembedding.state(place.one))


@writes("POST", "/memory/vectors", tag="memory", summary="Make the vectors that are missing")
def make_memory_vectors(service: Service, place: Place) -> MemoryVectors:
    """In the background, by the model of the settings; those of another one serve until the last is made.

    A server goes on with it by itself when it is started again.
    """
    return _vectors(service, place.one, service.reembedding.start(place.one))


@writes("DELETE", "/memory/vectors", tag="memory", summary="Make no more of the vectors that are missing")
def stop_memory_vectors(service: Service, place: Place) -> MemoryVectors:
    """What was made stays, and nothing is made again."""
    return _vectors(service, place.one, service.reembedding.cancel(place.one))


def _vectors(service: Service, project: ProjectId, state: ReembeddingState) -> MemoryVectors:
    model, tenant = service.settings.embeddings, TenantId(service.settings.tenant)
    found = vectors_of_project(service.store.memories, tenant, project, model)
    return MemoryVectors(
        model=model,
        status=state.status,
        said=state.said,
        made=sum(one.made for one in found),
        of=sum(one.of for one in found),
        collections=tuple(found),
    )


HANDLERS = (get_memory_vectors, make_memory_vectors, stop_memory_vectors)
