"""The SDKs of model providers, ability by ability: seen whether a client is wrapped or all are, and replayed."""

import json
from pathlib import Path

import pytest

from agentreplay.testing import ScriptedModels
from tests.slow.sdks import HOWS, SDKS, kept, look, speaks
from tests.slow.test_programs import PROGRAMS, Desk, python_of

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("program", sorted(SDKS))
def test_each_ability_is_seen_as_the_table_says(program: str, how: str, tmp_path: Path) -> None:
    """The table in docs/reference/sdks.md is made of the same."""
    assert look(program, how, tmp_path) == kept()[program]


@pytest.mark.parametrize("program", sorted(SDKS))
def test_all_abilities_replay_without_a_network(program: str, tmp_path: Path) -> None:
    with ScriptedModels(speaks) as models:
        desk = Desk(tmp_path / "data", models.url, python_of("programs"))
        recorded = desk.agentreplay("run", "--", desk.python, str(PROGRAMS / f"{program}.py"))
        asked = len(models.requests)
    verdict = desk.verdict(desk.last_session())

    assert recorded.returncode == 0, recorded.stderr.decode()
    assert verdict["status"] == "identical", json.dumps(verdict, indent=1)
    assert verdict["calls"] == verdict["served"] == asked
