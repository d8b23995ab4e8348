"""What the index promises: see agentreplay.vectors.protocol."""

import json
import multiprocessing
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agentreplay.errors import DiskFailing, VectorsDamaged, VectorsForeign, VectorsUnfit
from agentreplay.vectors import VectorIndex, learning, merging, open_index
from agentreplay.vectors import index as implementation
from tests.vectors.clusters import clustered, exactly

_DIMENSIONS = 64
Keys = NDArray[np.uint64]


@pytest.fixture
def vectors() -> NDArray[np.float32]:
    return clustered(3_000)


@pytest.fixture
def few_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are used from 500 vectors on, so that a test need not make 20,000."""
    monkeypatch.setattr(learning, "EXACT", 500)


def opened(folder: Path) -> VectorIndex:
    return open_index(folder / "index", _DIMENSIONS, "a model")


def keys_of(rows: "range | list[int]") -> Keys:
    return np.array(list(rows), np.uint64)


def nearest(index: VectorIndex, question: NDArray[np.float32], count: int, allowed: Keys | None = None) -> list[int]:
    found = index.search(question, count, allowed)
    return [int(key) for key, score in zip(found.keys[0], found.scores[0], strict=True) if score > -np.inf]


def recall(index: VectorIndex, vectors: NDArray[np.float32], allowed: Keys | None = None) -> float:
    """The part of the true ten nearest that is found, of vectors whose keys are their rows."""
    questions = clustered(50, seed=9)
    rows = np.arange(len(vectors)) if allowed is None else allowed.astype(np.int64)
    hits = 0
    for question in questions:
        wanted = {int(rows[place]) for place in exactly(vectors[rows], question, 10)}
        hits += len(wanted & set(nearest(index, question, 10, allowed)))
    return hits / (10 * len(questions))


def test_few_vectors_are_found_exactly_with_their_cosine(tmp_path: Path, vectors: NDArray[np.float32]) -> None:
    index = opened(tmp_path)
    index.add(keys_of(range(3_000)), 7 * vectors)
    question = clustered(1, seed=8)[0]

    unflushed = index.search(question, 10)
    index.flush()
    flushed = index.search(question, 10)

    assert [int(key) for key in unflushed.keys[0]] == exactly(vectors, question, 10)
    assert flushed.keys.tolist() == unflushed.keys.tolist()
    assert np.allclose(flushed.scores, unflushed.scores, atol=1e-3)
    assert np.allclose(flushed.scores[0, 0], (vectors @ question).max(), atol=1e-3)


@pytest.mark.usefixtures("few_are_exact")
def test_many_vectors_are_found_by_their_codes(tmp_path: Path, vectors: NDArray[np.float32]) -> None:
    index = opened(tmp_path)
    for start in range(0, 3_000, 250):
        index.add(keys_of(range(start, start + 250)), vectors[start : start + 250])
        index.settle()

    assert json.loads((tmp_path / "index" / "manifest.json").read_bytes().splitlines()[0])["quantiser"]
    assert len(index) == 3_000
    assert recall(index, vectors) >= 0.95


@pytest.mark.usefixtures("few_are_exact")
@pytest.mark.parametrize("part", [2, 30, 1_000])
def test_only_what_is_allowed_is_found_and_all_of_it_counts(
    tmp_path: Path, vectors: NDArray[np.float32], part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filtering comes before the best are taken: ten of those allowed come, however many others are nearer."""
    monkeypatch.setattr("agentreplay.vectors.searching._FEW", 500)
    index = opened(tmp_path)
    index.add(keys_of(range(3_000)), vectors)
    index.settle()
    allowed = keys_of(range(0, 3_000, part))

    assert recall(index, vectors, allowed) >= (0.95 if len(allowed) >= 10 else len(allowed) / 10)
    assert set(nearest(index, vectors[1], 10, allowed)) <= {int(key) for key in allowed}
    assert nearest(index, vectors[1], 10, keys_of([])) == []


@pytest.mark.usefixtures("few_are_exact")
def test_where_all_that_is_allowed_is_far_away_it_is_found(
    tmp_path: Path, vectors: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A filter may choose just those that stand in no list near the question."""
    monkeypatch.setattr("agentreplay.vectors.searching._FEW", 5)
    monkeypatch.setattr("agentreplay.vectors.searching._LISTS", 1)
    index = opened(tmp_path)
    index.add(keys_of(range(3_000)), vectors)
    index.settle()
    question = vectors[0]
    farthest = keys_of(sorted(exactly(vectors, -question, 20)))

    assert len(nearest(index, question, 10, farthest)) == 10


@pytest.mark.usefixtures("few_are_exact")
def test_a_key_that_is_added_again_has_the_new_vector_only(tmp_path: Path, vectors: NDArray[np.float32]) -> None:
    index = opened(tmp_path)
    index.add(keys_of(range(3_000)), vectors)
    index.flush()

    index.add(keys_of([7]), -vectors[7])
    before = nearest(index, vectors[7], 3_000)
    index.flush()

    for found in (before, nearest(index, vectors[7], 3_000)):
        assert found[0] != 7
        assert found.count(7) == 1
    assert len(index) == 3_000


@pytest.mark.usefixtures("few_are_exact")
def test_what_is_removed_is_not_found_and_not_on_the_disk(tmp_path: Path, vectors: NDArray[np.float32]) -> None:
    index = opened(tmp_path)
    index.add(keys_of(range(3_000)), vectors)
    index.settle()
    secret = (vectors[5] / np.linalg.norm(vectors[5])).astype(np.float16).tobytes()
    assert any(secret in path.read_bytes() for path in (tmp_path / "index").iterdir())

    index.remove(keys_of([5, 999_999]))

    assert 5 not in nearest(index, vectors[5], 3_000)
    index.flush()
    assert 5 not in nearest(index, vectors[5], 3_000)
    assert len(index) == len(opened(tmp_path)) == 2_999
    assert not any(secret in path.read_bytes() for path in (tmp_path / "index").iterdir())


def test_what_was_not_flushed_is_not_there_after_a_crash_and_the_position_says_so(
    tmp_path: Path, vectors: NDArray[np.float32]
) -> None:
    index = opened(tmp_path)
    index.add(keys_of(range(10)), vectors[:10])
    index.flush(position=41)
    index.add(keys_of([10]), vectors[10])

    again = opened(tmp_path)

    assert (len(again), again.position) == (10, 41)


def test_files_of_a_flush_that_did_not_end_are_ignored_and_taken_away(
    tmp_path: Path, vectors: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    index = opened(tmp_path)
    index.add(keys_of(range(10)), vectors[:10])
    index.flush()

    def dies(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(implementation, "write_manifest", dies)
        index.add(keys_of([10]), vectors[10])
        with pytest.raises(DiskFailing, match="No space"):
            index.flush()
    again = opened(tmp_path)

    assert len(again) == 10
    index.flush()
    assert len(again) == 11
    assert {path.name for path in (tmp_path / "index").iterdir()} == {"lock", "manifest.json", "segment-2"}


def test_another_process_sees_what_was_flushed(tmp_path: Path, vectors: NDArray[np.float32]) -> None:
    """Two that have the folder open stand for two processes: nothing but files is shared."""
    one, other = opened(tmp_path), opened(tmp_path)
    one.add(keys_of(range(10)), vectors[:10])
    assert len(other) == 0

    one.flush()
    other.add(keys_of([3, 20]), vectors[[30, 20]])
    one.remove(keys_of([4]))
    other.flush()
    one.flush()

    for index in (one, other, opened(tmp_path)):
        assert nearest(index, vectors[30], 1) == [3]
        assert sorted(nearest(index, vectors[0], 99)) == [0, 1, 2, 3, 5, 6, 7, 8, 9, 20]


def test_threads_may_add_while_others_search(tmp_path: Path, vectors: NDArray[np.float32]) -> None:
    index = opened(tmp_path)
    failed: list[BaseException] = []

    def doing(work: Callable[[int], object]) -> threading.Thread:
        def run() -> None:
            try:
                for number in range(30):
                    work(number)
            except BaseException as error:  # noqa: BLE001  # told by the test
                failed.append(error)

        return threading.Thread(target=run)

    def add(number: int) -> None:
        index.add(keys_of(range(10 * number, 10 * number + 10)), vectors[10 * number : 10 * number + 10])
        if number % 5 == 0:
            index.flush()

    threads = [doing(add), doing(lambda number: index.search(vectors[number], 10)), doing(lambda _: len(index))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failed
    assert len(index) == 300


@pytest.mark.slow
@pytest.mark.usefixtures("few_are_exact")
def test_a_process_that_is_killed_leaves_a_whole_flush(tmp_path: Path, vectors: NDArray[np.float32]) -> None:
    """Each flush adds ten keys and says so in its position; whenever the writer dies, the two agree."""
    context = multiprocessing.get_context("spawn")
    for wait in (0.02, 0.05, 0.1, 0.2):
        started = context.Event()
        writer = context.Process(target=_add_for_ever, args=(tmp_path, started))
        writer.start()
        started.wait(60)
        writer.join(wait)
        writer.kill()
        writer.join()

        index = opened(tmp_path)
        assert len(index) == 10 * index.position
        assert recall(index, clustered(20_000)[: len(index)]) >= 0.95


def _add_for_ever(folder: Path, started: "threading.Event") -> None:
    learning.EXACT = 500
    vectors, index = clustered(20_000), opened(folder)
    for number in range(index.position, 2_000):
        index.add(keys_of(range(10 * number, 10 * number + 10)), vectors[10 * number : 10 * number + 10])
        index.flush(number + 1)
        started.set()


def test_vectors_of_another_model_or_length_are_told(tmp_path: Path, vectors: NDArray[np.float32]) -> None:
    index = opened(tmp_path)
    index.add(keys_of([1]), vectors[1])
    index.flush()

    with pytest.raises(VectorsForeign, match="are of a model with 64 numbers each, not of another with 64"):
        open_index(tmp_path / "index", _DIMENSIONS, "another")
    with pytest.raises(VectorsForeign):
        open_index(tmp_path / "index", 32, "a model")


@pytest.mark.parametrize("damage", ["cut", "flip", "missing", "manifest"])
def test_damage_is_told(tmp_path: Path, vectors: NDArray[np.float32], damage: str) -> None:
    index = opened(tmp_path)
    index.add(keys_of(range(10)), vectors[:10])
    index.flush()
    segment = next((tmp_path / "index").glob("segment-*"))
    match damage:
        case "cut":
            segment.write_bytes(segment.read_bytes()[:-1])
        case "flip":
            segment.write_bytes(b"x" + segment.read_bytes()[1:])
        case "missing":
            segment.unlink()
        case _:
            manifest = tmp_path / "index" / "manifest.json"
            manifest.write_bytes(manifest.read_bytes().replace(b'"rows":10', b'"rows":11'))

    with pytest.raises(VectorsDamaged):
        opened(tmp_path)


@pytest.mark.parametrize(
    "rows", [np.zeros((2, 63), np.float32), np.full((2, 64), np.nan, np.float32), np.zeros((3, 64), np.float32)]
)
def test_vectors_that_do_not_fit_are_refused_whole(tmp_path: Path, rows: NDArray[np.float32]) -> None:
    index = opened(tmp_path)

    with pytest.raises(VectorsUnfit):
        index.add(keys_of([1, 2]), rows)

    assert len(index) == 0


_changes = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.lists(st.integers(0, 30), max_size=6)),
        st.tuples(st.just("remove"), st.lists(st.integers(0, 30), max_size=6)),
        st.tuples(st.just("flush"), st.just([0])),
        st.tuples(st.just("settle"), st.just([0])),
        st.tuples(st.just("reopen"), st.just([0])),
    ),
    max_size=25,
)


@given(changes=_changes)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_was_done_it_holds_what_a_plain_dict_would(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, list[int]]]
) -> None:
    """With codes from 5 vectors on, so that every path is walked."""
    folder = tmp_path_factory.mktemp("plain")
    rows = clustered(200, seed=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "EXACT", 5)
        index, plain, used = opened(folder), dict[int, int](), 0
        for what, keys in changes:
            match what:
                case "add":
                    places = [(used + number) % 200 for number in range(len(keys))]
                    used += len(keys)
                    index.add(keys_of(keys), rows[places])
                    plain.update(zip(keys, places, strict=True))
                case "remove":
                    index.remove(keys_of(keys))
                    for key in keys:
                        plain.pop(key, None)
                case "settle":
                    index.settle()
                case _:
                    index.flush()
                    index = opened(folder) if what == "reopen" else index
            assert len(index) == len(plain)
        found = index.search(rows[0], 31)
    pairs = zip(found.keys[0].tolist(), found.scores[0].tolist(), strict=True)
    scores = {key: score for key, score in pairs if score > -np.inf}
    assert scores.keys() == plain.keys()
    assert all(abs(scores[key] - rows[place] @ rows[0]) < 2e-3 for key, place in plain.items())


def test_small_segments_are_merged_and_large_ones_left(
    tmp_path: Path, vectors: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "_SMALL", 1)
    index = opened(tmp_path)
    for number in range(100):
        index.add(keys_of([number]), vectors[number])
        index.flush()

    manifest = json.loads((tmp_path / "index" / "manifest.json").read_bytes().splitlines()[0])
    sizes = [part["rows"] for part in manifest["parts"]]

    assert sum(sizes) == 100
    assert len(sizes) <= 5
    assert all(before >= merging._FACTOR * after for before, after in pairwise(sizes))
