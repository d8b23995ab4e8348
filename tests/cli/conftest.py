"""What the tests of the command line ask for: a run of it against a memory store, at a fixed time."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agentreplay.cli.invocation import Invocation
from agentreplay.cli.program import program
from agentreplay.model.time import HOUR
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import NEW_YEAR, Maker

NOW = NEW_YEAR + HOUR
ENVIRONMENT = {
    "AGENTREPLAY_TENANT": "acme",
    "AGENTREPLAY_PROJECT": "demo",
    "AGENTREPLAY_DURABILITY": None,
    "AGENTREPLAY_DEBUG": None,
    "COLUMNS": "100",
    "NO_COLOR": None,
    "TERM": "xterm",
}

Run = Callable[..., Result]


@pytest.fixture
def memory() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def make() -> Maker:
    return Maker()


@pytest.fixture
def run(memory: MemoryStore, tmp_path: Path) -> Run:
    """Runs the program with these arguments and says what it printed and how it exited."""

    def invoke(*arguments: str, stdin: str | None = None, env: Mapping[str, str | None] | None = None) -> Result:
        invocation = Invocation(now=lambda: NOW, opener=lambda _settings: memory)
        return CliRunner().invoke(
            program,
            arguments,
            obj=invocation,
            input=stdin,
            env={**ENVIRONMENT, "AGENTREPLAY_DB": str(tmp_path / "data"), **(env or {})},
        )

    return invoke
