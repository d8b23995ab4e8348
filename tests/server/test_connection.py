"""Slow senders are not waited for for ever."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvicorn

from agentreplay.server import connection
from agentreplay.server.asgi import Receive, Scope, Send, answer
from agentreplay.server.connection import GuardedConnection
from agentreplay.server.ports import listen

pytestmark = pytest.mark.slow


async def echo(_: Scope, receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        if not message.get("more_body"):
            break
    await answer(send, 200, b"ok")


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, bytes]]


def talked(talk: Talk) -> bytes:
    """What a sender hears of a server whose patience is short."""

    async def serve() -> bytes:
        listening = listen("127.0.0.1", 0)
        server = uvicorn.Server(uvicorn.Config(echo, http=GuardedConnection, lifespan="off", log_level="critical"))
        serving = asyncio.create_task(server.serve([listening]))
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        try:
            return await asyncio.wait_for(talk(reader, writer), 10)
        finally:
            writer.close()
            server.should_exit = True
            await serving

    return asyncio.run(serve())


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(connection, "IDLE_SECONDS", 0.2)
    monkeypatch.setattr(connection, "BODY_SECONDS", 1.0)


@pytest.mark.parametrize(
    "first", [b"", b"GET / HTTP/1.1\r\nhost: x\r\n", b"POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\nab"]
)
def test_who_says_no_more_is_told_so(first: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(first)
        return await reader.read()

    assert talked(talk).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("head", [b"POST / HTTP/1.1\r\ncontent-length: 500\r\n\r\n", b"GET / HTTP/1.1\r\nx: "])
def test_a_trickle_comes_to_an_end(head: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(head)
        reading = asyncio.create_task(reader.read())
        while not reading.done():
            writer.write(b"a")
            await asyncio.sleep(0.05)
        return reading.result()

    assert talked(talk).startswith(b"HTTP/1.1 408")


def test_who_talks_without_a_pause_hears_why_it_ended() -> None:
    """Something of it always lies unread."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"POST / HTTP/1.1\r\ncontent-length: 50000000\r\n\r\n")
        reading = asyncio.create_task(reader.read())
        while not reading.done():
            writer.write(b"a")
            await asyncio.sleep(0)
        return reading.result()

    assert talked(talk).startswith(b"HTTP/1.1 408")


def test_who_never_stops_talking_is_left() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        heard = await reader.read()
        while not writer.transport.is_closing():
            writer.write(b"a")
            await asyncio.sleep(0.05)
        return heard

    assert talked(talk).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("said", [b"\x16\x03\x01\x02\x00", b"GET /\x01 HTTP/1.1\r\n\r\n"])
def test_what_is_no_request_gets_an_error_of_the_usual_shape(said: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(said)
        return await reader.read()

    head, _, body = talked(talk).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400")
    assert json.loads(body)["error"]["kind"] == "RequestMalformed"


def test_a_connection_may_idle_between_requests() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        heard = b""
        for _ in range(2):
            writer.write(b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nab")
            heard += await reader.readuntil(b"ok")
            await asyncio.sleep(0.5)
        return heard

    assert talked(talk).count(b"200 OK") == 2
