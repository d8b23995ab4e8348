"""The guard: what a replay may connect to."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from agentreplay.sdk import guard
from agentreplay.sdk.guard import ConnectionNotAllowed


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_connection_is_refused_and_noted(listening: int) -> None:
    refused: list[str] = []

    with guard.guarding(refused), socket.socket() as client:
        with pytest.raises(ConnectionRefusedError, match="replay"):
            client.connect(("127.0.0.1", listening))
        with pytest.raises(ConnectionNotAllowed):
            client.connect_ex(("127.0.0.1", listening))

    assert refused == [f"127.0.0.1:{listening}"] * 2


def test_nothing_is_refused_once_it_is_lifted(listening: int) -> None:
    refused: list[str] = []
    with guard.guarding(refused):
        pass

    with socket.create_connection(("127.0.0.1", listening)):
        assert refused == []


def test_a_host_that_is_allowed_by_name_is_connected_to(listening: int) -> None:
    refused: list[str] = []

    with guard.guarding(refused, ["127.0.0.1"]), socket.create_connection(("127.0.0.1", listening)):
        pass
    with guard.guarding(refused, [f"127.0.0.1:{listening}"]), socket.create_connection(("127.0.0.1", listening)):
        pass

    assert refused == []


def test_the_addresses_of_an_allowed_name_are_allowed(listening: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", listening))]
    refused: list[str] = []

    with guard.guarding(refused, ["box.internal"]):
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        assert guard._guard is not None
        guard._guard.check_name("box.internal", listening)
        with socket.socket() as client:
            client.connect(("127.0.0.1", listening))

    assert refused == []


def test_names_are_not_looked_up() -> None:
    refused: list[str] = []

    with guard.guarding(refused):
        with pytest.raises(ConnectionNotAllowed):
            socket.getaddrinfo("api.example.org", 443)
        with pytest.raises(ConnectionNotAllowed):
            socket.gethostbyname("example.org")
        socket.getaddrinfo("127.0.0.1", 80)
        socket.getaddrinfo(None, 80)

    assert refused == ["api.example.org:443", "example.org"]


def test_datagrams_are_refused() -> None:
    refused: list[str] = []

    with guard.guarding(refused), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        with pytest.raises(ConnectionNotAllowed):
            client.sendto(b"x", ("127.0.0.1", 9))
        with pytest.raises(ConnectionNotAllowed):
            client.sendmsg([b"x"], [], 0, ("127.0.0.1", 9))

    assert refused == ["127.0.0.1:9"] * 2


def test_pairs_and_unix_sockets_pass(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = str(tmp_path_factory.mktemp("s") / "s")
    refused: list[str] = []

    with guard.guarding(refused), socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(path)
        server.listen()
        client.connect(path)
        one, other = socket.socketpair()
        one.close()
        other.close()

    assert refused == []


def test_asyncio_gets_the_same_error(listening: int) -> None:
    async def main() -> None:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", listening)

    refused: list[str] = []
    with guard.guarding(refused):
        asyncio.run(main())

    assert refused == [f"127.0.0.1:{listening}"]
