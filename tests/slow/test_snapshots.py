"""Agents of real libraries, restored from snapshots in fresh processes: they go on as if they had never stopped."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import agentreplay
from agentreplay.errors import BucketMissing, SnapshotMissing
from agentreplay.testing import ScriptedModels
from tests.contents.buckets import BUCKET, buckets
from tests.slow.test_programs import PROGRAMS, Desk, python_of

pytestmark = pytest.mark.slow

LIBRARIES = ("langchain", "langgraph", "pydantic_ai", "openai_agents")


@pytest.fixture(scope="module")
def models() -> Iterator[ScriptedModels]:
    with ScriptedModels() as started:
        yield started


def run(models_url: str, program: str, *arguments: str) -> str:
    done = subprocess.run(
        [python_of("programs"), str(PROGRAMS / program), *arguments],
        env={**os.environ, "MODELS_URL": models_url, "OPENAI_API_KEY": "x"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    return done.stdout


def told(models_url: str, *arguments: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(run(models_url, "snapshot_agents.py", *arguments).splitlines()[-1])
    return said


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_restored_agent_answers_the_next_question_as_recorded(
    library: str, tmp_path: Path, models: ScriptedModels
) -> None:
    """Its conversation is in what it asks: another one would part from the tape."""
    told(models.url, library, "record", str(tmp_path))
    session = Desk(tmp_path / "data", models.url, python_of("programs")).last_session()
    asked = len(models.requests)

    restored = told(models.url, library, "restore", str(tmp_path), session)
    forgetful = told(models.url, library, "forget", str(tmp_path), session)

    assert restored["status"] == "identical", restored
    assert restored["calls"] > 0
    assert forgetful["status"] == "diverged", forgetful
    assert len(models.requests) == asked


@pytest.mark.parametrize("case", ["messages", "chain", "smolagents"])
def test_what_a_library_holds_is_made_again_in_a_fresh_process(
    case: str, tmp_path: Path, models: ScriptedModels
) -> None:
    for mode in ("keep", "restore"):
        run(models.url, "snapshot_objects.py", case, str(tmp_path), mode)


def test_a_strangers_file_makes_no_object_of_its_choice(tmp_path: Path, models: ScriptedModels) -> None:
    run(models.url, "snapshot_objects.py", "messages", str(tmp_path), "keep")

    run(models.url, "snapshot_objects.py", "chain", str(tmp_path), "forge")


def test_what_persists_readme_shows_of_s3_runs_with_only_the_import_changed() -> None:
    agent = {"history": ["hello", "how are you?"] * 1_000}
    where: dict[str, Any] = {"storage_mode": "s3", "s3_bucket": BUCKET}
    name = "agents/conversation_bot/session_123/snapshot.json.gz"

    with buckets():
        agentreplay.snapshot(
            agent,
            name,
            storage_mode="s3",
            s3_bucket=BUCKET,
            s3_region="eu-central-1",
            agent_id="conversation_bot",
            description="Production snapshot",
        )
        assert agentreplay.restore(name, **where) == agent
        assert agentreplay.get_metadata(name, **where)["agent_id"] == "conversation_bot"
        assert agentreplay.verify_snapshot(name, **where)
        assert agentreplay.snapshot_exists(name, **where)
        listed = agentreplay.list_snapshots(f"s3://{BUCKET}/agents")
        assert [each["name"] for each in listed] == ["conversation_bot/session_123/snapshot.json.gz"]
        agentreplay.copy_snapshot(f"s3://{BUCKET}/{name}", f"s3://{BUCKET}/copied.snapshot")
        assert agentreplay.restore(f"s3://{BUCKET}/copied.snapshot") == agent
        agentreplay.delete_snapshot(name, **where)
        assert not agentreplay.snapshot_exists(name, **where)
        with pytest.raises(SnapshotMissing):
            agentreplay.restore(name, **where)
        with pytest.raises(BucketMissing):
            agentreplay.snapshot(agent, name, storage_mode="s3", s3_bucket="nowhere")
