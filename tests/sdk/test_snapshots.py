"""Snapshots from inside the program: what Persist's users know, and what they could not do there."""

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import agentreplay
from agentreplay.contents.shelf import locate
from agentreplay.core import snapshots
from agentreplay.errors import (
    ClassForbidden,
    PlaceUnknown,
    SnapshotDamaged,
    SnapshotKeyWrong,
    SnapshotMissing,
    SnapshotTooLarge,
    SnapshotUnreadable,
    StateForeign,
    StateUnkept,
)
from agentreplay.model.snapshot import SnapshotId, SnapshotMetadata
from agentreplay.model.time import Nanoseconds
from tests.sdk.home import Home, record

KEY = bytes(range(32))


@dataclass
class Agent:
    """One as people write them."""

    name: str
    history: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    seen: set[int] = field(default_factory=set[int])

    def answer(self, question: str) -> str:
        said = f"{self.name} was asked {len(self.history)} times before"
        self.history.append((question, said))
        return said


class Closed:
    """One that says itself what its state is."""

    def __init__(self) -> None:
        self.lines = ["one"]
        self.lock = open(__file__, encoding="utf-8")  # noqa: PTH123, SIM115  # nothing that can be kept
        self.lock.close()

    def __getstate__(self) -> dict[str, Any]:
        return {"lines": self.lines}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.lines = [*state["lines"], "restored"]


def test_an_agent_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "agent.snapshot"
    agent = Agent("Ann", seen={3, 1})
    agent.answer("Who are you?")

    agentreplay.snapshot(agent, path, agent_id="ann", session_id="1", snapshot_index=4, description="greeted")
    restored = agentreplay.restore(path)

    assert restored == agent
    assert restored.answer("And now?") == "Ann was asked 1 times before"
    told = agentreplay.get_metadata(path)
    assert (told["agent_id"], told["session_id"], told["snapshot_index"]) == ("ann", "1", 4)
    assert told["uncompressed_size"] > 0
    assert told["timestamp"] == told["timestamp_ns"] // 1_000_000_000


def test_what_persists_readme_shows_runs_with_only_the_import_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import agentreplay as persist  # start-up: it is what the README of Persist begins with

    monkeypatch.chdir(tmp_path)
    agent = Agent("Ann")
    agent.answer("Hello, how are you?")
    persist.snapshot(
        agent, "agent_snapshot.json.gz", agent_id="conversation_agent", description="After greeting interaction"
    )

    restored_agent = persist.restore("agent_snapshot.json.gz")
    assert restored_agent.answer("What did we talk about?")

    metadata = persist.get_metadata("agent_snapshot.json.gz")
    assert metadata["agent_id"] == "conversation_agent"
    assert metadata["timestamp"] > 0
    assert metadata["uncompressed_size"] > 0
    assert persist.verify_snapshot("agent_snapshot.json.gz")
    assert persist.snapshot_exists("agent_snapshot.json.gz")
    persist.delete_snapshot("agent_snapshot.json.gz")
    assert not persist.snapshot_exists("agent_snapshot.json.gz")
    with pytest.raises(FileNotFoundError):
        persist.restore("agent_snapshot.json.gz")
    with pytest.raises(persist.PersistError, match="not found"):
        persist.get_metadata("agent_snapshot.json.gz", storage_mode="local")
    with pytest.raises(persist.PersistConfigurationError):
        persist.snapshot(agent, "a.json.gz", storage_mode="s3")
    Path("broken.json.gz").write_bytes(b"\x1f\x8b broken")
    with pytest.raises(persist.PersistIntegrityError):
        persist.verify_snapshot("broken.json.gz")
    assert persist.S3Error is persist.PersistS3Error


@pytest.mark.slow
def test_a_fresh_process_restores_what_it_has_the_classes_of(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        "from dataclasses import dataclass\n@dataclass\nclass Basket:\n    items: list\n", encoding="utf-8"
    )
    program = (
        "import agentreplay, sys, shop\n"
        "path = sys.argv[1]\n"
        "print(agentreplay.restore(path).items) if len(sys.argv) == 3 else "
        "agentreplay.snapshot(shop.Basket([1]), path)"
    )

    for arguments, said in (([], ""), (["again"], "[1]\n")):
        done = subprocess.run(
            [sys.executable, "-c", program, "b.snapshot", *arguments],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.stdout, done.returncode) == (said, 0), done.stderr
    with pytest.raises(StateForeign, match="shop:Basket is not there") as caught:
        agentreplay.restore(tmp_path / "b.snapshot")
    assert "import" in caught.value.advice


def test_what_says_its_own_state_is_kept_only_when_it_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "it.snapshot"

    with pytest.raises(StateUnkept, match="Closed"):
        agentreplay.snapshot(Closed(), path)
    assert not path.exists()
    agentreplay.snapshot(Closed(), path, allow=[Closed])

    with pytest.raises(ClassForbidden, match="Closed"):
        agentreplay.restore(path)
    with pytest.raises(ClassForbidden):
        agentreplay.restore(path, allow=[Agent])
    assert agentreplay.restore(path, allow=[Closed]).lines == ["one", "restored"]


@pytest.mark.parametrize(
    "state",
    [
        {"$type": "os:system", "fields": {"command": "touch broken"}},
        {"$type": "subprocess:Popen", "fields": {"args": "touch broken"}},
        {"$type": "antigravity:it", "fields": {}},
        {"lc": 1, "type": "constructor", "id": ["os", "system"], "kwargs": {"command": "touch broken"}},
    ],
)
def test_a_hostile_state_runs_nothing(tmp_path: Path, state: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for serialiser in ("plain", "langchain", "getstate", "nobody"):
        kept_by_hand(Path("it.snapshot"), json.dumps(state).encode(), serialiser)
        try:
            made = agentreplay.restore("it.snapshot")
        except (StateForeign, ClassForbidden):
            continue
        assert made == state

    assert sorted(path.name for path in tmp_path.iterdir()) == ["it.snapshot"]
    assert "antigravity" not in sys.modules


def test_what_cannot_be_kept_is_told_and_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "it.snapshot"
    agentreplay.snapshot({"whole": 1}, path)

    with pytest.raises(StateUnkept, match="function"):
        agentreplay.snapshot({"tools": [len, lambda: 1]}, path)

    assert agentreplay.restore(path) == {"whole": 1}


def test_the_order_of_fields_stays(tmp_path: Path) -> None:
    """A model is asked with arguments in the order in which they were given."""
    state = {"b": 1, "a": {"z": 2.5, "y": [10**30, b"\0", None]}}

    agentreplay.snapshot(state, tmp_path / "it")

    assert json.dumps(list(agentreplay.restore(tmp_path / "it"))) == '["b", "a"]'
    assert agentreplay.restore(tmp_path / "it") == state


def test_an_encrypted_agent_takes_its_key(tmp_path: Path) -> None:
    path = tmp_path / "it.snapshot"

    told = agentreplay.snapshot({"secret": "sesame"}, path, key="open")

    assert told["encryption"] == "aes-256-gcm"
    assert agentreplay.restore(path, key="open") == {"secret": "sesame"}
    assert agentreplay.verify_snapshot(path, key="open")
    with pytest.raises(SnapshotKeyWrong):
        agentreplay.restore(path, key="shut")


def test_damage_and_size_are_found_before_anything_is_made(tmp_path: Path) -> None:
    path = tmp_path / "it.snapshot"
    agentreplay.snapshot(["x" * 1_000], path)

    with pytest.raises(SnapshotTooLarge):
        agentreplay.restore(path, limit=100)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SnapshotDamaged):
        agentreplay.restore(path)


def test_each_snapshot_follows_the_one_before(tmp_path: Path) -> None:
    agent = Agent("Ann")
    first = agentreplay.snapshot(agent, tmp_path / "1", agent_id="lineal")
    second = agentreplay.snapshot(agent, tmp_path / "2", agent_id="lineal", snapshot_index=1)
    agentreplay.restore(tmp_path / "1")
    third = agentreplay.snapshot(agent, tmp_path / "3", agent_id="lineal", snapshot_index=2)

    assert second["parent"] == third["parent"] == first["snapshot_id"]
    line = agentreplay.snapshot_lineage(tmp_path, third["snapshot_id"])
    assert [each["name"] for each in line] == ["3", "1"]
    assert [each["name"] for each in agentreplay.snapshot_history(tmp_path, "lineal")] == ["1", "2", "3"]
    assert [each["name"] for each in agentreplay.list_snapshots(tmp_path, "somebody")] == []
    gone = agentreplay.retain_snapshots(tmp_path, last=1)
    assert [each["name"] for each in gone] == ["1", "2"]


def test_two_snapshots_are_compared_and_copied(tmp_path: Path) -> None:
    agentreplay.snapshot({"a": 1}, tmp_path / "1")
    agentreplay.snapshot({"a": 2}, tmp_path / "2.json.gz")

    told = agentreplay.diff_snapshots(tmp_path / "1", tmp_path / "2.json.gz")
    agentreplay.copy_snapshot(tmp_path / "1", tmp_path / "there" / "1")

    assert told == [{"path": "a", "expected": 1, "got": 2}]
    assert agentreplay.restore(tmp_path / "there" / "1") == {"a": 1}


def test_what_persists_arguments_mean_is_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def locate(address: str, *, region: str | None = None) -> Any:
        asked.append(f"{address} {region}")
        raise SnapshotMissing(place=address)

    monkeypatch.setattr("agentreplay.sdk.snapshots.locate", locate)

    for mode in ("s3", "gcs", "azure"):
        with pytest.raises(SnapshotMissing):
            agentreplay.get_metadata("agents/a.json.gz", storage_mode=mode, s3_bucket="b", s3_region="eu-central-1")
    with pytest.raises(PlaceUnknown, match="tape"):
        agentreplay.get_metadata("a", storage_mode="tape")

    assert asked == [f"{scheme}://b/agents/a.json.gz eu-central-1" for scheme in ("s3", "gs", "az")]


def test_within_a_recording_it_is_the_recorded_agents_and_reads_no_chance_of_the_programs(
    home: Home, tmp_path: Path
) -> None:
    """A replay takes the same snapshot with an id, a time and a key of its own."""

    def program() -> str:
        agentreplay.snapshot({"a": 1}, tmp_path / "it.snapshot", key=KEY)
        return str(agentreplay.restore(tmp_path / "it.snapshot", key=KEY)["a"])

    session = record(program)
    first = agentreplay.get_metadata(tmp_path / "it.snapshot")

    verdict = agentreplay.replay(session, program)

    assert verdict.status == "identical", verdict
    second = agentreplay.get_metadata(tmp_path / "it.snapshot")
    assert first["session_id"] == session
    assert first["snapshot_id"] != second["snapshot_id"]
    assert home.tape(session).readings == {}


def kept_by_hand(path: Path, state: bytes, serialiser: str) -> None:
    metadata = SnapshotMetadata(
        agent_id="a", session_id="s", snapshot_id=SnapshotId("1"), timestamp=Nanoseconds(1), serialiser=serialiser
    )
    snapshots.save(locate(path), [state], metadata)


def test_a_file_of_persists_without_anything_of_langchains_wants_no_langchain(tmp_path: Path) -> None:
    kept_by_hand(tmp_path / "it.json.gz", b'{"test":"data"}', "langchain")

    assert agentreplay.restore(tmp_path / "it.json.gz") == {"test": "data"}


@pytest.mark.parametrize("serialiser", ["plain", "langchain", "getstate"])
@pytest.mark.parametrize("depth", [400, 900, 100_000])
def test_a_state_that_is_nested_without_end_is_refused(tmp_path: Path, serialiser: str, depth: int) -> None:
    kept_by_hand(tmp_path / "it", b"[" * depth + b"]" * depth, serialiser)

    with suppress(StateForeign, SnapshotUnreadable):
        agentreplay.restore(tmp_path / "it")
