"""Speaks for a client on standard input and output to a server at an address, over Streamable HTTP."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET

from agentreplay.server.gateway.client import Asking, Client
from agentreplay.server.gateway.upstreams import Upstream
from agentreplay.server.gateway.wire import Broken, Headers, Wire
from agentreplay.server.mcp.messages import is_params
from agentreplay.server.mcp.proxy.frames import Frame, answer_line, frames, params_of
from agentreplay.server.mcp.versions import PROTOCOL_VERSION

__all__ = ["UNREACHABLE", "Remote"]

UNREACHABLE = -32000
"""The code of the error that a client is told when the server did not answer as the protocol wants."""
_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_OK, _FAILED = 200, 400
_EVENTS = "text/event-stream"
_LONGEST = 64 << 20


class Remote:
    """A server at an address. Belongs to one event loop."""

    def __init__(self, url: str, headers: Mapping[str, str], tell: Callable[[bytes], None]) -> None:
        """`tell` is given each line that comes. Raises ValueInvalid where the address is none."""
        self._upstream = Upstream("mcp", url)
        parts = urlsplit(url)
        self._target = parts.path or "/"
        self._own: Headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._host = parts.netloc.encode()
        self._tell = tell
        self._client = Client()
        self._session = b""
        self._version = b""
        self._listening: asyncio.Task[None] | None = None

    async def send(self, line: bytes) -> None:
        """Send what the client says, and tell all that comes back. Never raises for what the server does."""
        found = frames(line)
        try:
            await self._send(line, found)
        except (Broken, OSError) as error:
            self._fail(found, f"the server could not be asked: {error}")

    async def close(self) -> None:
        """The client went away: end the session, if the server keeps one."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        if self._session:
            with contextlib.suppress(Broken, OSError, TimeoutError):
                async with asyncio.timeout(2), self._asked("DELETE", b"", []):
                    pass
        self._client.close()

    async def _send(self, line: bytes, found: list[Frame]) -> None:
        async with self._asked("POST", line.strip(), found) as wire:
            told = dict(wire.headers)
            self._session = told.get(b"mcp-session-id", self._session)
            media = told.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
            if media == _EVENTS and wire.status == _OK:
                async for event in self._events(wire):
                    self._hear(event, found)
                return
            body = await self._body(wire)
        # Whoever waits for an answer knows it by its name.
        names = {frame.name for frame in found if frame.asks}
        if media == "application/json" and any(frame.answers and frame.name in names for frame in frames(body)):
            self._hear(body, found)
        else:
            self._fail(found, f"the server answered with status {wire.status}")
        if any(frame.method == "notifications/initialized" for frame in found) and wire.status < _FAILED:
            self._listening = asyncio.get_running_loop().create_task(self._listen())

    def _hear(self, message: bytes, asked: list[Frame]) -> None:
        for frame in frames(message):
            if frame.result is not UNSET and any(one.method == "initialize" for one in asked):
                result: object = msgspec.json.decode(frame.result)
                version = result.get("protocolVersion") if is_params(result) else None
                self._version = version.encode() if isinstance(version, str) else b""
        # In JSON a line ends only between its parts, where a space says the same.
        self._tell(message.replace(b"\r", b" ").replace(b"\n", b" ").strip() + b"\n")

    def _fail(self, asked: list[Frame], why: str) -> None:
        error = msgspec.json.encode({"code": UNREACHABLE, "message": why})
        for frame in asked:
            if frame.asks:
                self._tell(answer_line(frame.name, "error", error))

    async def _listen(self) -> None:
        """What the server says by itself, where it does; most do not offer it, and say so."""
        with contextlib.suppress(Broken, OSError):
            async with self._asked("GET", b"", []) as wire:
                if wire.status == _OK:
                    async for event in self._events(wire):
                        self._hear(event, [])

    async def _events(self, wire: Wire) -> AsyncGenerator[bytes]:
        """The data of each event of a stream."""
        waiting, lines = b"", list[bytes]()
        while piece := await self._client.piece(wire):
            waiting = (waiting + piece).replace(b"\r\n", b"\n")
            *whole, waiting = waiting.split(b"\n")
            for line in whole:
                if line.startswith(b"data:"):
                    lines.append(line[5:].removeprefix(b" "))
                elif not line and lines:
                    yield b"\n".join(lines)
                    lines.clear()

    async def _body(self, wire: Wire) -> bytes:
        body = b""
        while piece := await self._client.piece(wire):
            body += piece
            if len(body) > _LONGEST:
                raise Broken("its answer is too long")
        return body

    @contextlib.asynccontextmanager
    async def _asked(self, method: str, body: bytes, found: list[Frame]) -> AsyncGenerator[Wire]:
        headers: Headers = [
            (b"host", self._host),
            (b"accept", _EVENTS.encode() if method == "GET" else b"application/json, " + _EVENTS.encode()),
            (b"accept-encoding", b"identity"),
            *self._own,
            *self._told(found),
        ]
        if body:
            headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        async with self._client.asked(self._upstream, Asking(method, self._target, headers, body)) as wire:
            yield wire

    def _told(self, found: list[Frame]) -> Headers:
        """What headers say of the message, as its version of the protocol wants it."""
        told: Headers = [(b"mcp-session-id", self._session)] if self._session else []
        params = params_of(found[0]) if len(found) == 1 else {}
        meta = params.get("_meta")
        version = meta.get(PROTOCOL_VERSION) if is_params(meta) else None
        if not isinstance(version, str):
            return [*told, (b"mcp-protocol-version", self._version)] if self._version else told
        method = str(found[0].method)
        told += [(b"mcp-protocol-version", _written(version)), (b"mcp-method", _written(method))]
        name = params.get(_NAMED.get(method, ""))
        return [*told, (b"mcp-name", _written(name))] if isinstance(name, str) else told


def _written(text: str) -> bytes:
    """A text as the value of a header; in base64 where it has signs that headers cannot have."""
    if text.isascii() and text.isprintable() and text == text.strip() and not text.startswith("=?base64?"):
        return text.encode()
    return b"=?base64?%b?=" % base64.b64encode(text.encode())
