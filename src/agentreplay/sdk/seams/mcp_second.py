"""Client sessions of the second generation of `mcp`: a dispatcher sends what they ask and brings what they hear."""

from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from agentreplay.sdk.patching import Patches
from agentreplay.sdk.seams.mcp_session import IGNORED, Event, Question, Session
from agentreplay.sdk.seams.mcp_transports import server_behind
from agentreplay.sdk.silence import silence

__all__ = ["install"]

# ruff: noqa: SLF001  # the library has no public hook below its models

_sessions: WeakKeyDictionary[Any, Session] = WeakKeyDictionary()


def install(patches: Patches, kind: Any) -> None:
    """Record the sessions of this class."""
    begin = kind.__init__
    heard = {"request": kind._on_request, "notification": kind._on_notify}

    def __init__(client: Any, *arguments: Any, **named: Any) -> None:  # noqa: N807  # replaces one
        begin(client, *arguments, **named)
        inner = client._dispatcher

        async def deliver(event: Event) -> None:
            method, params = event["method"], event.get("params")
            context = SimpleNamespace(request_id=0, can_send_request=False, message_metadata=None)
            if event["kind"] == "request" or not intercept(client, method, params):
                await heard[event["kind"]](client, context, method, params)

        session = Session(server_behind(getattr(inner, "_read_stream", None)), deliver, is_serial=False)
        _sessions[client] = session
        client._dispatcher = _Dispatcher(inner, session)

    intercept = kind._intercept_notification
    patches.replace(kind, "__init__", __init__)
    patches.replace(kind, "_on_request", _hearing("request", heard["request"]))
    patches.replace(kind, "_on_notify", _hearing("notification", heard["notification"]))
    patches.replace(kind, "_intercept_notification", _intercepting(intercept))


def _hearing(told: str, original: Any) -> Any:
    async def hear(client: Any, context: Any, method: str, params: Any) -> Any:
        session = _sessions.get(client)
        if session is None or method in IGNORED:
            return await original(client, context, method, params)
        return await session.hear(told, method, params, lambda: original(client, context, method, params))

    return hear


def _intercepting(original: Any) -> Any:
    """What a subscription takes for itself is never heard elsewhere."""

    def intercept(client: Any, method: str, params: Any) -> bool:
        is_taken = bool(original(client, method, params))
        session = _sessions.get(client)
        if is_taken and session is not None:
            session.note("notification", method, params)["done"] = True
        return is_taken

    return intercept


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
        return await self._session.ask(
            Question(method, params, perform, greet, options.get("on_progress"), listening),
        )

    async def notify(self, method: str, params: Any, opts: Any = None) -> None:
        if not self._session.is_served:
            with silence():
                await self._inner.notify(method, params, opts)
