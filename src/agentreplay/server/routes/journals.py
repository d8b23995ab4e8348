"""Where SDKs on other machines ship their journals to; docs/format/journal-upload.md."""

from typing import Annotated, Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from agentreplay.server.routing import PROBLEMS
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "upload"]


@post(
    "/v1/journals/{name:str}",
    status_code=200,
    summary="Take in a piece of a journal",
    tags=["ingest"],
    responses=dict(PROBLEMS),
)
async def upload(
    service: NamedDependency[Service],
    request: Request[Any, Any, Any],
    name: FromPath[str],
    offset: Annotated[int, QueryParameter(ge=0, description="Where in the journal the body begins.")] = 0,
    alive: Annotated[bool, QueryParameter(description="Whether the journal's writer says so itself.")] = False,  # noqa: FBT002  # an argument of the query
) -> dict[str, object]:
    """The answer says how much of the journal is stored."""
    return await service.journals.take_in(name, offset, await request.body(), is_alive=alive)


HANDLERS = (upload,)
