"""Contents by their hash: immutable, so whoever has one never needs to ask again."""

from typing import Annotated

from msgspec import Meta

from agentreplay.errors import ContentMissing
from agentreplay.model.ids import check_content_hash
from agentreplay.server.asking import Headers, Place
from agentreplay.server.files import ANY, PARTS, served
from agentreplay.server.reply import Reply
from agentreplay.server.routing import reads
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "read_content"]


@reads(
    "/contents/{content}",
    tag="contents",
    summary="A content, or a part of it",
    media=ANY,
    answers=PARTS,
)
def read_content(
    service: Service,
    place: Place,
    headers: Headers,
    content: str,
    name: Annotated[str | None, Meta(description="What a file it is saved to is to be called.")] = None,
) -> Reply[bytes]:
    """The bytes with their media type. Takes `range` and `if-none-match`; the hash is the `etag`."""
    digest = check_content_hash(content)
    found = service.store.contents.get(place.tenant, digest)
    if found is None:
        raise ContentMissing(content=digest)
    return served(found, headers, name)


HANDLERS = (read_content,)
