"""Lists are learnt behind whoever flushes, and nothing that anybody does meanwhile is lost or found again."""

import json
import threading
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agentreplay.vectors import VectorIndex, learning, open_index, rebuild_index
from agentreplay.vectors.merging import Source, learn, merge
from agentreplay.vectors.quantiser import Quantiser
from tests.vectors.clusters import clustered, exactly

_DIMENSIONS = 64
_PATIENCE = 60


class Slowly:
    """Learns when it is let."""

    def __init__(self) -> None:
        self.began, self.go_on, self.times = threading.Event(), threading.Event(), 0

    def __call__(self, sources: Sequence[Source]) -> Quantiser:
        self.times += 1
        self.began.set()
        assert self.go_on.wait(_PATIENCE)
        return learn(sources)


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> Generator[Slowly]:
    """Lists are made from 500 vectors on, and nobody learns them before `go_on` is set."""
    slow = Slowly()
    monkeypatch.setattr(learning, "EXACT", 500)
    monkeypatch.setattr(learning, "learn", slow)
    yield slow
    slow.go_on.set()


@pytest.fixture
def vectors() -> NDArray[np.float32]:
    return clustered(2_000)


def opened(folder: Path) -> VectorIndex:
    return open_index(folder / "index", _DIMENSIONS, "a model")


def filled(folder: Path, vectors: NDArray[np.float32], begin: int, end: int) -> VectorIndex:
    index = opened(folder)
    index.add(np.arange(begin, end, dtype=np.uint64), vectors[begin:end])
    index.flush()
    return index


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "index" / "manifest.json").read_bytes().splitlines()[0])
    return found


def found_by(index: VectorIndex, vectors: NDArray[np.float32]) -> float:
    """The part of the true ten nearest that is found."""
    questions = clustered(20, seed=9)
    wanted = [set(exactly(vectors, question, 10)) for question in questions]
    got = [set(index.search(question, 10).keys[0].tolist()) for question in questions]
    return sum(len(one & other) for one, other in zip(wanted, got, strict=True)) / (10 * len(questions))


def files_with(folder: Path, vector: NDArray[np.float32]) -> list[str]:
    data = (vector / np.linalg.norm(vector)).astype(np.float16).tobytes()
    return [path.name for path in (folder / "index").rglob("*") if path.is_file() and data in path.read_bytes()]


def test_who_flushes_and_who_searches_do_not_wait(tmp_path: Path, vectors: NDArray[np.float32], slowly: Slowly) -> None:
    index = filled(tmp_path, vectors, 0, 1_000)

    assert slowly.began.wait(_PATIENCE)
    filled(tmp_path, vectors, 1_000, 2_000)

    assert manifest(tmp_path)["quantiser"] == ""
    assert found_by(index, vectors) == 1
    assert len(index) == 2_000


def test_what_came_meanwhile_is_found_with_the_rest(
    tmp_path: Path, vectors: NDArray[np.float32], slowly: Slowly
) -> None:
    index = filled(tmp_path, vectors, 0, 1_000)
    assert slowly.began.wait(_PATIENCE)
    filled(tmp_path, vectors, 1_000, 2_000)

    slowly.go_on.set()
    index.settle()

    parts = manifest(tmp_path)["parts"]
    assert [part["rows"] for part in parts] == [1_000, 1_000]
    assert {part["quantiser"] for part in parts} == {manifest(tmp_path)["quantiser"]}
    assert len(index) == len(opened(tmp_path)) == 2_000
    assert found_by(index, vectors) >= 0.95


def test_what_comes_at_the_very_end_has_codes_in_time(
    tmp_path: Path, vectors: NDArray[np.float32], slowly: Slowly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "_ROUNDS", 1)
    index = filled(tmp_path, vectors, 0, 1_000)
    assert slowly.began.wait(_PATIENCE)
    filled(tmp_path, vectors, 1_000, 1_990)
    slowly.go_on.set()
    index.settle()
    assert [bool(part["quantiser"]) for part in manifest(tmp_path)["parts"]] == [True, False]
    assert found_by(index, vectors[:1_990]) >= 0.95

    filled(tmp_path, vectors, 1_990, 2_000)

    assert all(part["quantiser"] for part in manifest(tmp_path)["parts"])
    assert found_by(index, vectors) >= 0.95


def test_lists_of_two_times_are_searched_together(
    tmp_path: Path, vectors: NDArray[np.float32], slowly: Slowly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "_ROUNDS", 1)
    slowly.go_on.set()
    filled(tmp_path, vectors, 0, 600).settle()
    slowly.began.clear()
    filled(tmp_path, vectors, 600, 700)
    index = opened(tmp_path)

    index.add(np.arange(700, 2_000, dtype=np.uint64), vectors[700:])
    index.settle()

    assert not slowly.began.is_set()
    index.add(np.arange(2_000, 3_000, dtype=np.uint64), clustered(1_000, seed=5))
    slowly.go_on.clear()
    index.flush()
    assert slowly.began.wait(_PATIENCE)
    index.add(np.arange(3_000, 4_000, dtype=np.uint64), clustered(1_000, seed=6))
    index.flush()
    slowly.go_on.set()
    index.settle()

    assert len({part["quantiser"] for part in manifest(tmp_path)["parts"]}) == 2
    assert found_by(index, np.concatenate([vectors, clustered(1_000, seed=5), clustered(1_000, seed=6)])) >= 0.95


def test_what_is_removed_meanwhile_is_on_no_disk_and_does_not_come_back(
    tmp_path: Path, vectors: NDArray[np.float32], slowly: Slowly, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what is written already, and only waits to be put in place."""
    written, put = threading.Event(), threading.Event()

    def merges(*arguments: Any) -> int:
        rows = merge(*arguments)
        written.set()
        assert put.wait(_PATIENCE)
        return rows

    monkeypatch.setattr(learning, "merge", merges)
    slowly.go_on.set()
    index = filled(tmp_path, vectors, 0, 1_000)
    assert written.wait(_PATIENCE)
    assert len(files_with(tmp_path, vectors[5])) == 2

    index.remove(np.array([5], np.uint64))
    index.flush()

    assert files_with(tmp_path, vectors[5]) == []
    put.set()
    index._learning.wait()  # type: ignore[attr-defined]  # what was under way, and not what settling would begin
    assert manifest(tmp_path)["quantiser"] == ""
    index.settle()
    assert manifest(tmp_path)["quantiser"]
    assert files_with(tmp_path, vectors[5]) == []
    assert len(index) == 999
    assert 5 not in index.search(vectors[5], 999).keys[0]


def test_one_learns_at_a_time(tmp_path: Path, vectors: NDArray[np.float32], slowly: Slowly) -> None:
    filled(tmp_path, vectors, 0, 1_000)
    assert slowly.began.wait(_PATIENCE)

    other = opened(tmp_path)
    other.settle()

    assert slowly.times == 1


def test_what_one_left_who_was_killed_is_taken_away(
    tmp_path: Path, vectors: NDArray[np.float32], slowly: Slowly
) -> None:
    filled(tmp_path, vectors, 0, 100)
    left = tmp_path / "index" / learning.LEARNING
    left.mkdir()
    (left / "of.json").write_text('["segment-1"]')
    (left / "segment-of-somebody").write_bytes(b"half of it")
    slowly.go_on.set()

    filled(tmp_path, vectors, 100, 1_000).settle()

    assert not left.exists()
    assert manifest(tmp_path)["quantiser"]
    assert found_by(opened(tmp_path), vectors[:1_000]) >= 0.95


def test_an_index_that_is_thrown_away_stays_away(tmp_path: Path, vectors: NDArray[np.float32], slowly: Slowly) -> None:
    old = filled(tmp_path, vectors, 0, 1_000)
    assert slowly.began.wait(_PATIENCE)

    made = [(np.arange(10, dtype=np.uint64), vectors[:10])]
    index = rebuild_index(tmp_path / "index", _DIMENSIONS, "a model", made)
    slowly.go_on.set()
    old._learning.wait()  # type: ignore[attr-defined]  # that of the index before

    assert len(index) == len(opened(tmp_path)) == 10
