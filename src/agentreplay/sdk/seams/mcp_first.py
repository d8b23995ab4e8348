"""Client sessions of the first generation of `mcp`: one loop receives all, one message after the other."""

import asyncio
import importlib
from contextlib import suppress
from typing import Any, cast
from weakref import WeakKeyDictionary

from agentreplay.sdk.patching import Patches
from agentreplay.sdk.seams.mcp_session import IGNORED, Event, Question, Session
from agentreplay.sdk.seams.mcp_transports import server_behind
from agentreplay.sdk.silence import silence

__all__ = ["install"]

# ruff: noqa: SLF001  # the library has no public hook below its models

_OPTIONS = ("request_read_timeout_seconds", "metadata", "progress_callback")
_sessions: WeakKeyDictionary[Any, Session] = WeakKeyDictionary()


def install(patches: Patches, kind: Any) -> None:
    """Record the sessions of this class."""
    begin = kind.__init__
    heard = {"request": kind._received_request, "notification": kind._received_notification}

    def __init__(client: Any, *arguments: Any, **named: Any) -> None:  # noqa: N807  # replaces one
        begin(client, *arguments, **named)

        async def deliver(event: Event) -> None:
            await _deliver(client, event, heard[event["kind"]])

        _sessions[client] = Session(server_behind(client._read_stream), deliver, is_serial=True)

    patches.replace(kind, "__init__", __init__)
    patches.replace(kind, "_received_request", _hearing("request", heard["request"]))
    patches.replace(kind, "_received_notification", _hearing("notification", heard["notification"]))
    patches.replace(kind, "_handle_incoming", _handling(kind._handle_incoming))
    _install_sending(patches, kind)


class _Raw:
    """Stands for the model of a result where its wire form is wanted."""

    @staticmethod
    def model_validate(raw: Any) -> Any:
        return raw


def _install_sending(patches: Patches, kind: Any) -> None:
    send, notify = kind.send_request, kind.send_notification
    types: Any = importlib.import_module("mcp.types")

    async def send_request(client: Any, request: Any, result_type: Any, *arguments: Any, **named: Any) -> Any:
        session = _sessions.get(client)
        if session is None:
            return await send(client, request, result_type, *arguments, **named)
        named |= dict(zip(_OPTIONS, arguments, strict=False))
        progress = named.pop("progress_callback", None)
        wire = _wire(request)

        async def perform(params: Any, progress: Any) -> Any:
            asked, kind = request, cast("Any", type(request))
            if params != wire.get("params"):
                asked = kind.model_validate({**wire, "params": params})
            options = named if progress is None else {**named, "progress_callback": progress}
            return await send(client, asked, _Raw, **options)

        async def greet(params: Any) -> None:
            await send(client, types.ClientRequest.model_validate({"method": "initialize", "params": params}), _Raw)
            await notify(client, types.ClientNotification(types.InitializedNotification()))

        raw = await session.ask(Question(wire["method"], wire.get("params"), perform, greet, progress))
        return result_type.model_validate(raw)

    async def send_notification(client: Any, *arguments: Any, **named: Any) -> None:
        session = _sessions.get(client)
        if session is None or not session.is_served:
            with silence():
                await notify(client, *arguments, **named)

    patches.replace(kind, "send_request", send_request)
    patches.replace(kind, "send_notification", send_notification)


def _wire(message: Any) -> Any:
    return message.model_dump(by_alias=True, mode="json", exclude_none=True)


def _hearing(told: str, original: Any) -> Any:
    async def received(client: Any, message: Any) -> None:
        session = _sessions.get(client)
        wire = _wire(message.request if told == "request" else message)
        if session is None or wire["method"] in IGNORED:
            await original(client, message)
        else:
            await session.hear(told, wire["method"], wire.get("params"), lambda: original(client, message))

    return received


def _handling(original: Any) -> Any:
    """Every message goes to the handler of all once the callback of its kind has had it: one event for both."""

    async def handle(client: Any, message: Any) -> None:
        session = _sessions.get(client)
        if session is None:
            await original(client, message)
        else:
            await session.hear_again(lambda: original(client, message))

    return handle


class _Mute:
    """Stands for a session whose responses nobody waits for."""

    async def _send_response(self, **_: Any) -> None:
        await asyncio.sleep(0)


def _forget(_: object) -> None:
    """Nobody keeps what is in flight here."""


async def _deliver(client: Any, event: Event, received: Any) -> None:
    types: Any = importlib.import_module("mcp.types")
    wire = {name: event[name] for name in ("method", "params") if event.get(name) is not None}
    if event["kind"] == "notification":
        message = types.ServerNotification.model_validate(wire)
        await received(client, message)
        await client._handle_incoming(message)
        return
    request = types.ServerRequest.model_validate(wire)
    responder = importlib.import_module("mcp.shared.session").RequestResponder(
        request_id=0,
        request_meta=request.root.params.meta if request.root.params else None,
        request=request,
        session=_Mute(),
        on_complete=_forget,
    )
    with suppress(Exception):
        await received(client, responder)
        if not responder._completed:
            await client._handle_incoming(responder)
