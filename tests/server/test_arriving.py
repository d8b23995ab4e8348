"""Half-open calls end, and keep nobody out."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any, cast

import grpc
import grpc.aio

from agentreplay.server.arriving import in_time

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, DATA, SETTINGS = 1, 0, 4
END_HEADERS = 4
METHOD = "/shop/tell"
MOST = 3
"""Calls at once."""


async def tell(body: bytes, _: Any) -> bytes:
    return body


async def repeat(body: bytes, _: Any) -> AsyncIterator[bytes]:
    yield body
    yield body


@asynccontextmanager
async def served(seconds: float) -> AsyncIterator[int]:
    """The port of a server that waits so long for a request."""
    handlers = {
        "tell": in_time(grpc.unary_unary_rpc_method_handler(cast("Any", tell)), seconds),
        "repeat": in_time(grpc.unary_stream_rpc_method_handler(cast("Any", repeat)), seconds),
    }
    server = grpc.aio.server(maximum_concurrent_rpcs=MOST)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("shop", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield port
    finally:
        await server.stop(0)


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def half_open(port: int, calls: int) -> socket.socket:
    """A connection with calls that have begun to send a message of sixteen bytes."""
    told = {":method": "POST", ":scheme": "http", ":path": METHOD, ":authority": "localhost"}
    told |= {"content-type": "application/grpc", "te": "trailers"}
    words = [(name.encode(), value.encode()) for name, value in told.items()]
    head = b"".join(b"\0%c%s%c%s" % (len(name), name, len(value), value) for name, value in words)
    sender = socket.create_connection(("127.0.0.1", port))
    sender.sendall(PREFACE + frame(SETTINGS, 0, 0))
    for stream in range(1, 2 * calls, 2):
        sender.sendall(frame(HEADERS, END_HEADERS, stream, head) + frame(DATA, 0, stream, b"\0\0\0\0\x10abc"))
    return sender


async def outcome(port: int) -> object:
    async with channel_to(port) as channel:
        try:
            return await channel.unary_unary(METHOD)(b"a message", timeout=20)
        except grpc.aio.AioRpcError as error:
            return error.code()


def channel_to(port: int) -> Any:
    return grpc.aio.insecure_channel(f"127.0.0.1:{port}")


def heard(sender: socket.socket, words: bytes) -> bool:
    """Whether these words are said to it before it is left."""
    said = b""
    while words not in said and (more := sender.recv(1 << 16)):
        said += more
    return words in said


def test_calls_that_come_are_answered() -> None:
    async def scene() -> None:
        async with served(seconds=20) as port, channel_to(port) as channel:
            assert await outcome(port) == b"a message"
            assert [one async for one in channel.unary_stream("/shop/repeat")(b"one")] == [b"one", b"one"]

    asyncio.run(scene())


def test_half_a_request_keeps_its_place_for_a_while_only() -> None:
    async def scene() -> None:
        async with served(seconds=0.2) as port:
            with closing(half_open(port, MOST)) as sender:
                sender.settimeout(30)

                assert await asyncio.to_thread(heard, sender, b"did not arrive within")
                assert await outcome(port) == b"a message"

    asyncio.run(scene())


def test_a_call_without_a_message_is_refused() -> None:
    async def scene() -> None:
        async with served(seconds=20) as port, channel_to(port) as channel:
            call = channel.stream_unary(METHOD)()
            await call.done_writing()
            assert await call.code() is grpc.StatusCode.INVALID_ARGUMENT

    asyncio.run(scene())
