"""The live feed, as server-sent events and over a WebSocket; docs/live.md."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Annotated

import msgspec
from msgspec import Meta

from agentreplay.core.inputs import whole_number
from agentreplay.errors import AgentReplayError, QueryInvalid
from agentreplay.model.ids import Position, SessionId
from agentreplay.server.asking import Headers, Place
from agentreplay.server.live import Event, Wish
from agentreplay.server.reply import AS_IT_COMES, EVENTS, Stream
from agentreplay.server.routing import answers, listens
from agentreplay.server.service import Service
from agentreplay.server.sockets import GOING_AWAY, REFUSED, Socket

__all__ = ["HANDLERS", "live", "live_socket"]

_Session = Annotated[str | None, Meta(description="Only what happens in this session.")]
_Position = Annotated[
    str | None,
    Meta(description="Everything behind this position; without one, from now on."),
]


@answers("GET", "/api/v1/live", tag="live", summary="What happens, as server-sent events", media=EVENTS)
async def live(
    service: Service,
    place: Place,
    headers: Headers,
    session_id: _Session = None,
    position: _Position = None,
) -> Stream:
    """Sessions and spans that begin and change, jobs, and heartbeats that tell how far the index is behind.

    Whoever comes back goes on behind the header `last-event-id`, or `position`, and misses nothing.
    """
    events = service.live.listen(_wish(place, session_id), _behind(headers.get("last-event-id") or position))
    # The first is asked for here, so that what is wrong is told by the status of the answer.
    first = await anext(events)
    return Stream(pieces=_lines(first, events), media=EVENTS, headers=AS_IT_COMES)


@listens("/api/v1/live/socket", tag="live", summary="What happens, over a WebSocket")
async def live_socket(
    service: Service,
    place: Place,
    socket: Socket,
    session_id: _Session = None,
    position: _Position = None,
) -> None:
    """The same events, each a JSON text: `{"event", "position", "data"}`."""
    try:
        events = service.live.listen(_wish(place, session_id), _behind(position))
        first = await anext(events)
    except AgentReplayError as error:
        await socket.close(REFUSED, error.message[:100])
        return
    await socket.accept()
    sending = asyncio.create_task(_send(socket, first, events))
    try:
        await socket.wait_until_gone()
    finally:
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sending


async def _send(socket: Socket, first: Event, events: AsyncGenerator[Event]) -> None:
    async with contextlib.aclosing(events):
        with contextlib.suppress(OSError, RuntimeError):  # it went away
            await socket.tell(_message(first))
            async for event in events:
                await socket.tell(_message(event))
            await socket.close(GOING_AWAY)


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


def _wish(place: Place, session: str | None) -> Wish:
    project = place.project if session is None else place.project or place.usual
    return Wish(place.tenant, project, None if session is None else SessionId(session))


def _behind(text: str | None) -> Position | None:
    if text is None:
        return None
    number = whole_number(text)
    if number is None:
        raise QueryInvalid(problem=f"the position {text[:40]!r} is none that was told")
    return Position(number)


HANDLERS = (live, live_socket)
