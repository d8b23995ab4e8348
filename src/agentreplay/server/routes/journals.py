"""Where SDKs on other machines ship their journals to; docs/format/journal-upload.md."""

from typing import Annotated

from msgspec import Meta

from agentreplay.server.asking import Body
from agentreplay.server.routing import answers
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "upload"]


@answers("POST", "/v1/journals/{name}", tag="ingest", summary="Take in a piece of a journal")
async def upload(
    service: Service,
    body: Body,
    name: str,
    offset: Annotated[int, Meta(ge=0, le=1 << 62, description="Where in the journal the body begins.")] = 0,
    alive: Annotated[bool, Meta(description="Whether the journal's writer says so itself.")] = False,  # noqa: FBT002  # an argument of the query
) -> dict[str, object]:
    """The answer says how much of the journal is stored."""
    return await service.journals.take_in(name, offset, body, is_alive=alive)


HANDLERS = (upload,)
