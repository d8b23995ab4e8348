"""httpx and httpx2: every request a transport sends, so that redirects, retries and logins are calls of their own."""

from collections.abc import AsyncGenerator, Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

from agentreplay.model.call import Answer
from agentreplay.sdk import hearing, scope
from agentreplay.sdk.boundary import Pending
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.seams import http
from agentreplay.sdk.silence import is_silent, silence
from agentreplay.sdk.stream import stopwatch

__all__ = ["install"]

_SWITCHED = 101
"""The status after which a connection no longer speaks HTTP."""


class _Bodies(NamedTuple):
    """The bodies of answers, as the library wants them."""

    watched: Callable[[Any, http.Kept], Any]
    """What comes from the network, kept on its way."""
    served: Callable[[Pending], Any]
    """What comes from the tape."""


def install(patches: Patches, library: ModuleType) -> None:
    """Watch the transports that use the network."""
    _install_sync(patches, library, _Bodies(_watched(library), _served(library)))
    _install_async(patches, library, _Bodies(_watched_async(library), _served_async(library)))


def _install_sync(patches: Patches, library: Any, bodies: _Bodies) -> None:
    original = library.HTTPTransport.handle_request

    def handle_request(transport: Any, request: Any) -> Any:
        boundary = scope.boundary()
        if boundary is None or is_silent() or not hearing.hears(transport):
            return original(transport, request)
        body = request.read()
        pending = http.ask(boundary, *_told(request), body)
        if isinstance(pending, Answer):
            return _response(library, pending, None)
        if pending is None:
            with http.performing(None):
                return original(transport, request)
        if http.to_serve(pending) is not None:
            return _response(library, http.arrive(pending), bodies.served(pending))
        return perform(transport, _to_send(library, request, pending), pending)

    def perform(transport: Any, request: Any, pending: Pending) -> Any:
        started = stopwatch()
        try:
            with http.performing(pending):
                response = original(transport, request)
        except BaseException as error:
            pending.fail(error)
            raise
        return _watch(pending, response, started, bodies.watched)

    patches.replace(library.HTTPTransport, "handle_request", handle_request)


def _install_async(patches: Patches, library: Any, bodies: _Bodies) -> None:
    original = library.AsyncHTTPTransport.handle_async_request

    async def handle_async_request(transport: Any, request: Any) -> Any:
        boundary = scope.boundary()
        if boundary is None or is_silent() or not hearing.hears(transport):
            return await original(transport, request)
        body = await request.aread()
        pending = http.ask(boundary, *_told(request), body)
        if isinstance(pending, Answer):
            return _response(library, pending, None)
        if pending is None:
            with http.performing(None):
                return await original(transport, request)
        if http.to_serve(pending) is not None:
            return _response(library, await http.arrive_async(pending), bodies.served(pending))
        return await perform(transport, _to_send(library, request, pending), pending)

    async def perform(transport: Any, request: Any, pending: Pending) -> Any:
        started = stopwatch()
        try:
            with http.performing(pending):
                response = await original(transport, request)
        except BaseException as error:
            pending.fail(error)
            raise
        return _watch(pending, response, started, bodies.watched)

    patches.replace(library.AsyncHTTPTransport, "handle_async_request", handle_async_request)


def _told(request: Any) -> tuple[str, str, list[tuple[str, str]]]:
    # As `multi_items` does, which asks for the encoding with every name and value.
    encoding = request.headers.encoding
    headers = [(name.decode(encoding), value.decode(encoding)) for name, value in request.headers.raw]
    return request.method, str(request.url), headers


def _to_send(library: Any, request: Any, pending: Pending) -> Any:
    """What the program asks, or what a fork asks instead."""
    if not pending.is_patched or pending.request.body == request.content:
        return request
    headers = [
        pair for pair in request.headers.multi_items() if pair[0].lower() not in {"content-length", "transfer-encoding"}
    ]
    return library.Request(
        request.method, request.url, headers=headers, content=pending.request.body, extensions=request.extensions
    )


def _watch(pending: Pending, response: Any, started: int, watched: Any) -> Any:
    version, reason = (response.extensions.get(name) for name in ("http_version", "reason_phrase"))
    kept = http.Kept(
        pending,
        started,
        status=response.status_code,
        headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw],
        version=None if version is None else version.decode("latin-1"),
        reason=None if reason is None else reason.decode("latin-1"),
    )
    if response.status_code == _SWITCHED:
        pending.finish(Answer(head={"status": _SWITCHED}, is_live=True))
        return response
    kept.begin()
    response.stream = watched(response.stream, kept)
    return response


def _response(library: Any, answer: Answer, stream: Any) -> Any:
    extensions = {"http_version": http.version_of(answer).encode("latin-1")}
    reason = http.reason_of(answer)
    if reason is not None:
        extensions["reason_phrase"] = reason.encode("latin-1")
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in http.headers_of(answer)]
    return library.Response(
        http.status_of(answer), headers=headers, stream=stream or library.ByteStream(b""), extensions=extensions
    )


def _watched(library: Any) -> Any:
    class Watched(library.SyncByteStream):  # type: ignore[misc]  # it is known when it runs
        def __init__(self, stream: Any, kept: http.Kept) -> None:
            self._stream = stream
            self._kept = kept

        def __iter__(self) -> Iterator[bytes]:
            source = iter(self._stream)
            while True:
                try:
                    with silence():
                        piece = next(source, None)
                except BaseException as error:
                    self._kept.broke(error)
                    raise
                if piece is None:
                    self._kept.ended()
                    return
                self._kept.took(piece)
                yield piece

        def close(self) -> None:
            self._kept.left()
            with silence():
                self._stream.close()

    return Watched


def _served(library: Any) -> Any:
    class Served(library.SyncByteStream):  # type: ignore[misc]  # it is known when it runs
        def __init__(self, pending: Pending) -> None:
            self._pending = pending
            self._pieces = http.pieces(pending)

        def __iter__(self) -> Iterator[bytes]:
            yield from self._pieces

        def close(self) -> None:
            self._pieces.close()
            self._pending.leave()

    return Served


def _watched_async(library: Any) -> Any:
    class Watched(library.AsyncByteStream):  # type: ignore[misc]  # it is known when it runs
        def __init__(self, stream: Any, kept: http.Kept) -> None:
            self._stream = stream
            self._kept = kept

        async def __aiter__(self) -> AsyncGenerator[bytes, None]:
            source = aiter(self._stream)
            while True:
                try:
                    with silence():
                        piece = await anext(source, None)
                except BaseException as error:
                    self._kept.broke(error)
                    raise
                if piece is None:
                    self._kept.ended()
                    return
                self._kept.took(piece)
                yield piece

        async def aclose(self) -> None:
            self._kept.left()
            with silence():
                await self._stream.aclose()

    return Watched


def _served_async(library: Any) -> Any:
    class Served(library.AsyncByteStream):  # type: ignore[misc]  # it is known when it runs
        def __init__(self, pending: Pending) -> None:
            self._pending = pending
            self._pieces = http.pieces_async(pending)

        async def __aiter__(self) -> AsyncGenerator[bytes, None]:
            async for piece in self._pieces:
                yield piece

        async def aclose(self) -> None:
            await self._pieces.aclose()
            self._pending.leave()

    return Served
