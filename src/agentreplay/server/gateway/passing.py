"""Passes one call on, piece by piece in both directions' time, and has it written down."""

import asyncio
import contextlib
import logging
from collections.abc import Generator
from typing import NamedTuple

from agentreplay.errors import AgentReplayError
from agentreplay.model.call import Answer, Raised
from agentreplay.model.values import Value
from agentreplay.server.asgi import Gone, Receive, Scope, Send, staying
from agentreplay.server.connection import ABORT
from agentreplay.server.figures import Figures
from agentreplay.server.gateway.arrived import Arrived, returned
from agentreplay.server.gateway.client import Asking, Client, TooSlow
from agentreplay.server.gateway.complaints import complaint
from agentreplay.server.gateway.keeping import KeptCall
from agentreplay.server.gateway.wire import Broken, Headers, Wire

__all__ = ["Connection", "Passing", "abort", "tell"]

_LOG = logging.getLogger("agentreplay.server")
_BAD_GATEWAY, _STOPPING, _TOO_SLOW = 502, 503, 504
_STOPPED = "the server was stopped"
_LARGEST_STATUS = 599
_BODYLESS = frozenset({204, 304})
"""A length told beside them is that of something else."""


class Connection(NamedTuple):
    """The connection of the agent that asks."""

    scope: Scope
    receive: Receive
    send: Send


async def tell(connection: Connection, answer: Answer) -> None:
    """Send an answer of our own, whole."""
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.head["headers"]]
    lines = [*pairs, (b"content-length", b"%d" % len(answer.body))]
    await connection.send({"type": "http.response.start", "status": answer.head["status"], "headers": lines})
    await connection.send({"type": "http.response.body", "body": answer.body})


async def abort(connection: Connection) -> None:
    """Break the agent's connection, because what it got so far must not pass for a whole answer."""
    connection.scope["extensions"][ABORT]()
    while (await connection.receive())["type"] != "http.disconnect":
        pass


class Passing:
    """Passes calls on."""

    def __init__(self, client: Client, figures: Figures) -> None:
        self._client = client
        self._figures = figures

    async def pass_on(self, connection: Connection, arrived: Arrived, call: KeptCall | None, asking: Asking) -> None:
        """Ask the upstream, and give the agent what it answers. The call is kept before the last of it goes out."""
        name = arrived.place.upstream.name
        self._figures.add("agentreplay_gateway_calls_total", upstream=name)
        is_begun = False
        try:
            async with (
                staying(connection.receive) as watching,
                self._client.asked(arrived.place.upstream, asking) as wire,
            ):
                if wire.status > _LARGEST_STATUS:
                    raise Broken(f"its status {wire.status} is none")  # noqa: TRY301  # as any other nonsense
                is_begun = True
                await self._relay(connection, wire, call, watching)
        except Gone:
            self._figures.add("agentreplay_gateway_aborted_total", upstream=name)
            await self._keep(call, _raised("ConnectionAbortedError", "the agent went away"), complete=False)
        except asyncio.CancelledError:
            # The server is being stopped. The agent is told, and the task ends in order behind that.
            await self._keep(call, _raised("ConnectionAbortedError", _STOPPED), complete=False)
            await self._end(connection, complaint(name, _STOPPING, _STOPPED), is_begun=is_begun)
        except (Broken, OSError) as error:
            self._figures.add("agentreplay_gateway_failed_total", upstream=name)
            said = f"the gateway got no answer from {arrived.place.upstream.base}: {_words(error)}"
            answer = complaint(name, _TOO_SLOW if isinstance(error, TooSlow) else _BAD_GATEWAY, said)
            if is_begun:
                await self._keep(call, _raised("ConnectionError", said))
            else:
                await self._keep_answer(call, answer)
            await self._end(connection, answer, is_begun=is_begun)

    async def _end(self, connection: Connection, answer: Answer, *, is_begun: bool) -> None:
        """Say why there is no answer; where one was begun, break it off."""
        if is_begun:
            await abort(connection)
        else:
            await tell(connection, answer)

    async def _relay(
        self, connection: Connection, wire: Wire, call: KeptCall | None, watching: "asyncio.Task[None]"
    ) -> None:
        headers = returned(wire.headers)
        if wire.status in _BODYLESS:
            headers = [pair for pair in headers if pair[0] != b"content-length"]
        if call is not None:
            call.began(_head(wire, headers), _media(headers))
        await connection.send({"type": "http.response.start", "status": wire.status, "headers": headers})
        while piece := await self._client.piece(wire):
            is_last = call is not None and call.took(piece)
            if wire.is_at_end:
                watching.cancel()  # an agent that has all of it may go
                await self._keep(call)
                await connection.send({"type": "http.response.body", "body": piece})
                return
            if is_last:
                await self._keep(call)
            await connection.send({"type": "http.response.body", "body": piece, "more_body": True})
        watching.cancel()
        await self._keep(call)
        await connection.send({"type": "http.response.body", "body": b""})

    async def _keep(self, call: KeptCall | None, raised: Raised | None = None, *, complete: bool = True) -> None:
        if call is not None:
            with self._sparing():
                await call.ended(raised, complete=complete)

    async def _keep_answer(self, call: KeptCall | None, answer: Answer) -> None:
        if call is not None:
            with self._sparing():
                await call.answered(answer)

    @contextlib.contextmanager
    def _sparing(self) -> Generator[None]:
        """The answer is paid for: the agent gets it even where it cannot be kept. That is counted and told."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  # whatever it is, it is not the agent's fault
            self._figures.add("agentreplay_gateway_unrecorded_total")
            said = error.message if isinstance(error, AgentReplayError) else repr(error)
            _LOG.error("a call through the gateway could not be recorded: %s", said)  # told in a line


def _head(wire: Wire, headers: Headers) -> dict[str, Value]:
    told = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]
    return {"status": wire.status, "headers": told, "http_version": wire.version}


def _media(headers: Headers) -> str:
    told = next((value for name, value in headers if name == b"content-type"), b"application/json")
    return told.decode("latin-1").partition(";")[0].strip().lower()


def _raised(name: str, message: str) -> Raised:
    return Raised(module="builtins", name=name, message=message, arguments=(message,))


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
