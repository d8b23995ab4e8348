"""Contents by their hash: immutable, so whoever has one never needs to ask again."""

from typing import Annotated, Any

from litestar import Request, Response
from litestar.params import FromPath, QueryParameter

from agentreplay.errors import ContentMissing
from agentreplay.model.content import OCTETS
from agentreplay.model.ids import check_content_hash
from agentreplay.server.asking import Place
from agentreplay.server.files import PARTS, served
from agentreplay.server.routing import reads
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "read_content"]


@reads(
    "/contents/{content:str}",
    tag="contents",
    summary="A content, or a part of it",
    media_type=OCTETS,
    responses=PARTS,
)
def read_content(
    service: Service,
    place: Place,
    request: Request[Any, Any, Any],
    content: FromPath[str],
    name: Annotated[str | None, QueryParameter(description="What a file it is saved to is to be called.")] = None,
) -> Response[bytes]:
    """The bytes with their media type. Takes `range` and `if-none-match`; the hash is the `etag`."""
    digest = check_content_hash(content)
    found = service.store.contents.get(place.tenant, digest)
    if found is None:
        raise ContentMissing(content=digest)
    return served(found, request.headers, name)


HANDLERS = (read_content,)
