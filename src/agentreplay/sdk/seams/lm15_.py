"""lm15, the HTTP client that DSPy brings along: every request of its two transports."""

import dataclasses
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from functools import partial
from types import ModuleType
from typing import Any

from agentreplay.model.call import Answer
from agentreplay.sdk import scope
from agentreplay.sdk.boundary import Pending
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.seams import http
from agentreplay.sdk.silence import is_silent, silence
from agentreplay.sdk.stream import stopwatch

__all__ = ["install"]


def install(patches: Patches, library: ModuleType) -> None:
    """Watch the one method of each transport that every request goes through."""
    _install_sync(patches, library.StdlibTransport, library.TransportResponse)
    _install_async(patches, library.StdlibAsyncTransport, library.AsyncTransportResponse)


def _install_sync(patches: Patches, transport: Any, response: Any) -> None:
    original = transport.stream

    def stream(self: Any, request: Any) -> Any:
        boundary = scope.boundary()
        if boundary is None or is_silent():
            return original(self, request)
        pending = http.ask(boundary, request.method, request.url, request.headers, request.body)
        if isinstance(pending, Answer):
            return _response(response, pending, iter(()), _nothing)
        if pending is None:
            with http.performing(None):
                return original(self, request)
        if http.to_serve(pending) is not None:
            answer, pieces = http.arrive(pending), http.pieces(pending)
            return _response(response, answer, pieces, lambda _: _leave(pending, pieces))
        return perform(self, _to_send(request, pending), pending)

    def perform(self: Any, request: Any, pending: Pending) -> Any:
        started = stopwatch()
        try:
            with http.performing(pending):
                found = original(self, request)
        except BaseException as error:
            pending.fail(error)
            raise
        kept, release = _kept(pending, found, started), found._release  # noqa: SLF001  # it has no other place to watch from
        found._chunks = _watched(found._chunks, kept)  # noqa: SLF001  # as above
        found._release = partial(_left, kept, release)  # noqa: SLF001  # as above
        return found

    patches.replace(transport, "stream", stream)


def _install_async(patches: Patches, transport: Any, response: Any) -> None:
    original = transport._do_stream  # noqa: SLF001  # `stream` only makes what awaits it

    async def _do_stream(self: Any, request: Any) -> Any:
        boundary = scope.boundary()
        if boundary is None or is_silent():
            return await original(self, request)
        pending = http.ask(boundary, request.method, request.url, request.headers, request.body)
        if isinstance(pending, Answer):
            return _response(response, pending, _no_pieces(), _nothing_async)
        if pending is None:
            with http.performing(None):
                return await original(self, request)
        if http.to_serve(pending) is not None:
            answer, pieces = await http.arrive_async(pending), http.pieces_async(pending)
            return _response(response, answer, pieces, lambda _: _leave_async(pending, pieces))
        return await perform(self, _to_send(request, pending), pending)

    async def perform(self: Any, request: Any, pending: Pending) -> Any:
        started = stopwatch()
        try:
            with http.performing(pending):
                found = await original(self, request)
        except BaseException as error:
            pending.fail(error)
            raise
        kept, release = _kept(pending, found, started), found._release  # noqa: SLF001  # it has no other place to watch from
        found._chunks = _watched_async(found._chunks, kept)  # noqa: SLF001  # as above
        found._release = partial(_left, kept, release)  # noqa: SLF001  # as above
        return found

    patches.replace(transport, "_do_stream", _do_stream)


def _to_send(request: Any, pending: Pending) -> Any:
    """What the program asks, or what a fork asks instead."""
    if not pending.is_patched or pending.request.body == request.body:
        return request
    headers = [pair for pair in request.headers if pair[0].lower() != "content-length"]
    return dataclasses.replace(request, headers=headers, body=pending.request.body)


def _kept(pending: Pending, found: Any, started: int) -> http.Kept:
    kept = http.Kept(
        pending, started, status=found.status, headers=found.headers, version=found.http_version, reason=found.reason
    )
    kept.begin()
    return kept


def _response(kind: Any, answer: Answer, chunks: Any, release: Callable[[bool], Any]) -> Any:
    return kind(
        status=http.status_of(answer),
        reason=http.reason_of(answer) or "",
        headers=http.headers_of(answer),
        http_version=http.version_of(answer),
        chunks=chunks,
        release=release,
    )


def _watched(chunks: Iterator[bytes], kept: http.Kept) -> Generator[bytes, None, None]:
    while True:
        try:
            with silence():
                piece = next(chunks, None)
        except BaseException as error:
            kept.broke(error)
            raise
        if piece is None:
            kept.ended()
            return
        kept.took(piece)
        yield piece


async def _watched_async(chunks: AsyncIterator[bytes], kept: http.Kept) -> AsyncGenerator[bytes, None]:
    while True:
        try:
            with silence():
                piece = await anext(chunks, None)
        except BaseException as error:
            kept.broke(error)
            raise
        if piece is None:
            kept.ended()
            return
        kept.took(piece)
        yield piece


def _left(kept: http.Kept, release: Callable[[bool], Any], body_consumed: bool) -> Any:  # noqa: FBT001  # as it is called
    kept.left()
    return release(body_consumed)


def _leave(pending: Pending, pieces: Generator[bytes, None, None]) -> None:
    pieces.close()
    pending.leave()


async def _leave_async(pending: Pending, pieces: AsyncGenerator[bytes, None]) -> None:
    await pieces.aclose()
    pending.leave()


def _nothing(_: bool) -> None:  # noqa: FBT001  # as it is called
    """There is no connection."""


async def _nothing_async(_: bool) -> None:  # noqa: FBT001  # as it is called
    """Likewise."""


async def _no_pieces() -> AsyncGenerator[bytes, None]:
    nothing: tuple[bytes, ...] = ()
    for piece in nothing:
        yield piece
