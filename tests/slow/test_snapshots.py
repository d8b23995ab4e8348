"""Agents of real libraries, restored from snapshots in fresh processes: they go on as if they had never stopped."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentreplay.testing import ScriptedModels
from tests.slow.test_programs import PROGRAMS, Desk, python_of

pytestmark = pytest.mark.slow

LIBRARIES = ("langchain", "langgraph", "pydantic_ai", "openai_agents")


@pytest.fixture(scope="module")
def models() -> Iterator[ScriptedModels]:
    with ScriptedModels() as started:
        yield started


def run(models_url: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [python_of("programs"), str(PROGRAMS / "snapshot_agents.py"), *arguments],
        env={**os.environ, "MODELS_URL": models_url, "OPENAI_API_KEY": "x"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_restored_agent_answers_the_next_question_as_recorded(
    library: str, tmp_path: Path, models: ScriptedModels
) -> None:
    """Its conversation is in what it asks: another one would part from the tape."""
    run(models.url, library, "record", str(tmp_path))
    session = Desk(tmp_path / "data", models.url, python_of("programs")).last_session()
    asked = len(models.requests)

    restored = run(models.url, library, "restore", str(tmp_path), session)
    forgetful = run(models.url, library, "forget", str(tmp_path), session)

    assert restored["status"] == "identical", restored
    assert restored["calls"] > 0
    assert forgetful["status"] == "diverged", forgetful
    assert len(models.requests) == asked
