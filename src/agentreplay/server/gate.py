"""What every request passes first: whom it was meant for, which page asks, whether it has the key. And it is counted.

A page of another site can make a browser send requests here. It cannot change the headers `host` and `origin`, so
these tell it apart; and a name that a hostile page lets point to this machine is none of ours.
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from agentreplay.errors import AgentReplayError, ForeignHost, ForeignOrigin, KeyWrong
from agentreplay.server.asgi import App, Message, Receive, Scope, Send, fail, headers_of
from agentreplay.server.figures import Figures
from agentreplay.server.gateway.arrived import GATEWAY
from agentreplay.server.keys import KeyCheck
from agentreplay.server.reply import failure_of

__all__ = ["OPEN", "Gate"]

OPEN = frozenset({"/healthz", "/readyz"})
"""What may be asked without the key: it says nothing of what is stored."""

_POLICY_VIOLATION = 1008


class Gate:
    """Lets through what may come in; an ASGI application around another."""

    def __init__(self, inner: App, *, keys: KeyCheck, names: frozenset[str], figures: Figures) -> None:
        self._inner = inner
        self._keys = keys
        self._names = names | {"localhost", socket.gethostname().lower()}
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, count, and pass on."""
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
            return
        problem = self._problem(scope["path"], headers_of(scope))
        if scope["type"] == "websocket":
            if problem is None:
                await self._inner(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": problem.message})
            return
        began = time.perf_counter()
        seen = _Seen(send)
        try:
            if problem is None:
                await self._inner(scope, receive, seen)
            else:
                await fail(seen, failure_of(problem))
        finally:
            self._count(scope, seen.status, time.perf_counter() - began)

    def _problem(self, path: str, headers: Mapping[str, str]) -> AgentReplayError | None:
        host = headers.get("host", "")
        if not self._is_ours(_name_in(host)):
            return ForeignHost(host=_name_in(host))
        origin = headers.get("origin")
        if origin is not None and not self._is_own_page(origin, host):
            return ForeignOrigin(origin=origin[:200])
        # What goes through the gateway carries the key of the upstream where ours would be.
        if path not in OPEN and not self._keys.fits(headers, only_own=path.startswith(GATEWAY)):
            return KeyWrong()
        return None

    def _is_ours(self, name: str) -> bool:
        if name in self._names or name.endswith(".localhost"):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True  # no name was looked up, so nobody could let it point here

    def _is_own_page(self, origin: str, host: str) -> bool:
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        return parts.scheme in {"http", "https"} and parts.netloc.lower() == host.lower()

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        method: str = scope["method"]
        labels = {"method": method, "route": _route(scope), "status": str(status)}
        self._figures.add("agentreplay_requests_total", **labels)
        self._figures.add("agentreplay_request_seconds_total", seconds, **labels)


class _Seen:
    """Passes an answer on and remembers its status."""

    def __init__(self, send: Callable[[Message], object]) -> None:
        self._send = send
        self.status = 500

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)  # type: ignore[misc]


def _name_in(host: str) -> str:
    """The host without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.rpartition(":")[0].lower() if host.count(":") == 1 else host.lower()


def _route(scope: Scope) -> str:
    """The path as it was declared: as it came it may be anything, and everything would be counted by itself."""
    template = scope.get("path_template")
    if isinstance(template, str) and template:
        return template
    if scope["path"].startswith(GATEWAY):
        return GATEWAY
    return scope["path"] if scope["path"].startswith("/v1/") and scope["path"].count("/") == 2 else "other"  # noqa: PLR2004
