"""What the tests of the use cases ask for: things that are stored and visible."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agentreplay.model.ids import TenantId
from agentreplay.store.protocol import Store
from agentreplay.testing import Thing, batch_of
from tests.running import Runs

Keep = Callable[..., None]


@pytest.fixture
def keep(store: Store) -> Keep:
    """Appends things to the store and makes them visible."""

    def append(*things: Thing, tenant: str = "acme") -> None:
        store.append(batch_of(*things, tenant=TenantId(tenant)))
        store.drain()

    return append


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)
