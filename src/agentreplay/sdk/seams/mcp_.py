"""MCP: every request of a client session, with what the server said and asked while it was under way.

Results are kept as they came over the wire, and the library itself makes its models of them.
"""

import asyncio
import importlib
import sys
from contextlib import suppress
from types import ModuleType, SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from agentreplay.model.call import Raised
from agentreplay.sdk import raising
from agentreplay.sdk.boundary import silence
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.seams import mcp_transports
from agentreplay.sdk.seams.mcp_session import Event, Question, Session

__all__ = ["install"]

_IGNORED = frozenset({"ping", "notifications/cancelled"})
"""What the library settles by itself, without a word to the program."""


def install(patches: Patches, library: ModuleType) -> None:
    """Record the client sessions of this library, of its first or its second generation."""
    del library
    sessions: WeakKeyDictionary[Any, Session] = WeakKeyDictionary()
    kind: Any = importlib.import_module("mcp.client.session").ClientSession
    is_first = not hasattr(kind, "_on_notify")
    _install_entering(patches, kind)
    (_install_first if is_first else _install_second)(patches, kind, sessions)
    mcp_transports.install(patches, is_first=is_first)
    raising.revivers["mcp"] = _revive


def _revive(kind: type[BaseException], raised: Raised, origin: object) -> BaseException | None:
    del origin
    state = raised.state
    if "code" not in state:
        return None
    types: Any = sys.modules.get("mcp_types") or sys.modules["mcp.types"]
    error = types.ErrorData(code=state["code"], message=state["message"], data=state.get("data"))
    make: Any = getattr(kind, "from_error_data", kind)
    made: BaseException = make(error)
    return made


def _install_entering(patches: Patches, kind: Any) -> None:
    original = kind.__aenter__

    async def enter(session: Any) -> Any:
        with mcp_transports.aside():
            return await original(session)

    patches.replace(kind, "__aenter__", enter)


class _Dispatcher:
    """What sends the requests of a session, each asked of the boundary first."""

    def __init__(self, inner: Any, session: Session) -> None:
        self._inner = inner
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def send_raw_request(self, method: str, params: Any, opts: Any = None) -> Any:
        inner, options = self._inner, dict(opts or {})

        async def perform(params: Any, progress: Any) -> Any:
            if progress is not None:
                options["on_progress"] = progress
            return await inner.send_raw_request(method, params, options)

        async def greet(params: Any) -> None:
            await inner.send_raw_request("initialize", params, {"cancel_on_abandon": False})
            await inner.notify("notifications/initialized", None)

        listening = options.get("request_id")
        question = Question(method, params, perform, greet, options.get("on_progress"), listening)
        return await self._session.ask(question)

    async def notify(self, method: str, params: Any, opts: Any = None) -> None:
        if not self._session.is_served:
            with silence():
                await self._inner.notify(method, params, opts)


def _install_second(patches: Patches, kind: Any, sessions: WeakKeyDictionary[Any, Session]) -> None:
    begin, notified, asked = kind.__init__, kind._on_notify, kind._on_request  # noqa: SLF001  # no public hook

    def __init__(client: Any, *arguments: Any, **named: Any) -> None:  # noqa: N807  # replaces one
        begin(client, *arguments, **named)
        inner = client._dispatcher  # noqa: SLF001  # as above

        async def deliver(event: Event) -> None:
            context = SimpleNamespace(request_id=0, can_send_request=False, message_metadata=None)
            if event["kind"] == "request":
                await asked(client, context, event["method"], event.get("params"))
            elif not client._intercept_notification(event["method"], event.get("params")):  # noqa: SLF001  # as above
                await notified(client, context, event["method"], event.get("params"))

        server = mcp_transports.server_behind(getattr(inner, "_read_stream", None))
        sessions[client] = session = Session(server, deliver, is_serial=False)
        client._dispatcher = _Dispatcher(inner, session)  # noqa: SLF001  # as above

    async def on_notify(client: Any, context: Any, method: str, params: Any) -> None:
        session = sessions.get(client)
        if session is None or method in _IGNORED:
            return await notified(client, context, method, params)
        return await session.hear("notification", method, params, lambda: notified(client, context, method, params))

    async def on_request(client: Any, context: Any, method: str, params: Any) -> Any:
        session = sessions.get(client)
        if session is None or method in _IGNORED:
            return await asked(client, context, method, params)
        return await session.hear("request", method, params, lambda: asked(client, context, method, params))

    patches.replace(kind, "__init__", __init__)
    patches.replace(kind, "_on_notify", on_notify)
    patches.replace(kind, "_on_request", on_request)
    intercept = kind._intercept_notification  # noqa: SLF001  # as above

    def on_intercept(client: Any, method: str, params: Any) -> Any:
        is_taken = intercept(client, method, params)
        session = sessions.get(client)
        if is_taken and session is not None:
            session.note("notification", method, params)["done"] = True
        return is_taken

    patches.replace(kind, "_intercept_notification", on_intercept)


class _Raw:
    """Stands for the model of a result where its wire form is wanted."""

    @staticmethod
    def model_validate(raw: Any) -> Any:
        return raw


def _install_first(patches: Patches, kind: Any, sessions: WeakKeyDictionary[Any, Session]) -> None:
    types: Any = importlib.import_module("mcp.types")
    begin, send = kind.__init__, kind.send_request

    def __init__(client: Any, *arguments: Any, **named: Any) -> None:  # noqa: N807  # replaces one
        begin(client, *arguments, **named)
        server = mcp_transports.server_behind(client._read_stream)  # noqa: SLF001  # no public hook

        async def deliver(event: Event) -> None:
            await _deliver_first(types, client, event)

        sessions[client] = Session(server, deliver, is_serial=True)

    async def send_request(client: Any, request: Any, result_type: Any, *arguments: Any, **named: Any) -> Any:
        session = sessions.get(client)
        if session is None:
            return await send(client, request, result_type, *arguments, **named)
        named |= dict(zip(("request_read_timeout_seconds", "metadata", "progress_callback"), arguments, strict=False))
        wire = request.model_dump(by_alias=True, mode="json", exclude_none=True)
        progress = named.pop("progress_callback", None)

        async def perform(params: Any, progress: Any) -> Any:
            asked = request
            if params != wire.get("params"):
                asked = type(request).model_validate({**wire, "params": params})
            options = named if progress is None else {**named, "progress_callback": progress}
            return await send(client, asked, _Raw, **options)

        async def greet(params: Any) -> None:
            await send(client, types.ClientRequest.model_validate({"method": "initialize", "params": params}), _Raw)
            await notify(client, types.ClientNotification(types.InitializedNotification()))

        raw = await session.ask(Question(wire["method"], wire.get("params"), perform, greet, progress))
        return result_type.model_validate(raw)

    notify = kind.send_notification

    async def send_notification(client: Any, *arguments: Any, **named: Any) -> None:
        session = sessions.get(client)
        if session is None or not session.is_served:
            with silence():
                await notify(client, *arguments, **named)

    patches.replace(kind, "__init__", __init__)
    patches.replace(kind, "send_request", send_request)
    patches.replace(kind, "send_notification", send_notification)
    _hear_first(patches, kind, sessions)


def _hear_first(patches: Patches, kind: Any, sessions: WeakKeyDictionary[Any, Session]) -> None:
    # Told first to the callback of its kind and then to the handler of all messages: one event for both.
    heard: dict[str, Any] = {
        "_received_notification": kind._received_notification,  # noqa: SLF001  # no public hook
        "_received_request": kind._received_request,  # noqa: SLF001  # as above
    }
    incoming = kind._handle_incoming  # noqa: SLF001  # as above

    def hearing(name: str, told: str) -> Any:
        async def received(client: Any, message: Any) -> None:
            session = sessions.get(client)
            root = (message.request if told == "request" else message).root
            if session is None or root.method in _IGNORED:
                await heard[name](client, message)
                return
            wire = root.model_dump(by_alias=True, mode="json", exclude_none=True)
            await session.hear(told, root.method, wire.get("params"), lambda: heard[name](client, message))

        return received

    async def handle(client: Any, message: Any) -> None:
        session = sessions.get(client)
        if session is None:
            await incoming(client, message)
        else:
            await session.hear_again(lambda: incoming(client, message))

    patches.replace(kind, "_received_notification", hearing("_received_notification", "notification"))
    patches.replace(kind, "_received_request", hearing("_received_request", "request"))
    patches.replace(kind, "_handle_incoming", handle)


class _Mute:
    """Stands for a session whose responses nobody waits for."""

    async def _send_response(self, **_: Any) -> None:
        await asyncio.sleep(0)


async def _deliver_first(types: Any, client: Any, event: Event) -> None:
    wire = {"method": event["method"], **({"params": event["params"]} if event.get("params") is not None else {})}
    received, incoming = type(client), client._handle_incoming  # noqa: SLF001  # no public hook
    if event["kind"] == "notification":
        message = types.ServerNotification.model_validate(wire)
        await received._received_notification.__wrapped__(client, message)  # noqa: SLF001  # as above
        await incoming(message)
        return
    request = types.ServerRequest.model_validate(wire)
    responder = importlib.import_module("mcp.shared.session").RequestResponder(
        request_id=0,
        request_meta=request.root.params.meta if request.root.params else None,
        request=request,
        session=_Mute(),
        on_complete=lambda _: None,
    )
    with suppress(Exception):
        await received._received_request.__wrapped__(client, responder)  # noqa: SLF001  # as above
        if not responder._completed:  # noqa: SLF001  # as above
            await incoming(responder)
