"""A server for the clients to ask."""

from collections.abc import Iterator

import pytest

from agentreplay.client.client import Client
from tests.running import Runs
from tests.server.running import Running, running


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str]]:
    """A server over a store with one recorded session, and the id of that."""
    runs = Runs(tmp_path_factory.mktemp("shop"))
    recorded = runs.record().key
    with runs.store():
        pass  # what was recorded is indexed now
    with running(runs.settings.db_path) as server:
        yield server, recorded.session


@pytest.fixture
def server(shop: tuple[Running, str]) -> Running:
    return shop[0]


@pytest.fixture
def recorded(shop: tuple[Running, str]) -> str:
    return shop[1]


@pytest.fixture
def client(server: Running) -> Iterator[Client]:
    with Client(server.address) as found:
        yield found
