"""Connections are used again where both sides want that, and never where something is left on them."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import cast

import pytest

from agentreplay.server.gateway import client as clients
from agentreplay.server.gateway.client import Asking, Client, TooSlow
from agentreplay.server.gateway.upstreams import Upstream
from agentreplay.server.gateway.wire import Broken

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
GOOD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@asynccontextmanager
async def serving(handle: Handler) -> AsyncGenerator[Upstream]:
    """A server on this machine, until all its connections are done."""
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.add(cast("asyncio.Task[None]", asyncio.current_task()))
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await handle(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        try:
            yield Upstream("a", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        finally:
            if running:
                await asyncio.wait(running, timeout=5)


@asynccontextmanager
async def upstream(*answers: bytes, connections: list[int] | None = None) -> AsyncGenerator[Upstream]:
    """Gives these answers one after the other, over as many connections as are made; then it closes them."""
    waiting = list(answers)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if connections is not None:
            connections.append(1)
        while waiting:
            await reader.readuntil(b"\r\n\r\n")
            answer = waiting.pop(0)
            writer.write(answer)
            await writer.drain()
            if b"content-length" not in answer and b"chunked" not in answer:
                break

    async with serving(handle) as place:
        yield place


async def asked(client: Client, place: Upstream, method: str = "POST") -> tuple[int, bytes]:
    async with client.asked(place, Asking(method, "/", [(b"host", b"a")], b"")) as wire:
        body = b""
        while piece := await client.piece(wire):
            body += piece
        return wire.status, body


def outcomes(*answers: bytes, times: int = 1, method: str = "POST") -> tuple[list[tuple[int, bytes]], int]:
    connections: list[int] = []

    async def run() -> list[tuple[int, bytes]]:
        client = Client()
        async with upstream(*answers, connections=connections) as place:
            found = [await asked(client, place, method) for _ in range(times)]
            client.close()
            return found

    return asyncio.run(run()), len(connections)


async def answered(data: bytes, seconds: float = 0.0) -> tuple[int, bytes]:
    """Ask once, where this comes and then, so many seconds later, the end of the connection."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        await asyncio.sleep(seconds)

    async with serving(handle) as place:
        return await asked(Client(), place)


def test_a_connection_is_used_again() -> None:
    assert outcomes(GOOD, GOOD, GOOD, times=3) == ([(200, b"ok")] * 3, 1)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", (200, b"ok")),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", (200, b"until the end")),
        (b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n", (204, b"")),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 529 Overloaded\r\ncontent-length: 2\r\n\r\nno", (529, b"no")),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", (200, b"ok")),
    ],
)
def test_every_way_to_end_an_answer_is_understood(answer: bytes, expected: tuple[int, bytes]) -> None:
    assert outcomes(answer)[0] == [expected]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nless",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000,
    ],
)
def test_what_is_no_answer_is_told(answer: bytes) -> None:
    with pytest.raises((Broken, OSError)):
        asyncio.run(answered(answer))


def test_what_comes_behind_an_answer_is_not_taken_for_the_next() -> None:
    smuggled = GOOD + b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"

    found, connections = outcomes(smuggled, GOOD, times=2)

    assert found == [(200, b"ok")] * 2
    assert connections == 2


def test_an_answer_that_is_left_closes_its_connection() -> None:
    async def run() -> int:
        connections: list[int] = []
        client = Client()
        async with upstream(GOOD, GOOD, connections=connections) as place:
            async with client.asked(place, Asking("POST", "/", [], b"")):
                pass
            await asked(client, place)
            client.close()
        return len(connections)

    assert asyncio.run(run()) in {1, 2}, "one, where all of it had come before it was left"


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the head of an answer, and in the middle of it."""
    monkeypatch.setattr(clients, "ANSWER_SECONDS", 0.05)

    for begun in (b"", b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab"):
        with pytest.raises(TooSlow):
            asyncio.run(answered(begun, seconds=0.2))


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, and its key."""
    found, key = folder / "certificate.pem", folder / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    named = ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(found), *named], check=True, capture_output=True)
    return found, key


@pytest.mark.slow
def test_an_upstream_must_be_who_it_says_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, key = certificate(tmp_path)
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(found, key)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(GOOD)
        await reader.read()
        writer.close()

    async def ask(name: str) -> tuple[int, bytes]:
        server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=secure)
        async with server:
            client = Client()
            port = server.sockets[0].getsockname()[1]
            answer = await asked(client, Upstream("a", f"https://{name}:{port}"))
            client.close()
            await asyncio.sleep(0.05)
            return answer

    with pytest.raises(ssl.SSLCertVerificationError):
        asyncio.run(ask("localhost"))
    monkeypatch.setenv("SSL_CERT_FILE", str(found))
    with pytest.raises(ssl.SSLCertVerificationError):
        asyncio.run(ask("127.0.0.1"))
    assert asyncio.run(ask("localhost")) == (200, b"ok")
