"""aiohttp: each request that goes out on a connection is a call, below redirects, retries and middlewares."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from types import ModuleType
from typing import Any, cast

import msgspec

from agentreplay.model.call import Answer, Raised
from agentreplay.sdk import scope
from agentreplay.sdk.boundary import Pending
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.raising import revivers, told_of
from agentreplay.sdk.seams import http
from agentreplay.sdk.silence import is_silent, silence
from agentreplay.sdk.stream import stopwatch

__all__ = ["install"]

_CALL = "_agentreplay_call"
_SENT = "_agentreplay_sent"
"""Says of an exception that it was raised when the request was out, not while connecting."""


def install(patches: Patches, library: ModuleType) -> None:
    """Watch where a connection is asked for, and where the response on it begins. `library` is `aiohttp.client`."""
    client: Any = library
    kinds = _Kinds(client)
    connect, start = client.BaseConnector.connect, client.ClientResponse.start

    async def watched_connect(self: Any, req: Any, *arguments: Any, **named: Any) -> Any:
        boundary = scope.boundary()
        if boundary is None or is_silent():
            return await connect(self, req, *arguments, **named)
        body = await _body(req, kinds)
        headers = [(str(name), str(value)) for name, value in req.headers.items()]
        pending = http.ask(boundary, req.method, str(req.url), headers, body)
        if isinstance(pending, Answer):
            return kinds.connection(self, req, lambda: _give(pending), None)
        if pending is None:
            with http.performing(None):
                return await connect(self, req, *arguments, **named)
        pending.origin = req
        if http.to_serve(pending) is not None:
            return await _serve(kinds, self, req, pending)
        _send_instead(req, pending, kinds, body)
        return await _perform(pending, lambda: connect(self, req, *arguments, **named))

    async def watched_start(self: Any, connection: Any) -> Any:
        if isinstance(connection, kinds.connection):
            return await connection.begin(start, self)
        call = cast("tuple[Pending, int] | None", vars(connection).pop(_CALL, None))
        if call is None:
            return await start(self, connection)
        try:
            with silence():
                await start(self, connection)
        except BaseException as error:
            raised = told_of(error)
            raised = msgspec.structs.replace(raised, state={**raised.state, _SENT: True})
            call[0].finish(Answer(raised=raised, complete=isinstance(error, Exception)))
            raise
        _watch(kinds, self, *call)
        return self

    patches.replace(client.BaseConnector, "connect", watched_connect)
    patches.replace(client.ClientResponse, "start", watched_start)
    revivers["aiohttp"] = _revive


async def _body(req: Any, kinds: "_Kinds") -> bytes:
    body: Any = req.body
    if not body or isinstance(body, bytes):
        return cast("bytes", body or b"")
    collected = _Collected()
    await body.write(collected)
    data = bytes(collected.data)
    # What can be read only once is replaced.
    if not isinstance(body, kinds.payload):
        _put(req, kinds.payload(data))
    return data


def _put(req: Any, payload: Any) -> None:
    """Another body. The setter, where there is one, would write the head anew."""
    kind = cast("Any", type(req))
    setattr(req, "_body" if isinstance(getattr(kind, "body", None), property) else "body", payload)


class _Collected:
    """What a body is written to."""

    def __init__(self) -> None:
        self.data = bytearray()

    async def write(self, data: Any) -> None:
        self.data += data

    async def drain(self) -> None:
        """As a writer does."""


def _send_instead(req: Any, pending: Pending, kinds: "_Kinds", body: bytes) -> None:
    if pending.is_patched and pending.request.body != body:
        req.headers.pop("Transfer-Encoding", None)
        req.headers["Content-Length"] = str(len(pending.request.body))
        req.chunked = None
        _put(req, kinds.payload(pending.request.body))


async def _perform(pending: Pending, connect: Callable[[], Awaitable[Any]]) -> Any:
    started = stopwatch()
    try:
        with http.performing(pending):
            connection = await connect()
    except BaseException as error:
        pending.fail(error)
        raise
    vars(connection)[_CALL] = (pending, started)
    return connection


async def _serve(kinds: "_Kinds", connector: Any, req: Any, pending: Pending) -> Any:
    answer = http.to_serve(pending)
    raised = None if answer is None or answer.head else answer.raised
    if raised is not None and not raised.state.get(_SENT):
        await http.arrive_async(pending)
    return kinds.connection(connector, req, lambda: http.arrive_async(pending), pending)


async def _give(answer: Answer) -> Answer:
    return answer


def _watch(kinds: "_Kinds", response: Any, pending: Pending, started: int) -> None:
    if response.status == HTTPStatus.SWITCHING_PROTOCOLS:
        pending.finish(Answer(head={"status": response.status}, is_live=True))
        return
    source = response.content
    session = response._session  # noqa: SLF001  # there is no other way to learn whether it decodes
    kept = http.Kept(
        pending,
        started,
        status=response.status,
        headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers],
        version=f"HTTP/{response.version.major}.{response.version.minor}",
        reason=response.reason,
        is_decoded=getattr(session, "_auto_decompress", True),
    )
    if source.at_eof():
        kept.whole()
        return
    kept.begin()
    response.content = kinds.body(response, _Live(source, kept))


class _Live:
    """A body that comes from the network."""

    def __init__(self, source: Any, kept: http.Kept) -> None:
        self._source = source
        self._kept = kept

    async def pull(self) -> tuple[bytes, bool]:
        """What has come, and whether it is the last; waits when nothing has."""
        try:
            with silence():
                piece = await self._source.readany()
        except Exception as error:
            self._kept.broke(error)
            raise
        except BaseException as error:
            # The program may go on reading.
            self._kept.cancelled(error)
            raise
        self._kept.took(piece)
        is_last = self._source.at_eof()
        if is_last:
            self._kept.ended()
        return piece, is_last

    def leave(self) -> None:
        """The program wants no more."""
        self._kept.left()


class _Tape:
    """A body that comes from the tape."""

    def __init__(self, pending: Pending | None) -> None:
        self._pending = pending
        self._pieces = None if pending is None else http.pieces_async(pending)
        answer = None if pending is None else http.to_serve(pending)
        is_whole = answer is not None and answer.complete and answer.raised is None
        self._left = len(answer.body) if answer is not None and is_whole else -1

    async def pull(self) -> tuple[bytes, bool]:
        """As above."""
        piece = b"" if self._pieces is None else await anext(self._pieces, b"")
        self._left -= len(piece)
        return piece, not piece or self._left == 0

    def leave(self) -> None:
        """As above."""
        if self._pending is not None:
            self._pending.leave()


class _Kinds:
    """The library's own classes, with ours inside."""

    def __init__(self, client: Any) -> None:
        package = client.__name__.partition(".")[0]
        self.payload = client.payload.BytesPayload
        self.body = _body_kind(sys.modules[f"{package}.streams"])
        self.connection = _connection_kind(
            sys.modules[f"{package}.connector"], sys.modules[f"{package}.client_proto"], self.body
        )


class _Still:
    """Stands for the connection behind a body that is asked for piece by piece: it need not be slowed down."""

    connected = True
    _reading_paused = False

    def pause_reading(self, *_: Any, **__: Any) -> None:
        """As a connection does."""

    def resume_reading(self, *_: Any, **__: Any) -> None:
        """As a connection does."""


def _body_kind(streams: Any) -> Any:
    class Body(streams.StreamReader):  # type: ignore[misc]  # it is known when it runs
        """A body that is given in the pieces in which it came, each when the ones before it are used up."""

        def __init__(self, response: Any, source: _Live | _Tape) -> None:
            limit = getattr(response.content, "_low_water", 2**16)
            super().__init__(_Still(), limit, loop=response._loop)  # noqa: SLF001  # it has no public name
            self._source = source
            self._is_pulled = False
            self._is_chunked = response.headers.get("Transfer-Encoding", "").lower() == "chunked"

        async def _wait(self, func_name: str) -> None:
            if self._is_pulled:
                raise RuntimeError(f"{func_name}() called while another coroutine is already waiting for incoming data")
            self._is_pulled = True
            try:
                piece, is_last = await self._source.pull()
            except Exception as error:
                self.set_exception(error)
                raise
            finally:
                self._is_pulled = False
            is_chunk = self._is_chunked and bool(piece)
            if is_chunk:
                self.begin_http_chunk_receiving()
            self.feed_data(piece)
            if is_chunk:
                self.end_http_chunk_receiving()
            if is_last:
                self.feed_eof()

        def set_exception(self, *arguments: Any) -> None:
            self._source.leave()
            super().set_exception(*arguments)

    return Body


class _Nowhere(asyncio.Transport):
    """A transport that leads nowhere."""

    def write(self, data: Any) -> None:
        """As a transport does."""

    def writelines(self, list_of_data: Any) -> None:
        """As a transport does."""

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        """As a transport does."""

    def abort(self) -> None:
        """As a transport does."""

    def pause_reading(self) -> None:
        """As a transport does."""

    def resume_reading(self) -> None:
        """As a transport does."""


def _connection_kind(connector: Any, protocol: Any, body: Any) -> Any:
    class Connection(connector.Connection):  # type: ignore[misc]  # it is known when it runs
        """A connection on which an answer comes from the tape."""

        def __init__(
            self, owner: Any, req: Any, answer: Callable[[], Awaitable[Answer]], pending: Pending | None
        ) -> None:
            loop = asyncio.get_running_loop()
            handler = protocol.ResponseHandler(loop)
            handler.connection_made(_Nowhere())
            handler.force_close()  # it is of no use for another request
            super().__init__(owner, req.connection_key, handler, loop)
            self._answer = answer
            self._pending = pending

        async def begin(self, start: Any, response: Any) -> Any:
            """Start a response on it."""
            answer = await self._answer()
            self.protocol.data_received(_head(answer))
            await start(response, self)
            if not response.content.at_eof():
                response.content = body(response, _Tape(self._pending))
                response.content.on_eof(response._response_eof)  # noqa: SLF001  # as the library does itself
            return response

    return Connection


def _head(answer: Answer) -> bytes:
    status, reason = http.status_of(answer), http.reason_of(answer)
    lines = [f"{http.version_of(answer)} {status} {reason or ''}"]
    lines += [f"{name}: {value}" for name, value in http.headers_of(answer)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def _revive(kind: type[BaseException], raised: Raised, origin: Any) -> BaseException | None:
    """Its exceptions speak of the request or the address, which are those of the request that is made now."""
    req = getattr(origin, "origin", None)
    names = {base.__name__ for base in kind.__mro__}
    make: Any = kind
    state = raised.state
    if req is None:
        return None
    if "ClientConnectorError" in names and "errno" in state:
        return cast("BaseException", make(req.connection_key, OSError(state["errno"], state.get("strerror"))))
    if "ClientResponseError" in names:
        told = {"status": state.get("status", 0), "message": state.get("message", "")}
        return cast("BaseException", make(req.request_info, (), **told))
    return None
