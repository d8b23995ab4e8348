"""Servers that tests share: one over a small recorded store, for those that only ask; one that takes things in."""

from collections.abc import Iterator

import pytest

from tests.server.population import OURS, PROJECT, Population, populate
from tests.server.running import Running, running


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Population]]:
    folder = tmp_path_factory.mktemp("api")
    population = populate(folder)
    with running(folder, AGENTREPLAY_TENANT=OURS, AGENTREPLAY_PROJECT=PROJECT) as server:
        yield server, population


@pytest.fixture
def server(served: tuple[Running, Population]) -> Running:
    return served[0]


@pytest.fixture
def stored(served: tuple[Running, Population]) -> Population:
    return served[1]


@pytest.fixture(scope="session")
def anybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Begins empty, and anybody may tell it things: each test in a project of its own."""
    with running(tmp_path_factory.mktemp("anybody")) as started:
        yield started
