"""The live feed, as server-sent events and over a WebSocket; docs/live.md."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Annotated, Any

import msgspec
from litestar import Request, WebSocket, get, websocket
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketDisconnect
from litestar.params import QueryParameter
from litestar.response import Stream

from agentreplay.errors import AgentReplayError, QueryInvalid
from agentreplay.model.ids import Position, SessionId
from agentreplay.server.asking import Place
from agentreplay.server.live import Event, Wish
from agentreplay.server.routing import PROBLEMS
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "live", "live_socket"]

_Session = Annotated[str | None, QueryParameter(description="Only what happens in this session.")]
_Position = Annotated[
    str | None,
    QueryParameter(name="position", description="Everything behind this position; without one, from now on."),
]
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
_REFUSED = 1008
_GOING_AWAY = 1001


@get(
    "/api/v1/live",
    media_type="text/event-stream",
    summary="What happens, as server-sent events",
    tags=["live"],
    responses=dict(PROBLEMS),
)
async def live(
    service: NamedDependency[Service],
    place: NamedDependency[Place],
    request: Request[Any, Any, Any],
    session_id: _Session = None,
    position: _Position = None,
) -> Stream:
    """Sessions and spans that begin and change, jobs, and heartbeats that tell how far the index is behind.

    Whoever comes back goes on behind the header `last-event-id`, or `position`, and misses nothing.
    """
    events = service.live.listen(_wish(place, session_id), _behind(request.headers.get("last-event-id") or position))
    # The first is asked for here, so that what is wrong is told by the status of the answer.
    first = await anext(events)
    return Stream(_lines(first, events), media_type="text/event-stream", headers=_HEADERS)


@websocket("/api/v1/live/socket")
async def live_socket(
    service: NamedDependency[Service],
    place: NamedDependency[Place],
    socket: WebSocket[Any, Any, Any],
    session_id: _Session = None,
    position: _Position = None,
) -> None:
    """The same events, each a JSON text: `{"event", "position", "data"}`."""
    try:
        events = service.live.listen(_wish(place, session_id), _behind(position))
        first = await anext(events)
    except AgentReplayError as error:
        await socket.close(_REFUSED, error.message[:100])
        return
    await socket.accept()
    sending = asyncio.create_task(_send(socket, first, events))
    try:
        # Nothing is expected; to wait for it is how one learns that the other side went away.
        while True:
            await socket.receive_data("text")
    except WebSocketDisconnect:
        pass
    finally:
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sending


async def _send(socket: WebSocket[Any, Any, Any], first: Event, events: AsyncGenerator[Event]) -> None:
    async with contextlib.aclosing(events):
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # it went away
            await socket.send_text(_message(first))
            async for event in events:
                await socket.send_text(_message(event))
            await socket.close(_GOING_AWAY)


def _message(event: Event) -> str:
    position = None if event.position is None else str(event.position)
    return msgspec.json.encode({"event": event.name, "position": position, "data": msgspec.Raw(event.data)}).decode()


async def _lines(first: Event, events: AsyncGenerator[Event]) -> AsyncGenerator[bytes]:
    async with contextlib.aclosing(events):
        yield _line(first)
        async for event in events:
            yield _line(event)


def _line(event: Event) -> bytes:
    mark = b"" if event.position is None else b"id: %d\n" % event.position
    return b"event: %s\n%sdata: %s\n\n" % (event.name.encode(), mark, event.data)


def _wish(place: NamedDependency[Place], session: str | None) -> Wish:
    project = place.project if session is None else place.project or place.usual
    return Wish(place.tenant, project, None if session is None else SessionId(session))


def _behind(text: str | None) -> Position | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise QueryInvalid(problem=f"the position {text[:40]!r} is no whole number")
    return Position(int(text))


HANDLERS = (live, live_socket)
