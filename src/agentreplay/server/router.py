"""Finds the route that a request is for, has it answered in a thread or on the event loop, and sends the answer."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from agentreplay.core.plain import plain
from agentreplay.errors import AgentReplayError, MethodNotAllowed, RouteMissing
from agentreplay.server.asgi import Receive, Scope, Send, answer, answer_in_pieces, fail, headers_of, read_body
from agentreplay.server.asking import Asked, Body, Headers
from agentreplay.server.paths import Paths
from agentreplay.server.readers import in_reader
from agentreplay.server.reply import Reply, Stream, failure_of
from agentreplay.server.routing import SOCKET, Route
from agentreplay.server.service import Service
from agentreplay.server.sockets import REFUSED, Socket

__all__ = ["Router"]

_LOG = logging.getLogger("agentreplay.server")
_SERVER_ERROR = 500
_WITH_BODY = frozenset({"POST", "PATCH"})
_LONGEST = 100
_encode = msgspec.json.Encoder().encode


class Router:
    """Answers what is asked of the routes; an ASGI application."""

    def __init__(self, routes: Iterable[Route], service: Service) -> None:
        self._paths = Paths(routes)
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or speak over one WebSocket. Every error is told in the one shape."""
        if scope["type"] == "websocket":
            await self._listen(scope, receive, send)
            return
        try:
            route, named = self._find(scope, scope["method"])
            answered = await self._answer(route, named, scope, receive)
        except Exception as error:  # noqa: BLE001  # whatever it is, who asked is told
            failure = failure_of(error)
            if failure.status >= _SERVER_ERROR and not isinstance(error, AgentReplayError):
                _LOG.error("%s %s failed", scope["method"], scope["path"], exc_info=error)
            await fail(send, failure)
            return
        match answered:
            case Stream():
                await answer_in_pieces(receive, send, answered.pieces, answered.media, answered.headers)
            case Reply():
                await answer(send, answered.status, answered.body, answered.media, answered.headers)

    def _find(self, scope: Scope, verb: str) -> tuple[Route, Mapping[str, str]]:
        """Raises RouteMissing and MethodNotAllowed."""
        found = self._paths.find(scope["path"])
        path = scope["path"][:_LONGEST]
        if found is None:
            raise RouteMissing(path=path)
        route = found.routes.get(verb)
        if route is None:
            known = [one for one in found.routes if one != SOCKET]
            raise MethodNotAllowed(method=verb, path=path, known=", ".join(known)) if known else RouteMissing(path=path)
        scope["path_template"] = route.template  # what the request is counted under
        return route, found.named

    async def _answer(
        self, route: Route, named: Mapping[str, str], scope: Scope, receive: Receive
    ) -> "Reply[Any] | Stream":
        headers = Headers(headers_of(scope))
        limit = route.most_bytes or self._service.options.max_body
        body = await read_body(receive, headers, limit) if route.verb in _WITH_BODY else b""
        query = scope["query_string"].decode("latin-1")
        arguments = route.binding.arguments(Asked(self._service, headers, named, query, Body(body)))
        if route.is_quick:
            return _made(route, await route.function(**arguments))
        return await in_reader(_called, route, arguments)

    async def _listen(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = Socket(receive, send)
        await receive()  # that it was opened
        try:
            route, named = self._find(scope, SOCKET)
            query = scope["query_string"].decode("latin-1")
            asked = Asked(self._service, Headers(headers_of(scope)), named, query, socket=socket)
            arguments = route.binding.arguments(asked)
        except AgentReplayError as error:
            await socket.close(REFUSED, error.message[:_LONGEST])
            return
        await route.function(**arguments)


def _called(route: Route, arguments: dict[str, object]) -> "Reply[Any] | Stream":
    return _made(route, route.function(**arguments))


def _made(route: Route, value: object) -> "Reply[Any] | Stream":
    """A value as an answer."""
    if isinstance(value, Reply | Stream):
        return value  # pyright: ignore[reportUnknownVariableType]  # what it stands for is told by the route
    return Reply(body=_encode(plain(value)), status=route.status)
