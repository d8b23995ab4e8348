"""What differs between two sessions."""

from typing import Annotated

from msgspec import Meta

from agentreplay.core.compare import Comparison, compare_sessions
from agentreplay.server.asking import Place
from agentreplay.server.routing import reads
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "compare"]


@reads("/compare", tag="compare", summary="Compare two sessions, call by call")
def compare(
    service: Service,
    place: Place,
    before: Annotated[str, Meta(description="The id of a session.")],
    after: Annotated[str, Meta(description="The id of the other session.")],
) -> Comparison:
    """The calls of both, aligned; the first item that is not `same` is where they part."""
    return compare_sessions(service.store, place.session(before), place.session(after))


HANDLERS = (compare,)
