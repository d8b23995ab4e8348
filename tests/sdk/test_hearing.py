"""Of clients that were wrapped everything is seen, and of others nothing."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import httpx2
import pytest

import agentreplay
from agentreplay.sdk import hearing
from agentreplay.sdk.instrument import uninstrument
from agentreplay.testing.loopback import Loopback, Request, Response
from tests.sdk.home import Home


class Resources:
    """What a client of a provider hands its users, with a way back to the client."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def create(self) -> Any:
        return self._client.http.get(f"{self._client.url}/whole")


class Client:
    """Built as the clients of providers are: what speaks HTTP lies somewhere inside."""

    def __init__(self, url: str, http: Any) -> None:
        self.url = url
        self.http = http
        self.responses = Resources(self)
        self.kind = type(self)
        self.itself = self


def answer(request: Request) -> Response:
    return Response(chunks=(request.path.encode(),))


@pytest.fixture
def url() -> Iterator[str]:
    with Loopback(answer) as loopback:
        yield loopback.url


@pytest.fixture(autouse=True)
def nothing_installed() -> Iterator[None]:
    uninstrument()
    yield
    uninstrument()


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_only_the_client_that_was_wrapped_is_recorded(library: Any, url: str, home: Home) -> None:
    with library.Client(timeout=60) as http, library.Client(timeout=60) as other:
        client = agentreplay.wrap(Client(url, http))
        with agentreplay.session() as session:
            client.responses.create()
            Client(url, other).responses.create()

    assert len(home.tape(session.id).calls) == 1


def test_an_asynchronous_client_is_wrapped_like_any_other(url: str, home: Home) -> None:
    async def main() -> Any:
        async with httpx.AsyncClient(timeout=60) as http, httpx.AsyncClient(timeout=60) as other:
            client = agentreplay.wrap(Client(url, http))
            with agentreplay.session() as session:
                await client.responses.create()
                await Client(url, other).responses.create()
            return session.id

    assert len(home.tape(asyncio.run(main())).calls) == 1


def test_whoever_asks_for_everything_gets_it(url: str, home: Home) -> None:
    with httpx.Client(timeout=60) as http, httpx.Client(timeout=60) as other:
        client = agentreplay.wrap(Client(url, http))
        agentreplay.instrument()
        with agentreplay.session() as session:
            client.responses.create()
            Client(url, other).responses.create()

    assert len(home.tape(session.id).calls) == 2


def test_wrapping_behind_instrumenting_takes_nothing_away(url: str, home: Home) -> None:
    with httpx.Client(timeout=60) as http, httpx.Client(timeout=60) as other:
        agentreplay.instrument()
        client = agentreplay.wrap(Client(url, http))
        with agentreplay.session() as session:
            client.responses.create()
            Client(url, other).responses.create()

    assert len(home.tape(session.id).calls) == 2


def test_several_clients_can_be_wrapped(url: str, home: Home) -> None:
    with httpx.Client(timeout=60) as http, httpx2.Client(timeout=60) as other:
        clients = [agentreplay.wrap(Client(url, one)) for one in (http, other)]
        with agentreplay.session() as session:
            for client in clients:
                client.responses.create()

    assert len(home.tape(session.id).calls) == 2


def test_a_wrapped_session_is_served_to_the_wrapped_client(url: str, home: Home) -> None:
    with httpx.Client(timeout=60) as http:
        client = agentreplay.wrap(Client(url, http))

        def ask() -> str:
            return str(client.responses.create().text)

        with agentreplay.session() as session:
            session.returns(ask())
        assert session.id is not None
        verdict = agentreplay.replay(session.id, ask)

    assert (verdict.status, verdict.served) == ("identical", 1)


def test_transports_of_proxies_and_below_other_transports_are_found() -> None:
    inner = httpx.HTTPTransport()

    class Retrying(httpx.BaseTransport):
        def __init__(self) -> None:
            self.below = inner

    with httpx.Client(transport=Retrying(), mounts={"http://a.example": httpx.HTTPTransport()}) as http:
        found = hearing.transports_in(Client("", http))

    assert inner in found
    assert len(found) == 2


def test_a_client_that_may_go_another_way_says_so() -> None:
    client = Client("", None)

    assert hearing.other_ways(client) == set()
    client._aiohttp_sessions = {}  # type: ignore[attr-defined]
    assert hearing.other_ways(client) == {"aiohttp.client"}
