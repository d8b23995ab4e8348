"""What only a store on disk can promise of memories: bytes that are gone, and an index that can be made anew."""

from contextlib import closing
from pathlib import Path

import pytest

from agentreplay.model.memory import RecordId
from agentreplay.store.sqlite.connection import connect
from agentreplay.store.sqlite.salvage import salvage
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.store.sqlite.upkeep import rebuild
from tests.store.remembering import ALL, NOTES, OTHER_PROJECT, found, keep

SECRET = "zanzibarquux"


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_no_file_has_what_was_forgotten(folder: Path) -> None:
    """Not even after pictures were taken of it, and beside records that stay."""
    with closing(SqliteStore(folder)) as store:
        keep(store, {"a": f"the word is {SECRET}", "b": "stays", **{f"x{n}": f"{n} " * 400 for n in range(200)}})
        keep(store, {"a": f"{SECRET} {SECRET} again"})
        number = next(iter(store.memories.search((NOTES,), SECRET, ALL, 1))).held.number
        store.memories.embed(NOTES, "m", {number: SECRET.encode()})
        assert SECRET.encode() in bytes_of(folder)

        store.memories.forget(NOTES, [RecordId("a")])

        assert SECRET.encode() not in bytes_of(folder)
        assert found(store, "stays") == ["b"]
    assert SECRET.encode() not in bytes_of(folder)


def test_the_index_is_made_anew_and_keeps_the_numbers(folder: Path) -> None:
    with closing(SqliteStore(folder)) as store:
        keep(store, {"a": "apple", "b": "pear"})
        numbers = store.memories.numbers(NOTES)
        store.memories.embed(NOTES, "m", {numbers[0]: b"1"})
    with closing(connect(folder)) as connection:
        connection.execute("DELETE FROM memory_text")

    rebuild(folder, lambda *_: None)

    with closing(SqliteStore(folder)) as store:
        assert found(store, "apple") == ["a"]
        assert store.memories.numbers(NOTES) == numbers
        assert store.memories.models(NOTES) == {"m": 1}


def test_records_are_saved_from_a_damaged_store(folder: Path, tmp_path: Path) -> None:
    with closing(SqliteStore(folder)) as store:
        keep(store, {"a": "apple"})
        keep(store, {"b": "apple"}, OTHER_PROJECT)

    salvage(folder, tmp_path / "saved", lambda *_: None)

    with closing(SqliteStore(tmp_path / "saved")) as store:
        assert found(store, "apple", NOTES, OTHER_PROJECT) == ["b", "a"]
