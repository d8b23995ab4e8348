"""A speaker over a small recorded store, which tests only ask."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.server.mcp.reach import Reach
from agentreplay.server.mcp.speaking import Speaker
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store
from agentreplay.store.registry import open_store
from agentreplay.testing import NEW_YEAR
from tests.server.population import OURS, PROJECT, Population, populate

Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Population]]:
    folder = tmp_path_factory.mktemp("mcp")
    population = populate(folder)
    store = open_store(folder)
    yield store, population
    store.close()


@pytest.fixture(scope="session")
def stored(shelf: tuple[Store, Population]) -> Population:
    return shelf[1]


@pytest.fixture(scope="session")
def reach(shelf: tuple[Store, Population]) -> Reach:
    return Reach(
        store=shelf[0],
        tenant=TenantId(OURS),
        project=ProjectId(PROJECT),
        now=lambda: NEW_YEAR + 10**12,
        runner=None,
        settings=Settings.read({}),
    )


@pytest.fixture(scope="session")
def speaker(reach: Reach) -> Speaker:
    @contextmanager
    def reached() -> Iterator[Reach]:
        yield reach

    return Speaker(reached, may_run=False, version="1.2.3")


@pytest.fixture(scope="session")
def ask(speaker: Speaker) -> Ask:
    """Calls a tool as a client does; what it answers as a value, or as text where it failed."""

    def call(name: str, /, **arguments: Any) -> Any:
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
        told = speaker.answer(json.dumps(message).encode())
        assert told is not None
        result: Mapping[str, Any] = json.loads(told)["result"]
        text = result["content"][0]["text"]
        return text if result.get("isError") else json.loads(text)

    return call
