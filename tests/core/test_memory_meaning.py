"""Memories are found by meaning: from the store, through an index that may be lost at any time."""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agentreplay.contents.text import words_of
from agentreplay.core.memory_meaning import StoredMeaning, forget_for_good
from agentreplay.core.memory_search import MemoryAnswer, MemoryQuestion, search
from agentreplay.embeddings.protocol import Embedder, Purpose
from agentreplay.errors import ModelMissing
from agentreplay.model.memory import MemoryFilter, Record, RecordId
from agentreplay.model.time import Nanoseconds
from agentreplay.store.sqlite.store import SqliteStore
from tests.store.remembering import ALL, NOTES, OF_AGENT, keep

SYNONYMS = {"car": "vehicle", "automobile": "vehicle", "wheels": "vehicle", "meal": "lunch", "dinner": "lunch"}


class Synonyms:
    """Texts of the same words lie together, whichever of two synonyms they use."""

    most_tokens = 256
    dimensions = 64

    def __init__(self, name: str = "m") -> None:
        self.name = name
        self.embedded = 0

    def embed(self, texts: Sequence[str], purpose: Purpose) -> NDArray[np.float32]:
        self.embedded += len(texts) if purpose == "passage" else 0
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in words_of(text):
                digest = hashlib.sha256((self.name + SYNONYMS.get(word, word)).encode()).digest()
                row[digest[0] % self.dimensions] += 1
        lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        found: NDArray[np.float32] = (rows / lengths).astype(np.float32)
        return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(tmp_path / "data")) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vectors"


def meaning(store: SqliteStore, folder: Path, model: str = "m", known: Sequence[Embedder] = ()) -> StoredMeaning:
    embedders = {one.name: one for one in (*known, Synonyms("m"))}
    return StoredMeaning(store, folder, model, lambda name: embedders[name])


def near(
    store: SqliteStore, folder: Path, text: str, where: MemoryFilter = ALL, most: int = 5, **more: object
) -> list[str]:
    found = meaning(store, folder, **more).near((NOTES,), text, where, most)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    return [held.version.id for held, cosine in found if cosine > 0.3]


def test_what_means_the_same_is_found(store: SqliteStore, folder: Path) -> None:
    keep(store, {"car": "a car", "noon": "the meal at noon", "other": "something else entirely"})

    assert near(store, folder, "automobile") == ["car"]
    keep(store, {"new": "one more automobile"})
    assert set(near(store, folder, "vehicle")) == {"car", "new"}


def test_both_together_find_more_than_each(store: SqliteStore, folder: Path) -> None:
    keep(store, {"car": "a car", "error": "the error E1234 of the engine", "other": "something else entirely"})

    asked = MemoryQuestion(text="automobile E1234", collections=(NOTES,), count=2)
    answer: MemoryAnswer = search(store, asked, Nanoseconds(0), meaning(store, folder))
    assert answer.by == "both"
    assert {hit.version.id for hit in answer.hits} == {"car", "error"}


def test_what_is_not_meant_takes_no_place(store: SqliteStore, folder: Path) -> None:
    keep(store, {f"many-{number}": f"car {number}" for number in range(300)})
    keep(store, {"mine": Record(text="car among many other words of all kinds", author="me")})
    meaning(store, folder).reembed(NOTES)

    assert near(store, folder, "car", MemoryFilter(author="me"), 1) == ["mine"]


def test_what_was_changed_or_removed_is_not_found(store: SqliteStore, folder: Path) -> None:
    keep(store, {"a": "a car", "b": "a car"})
    assert set(near(store, folder, "car")) == {"a", "b"}
    keep(store, {"a": "the meal"})

    assert near(store, folder, "car") == ["b"]
    assert near(store, folder, "lunch") == ["a"]


@pytest.mark.parametrize("how", ["lost", "damaged", "older"])
def test_an_index_is_made_anew_from_the_store(store: SqliteStore, folder: Path, tmp_path: Path, how: str) -> None:
    keep(store, {"a": "a car"})
    near(store, folder, "car")
    if how == "older":
        shutil.copytree(folder, tmp_path / "older")
        keep(store, {"b": "two car"})
        near(store, folder, "car")
    for place in folder.glob("*/*") if how != "damaged" else ():
        shutil.rmtree(place)
    for file in (path for path in folder.rglob("*") if path.is_file() and how == "damaged"):
        file.write_bytes(b"x" * 50)
    if how == "older":
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "older", folder)

    assert set(near(store, folder, "car")) == ({"a", "b"} if how == "older" else {"a"})


def test_the_model_before_serves_until_the_new_one_has_made_all(store: SqliteStore, folder: Path) -> None:
    keep(store, {f"car-{number}": f"a car {number}" for number in range(5)})
    near(store, folder, "car")
    other = Synonyms("other")

    assert near(store, folder, "automobile", model="other", known=(other,))
    assert other.embedded == 0
    changed = meaning(store, folder, "other", (other,))
    assert changed.reembed(NOTES) == 5
    assert store.memories.models(NOTES) == {"other": 5}
    assert changed.reembed(NOTES) == 0
    assert len(list(folder.glob("*/*"))) == 1
    assert near(store, folder, "automobile", model="other", known=(other,))


def test_what_lacks_a_vector_is_counted(store: SqliteStore, folder: Path) -> None:
    keep(store, {f"{number}": f"car {number}" for number in range(300)})
    searching = meaning(store, folder)

    assert searching.lacking((NOTES, OF_AGENT)) == 300
    answer = search(store, MemoryQuestion(text="car", collections=(NOTES,)), Nanoseconds(0), searching)
    assert searching.lacking((NOTES,)) == 284
    assert answer.note == "284 records have no vector yet; `agentreplay memory reembed` makes them"


def test_what_is_like_a_better_hit_gives_way(store: SqliteStore, folder: Path) -> None:
    keep(store, {"a": "red car", "b": "red automobile", "c": "red wine"})

    asked = MemoryQuestion(text="red car", collections=(NOTES,), count=2, by="meaning", diversity=0.5)
    hits = search(store, asked, Nanoseconds(0), meaning(store, folder)).hits
    assert {hit.version.id for hit in hits} > {"c"}


def test_vectors_of_what_is_forgotten_go_too(store: SqliteStore, folder: Path) -> None:
    keep(store, {"a": "a car", "b": "the meal"})
    near(store, folder, "car")
    held = store.memories.get(NOTES, RecordId("a"))
    assert held is not None
    [(_, vector), *_] = store.memories.embeddings(NOTES, "m")
    in_index = np.frombuffer(vector, "<f4").astype("<f2").tobytes()
    assert vector in bytes_of(folder.parent)
    assert in_index in bytes_of(folder)

    went = forget_for_good(store, folder, NOTES, ["a"])

    assert (went.records, went.vectors) == (1, 1)
    assert any(path.name.endswith("-wal") for path in folder.parent.iterdir())
    assert vector not in bytes_of(folder.parent)
    assert in_index not in bytes_of(folder)
    assert near(store, folder, "lunch") == ["b"]


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_what_was_made_by_a_model_that_is_gone_is_an_error_of_its_own(store: SqliteStore, folder: Path) -> None:
    keep(store, {"a": "a car"})

    def none(name: str) -> Embedder:
        raise ModelMissing(model=name)

    with pytest.raises(ModelMissing):
        StoredMeaning(store, folder, "m", none).near((NOTES,), "car", ALL, 1)
