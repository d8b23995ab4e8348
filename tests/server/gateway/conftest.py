"""One server with a gateway before scripted models, for all tests here that ask a real one."""

from collections.abc import Iterator

import pytest

from agentreplay.testing import ScriptedModels
from tests.server.gateway.stage import Stage, perform, staged


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with ScriptedModels(perform) as models, staged(tmp_path_factory.mktemp("gateway"), models) as stage:
        yield stage
