"""What is remembered is written whole or not at all, and what it was stays."""

import pytest

from agentreplay.core import memory
from agentreplay.core.memory_writing import MemoryWriting, redactor_for
from agentreplay.core.redact import Redactor
from agentreplay.errors import FactConflict, MemoryChanged, MemoryMissing, MemoryVersionMissing
from agentreplay.model.fact import Author, FactPosition
from agentreplay.model.ids import SessionId
from agentreplay.model.memory import Record
from agentreplay.model.page import PageRequest
from agentreplay.model.time import Nanoseconds
from agentreplay.settings import Settings
from agentreplay.store.memory import MemoryStore
from tests.store.remembering import NOTES, OF_AGENT, texts

NOW = 1_000_000


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def writing(store: MemoryStore) -> MemoryWriting:
    return MemoryWriting(store, clock=lambda: NOW)


def test_what_is_added_gets_ids_and_one_position(store: MemoryStore, writing: MemoryWriting) -> None:
    saved = writing.add(NOTES, [Record(text="one"), Record(text="two")])

    assert len(set(saved.ids)) == 2
    assert sorted(texts(store).values()) == ["one", "two"]
    assert {held.version.position for held in memory.each(store.memories, NOTES)} == {saved.position}


def test_what_is_there_already_is_not_written_again(writing: MemoryWriting) -> None:
    writing.upsert(NOTES, {"a": Record(text="one"), "b": Record(text="two")})

    assert writing.upsert(NOTES, {"a": Record(text="one"), "b": Record(text="three")}).ids == ("b",)


def test_fields_are_changed_and_the_rest_stays(store: MemoryStore, writing: MemoryWriting) -> None:
    writing.upsert(NOTES, {"a": Record(text="one", author="me")})

    changed = writing.update(NOTES, "a", text="two", expected=1)

    assert (changed.version, changed.record) == (2, Record(text="two", author="me"))
    assert memory.at_version(store.facts, NOTES, "a", 1).record == Record(text="one", author="me")
    with pytest.raises(MemoryChanged):
        writing.update(NOTES, "a", text="three", expected=1)
    with pytest.raises(MemoryMissing):
        writing.update(NOTES, "b", text="three")
    with pytest.raises(MemoryVersionMissing):
        memory.at_version(store.facts, NOTES, "a", 3)


def test_of_two_changes_at_once_none_is_lost(store: MemoryStore, writing: MemoryWriting) -> None:
    writing.upsert(NOTES, {"a": Record(text="one")})

    def meddle(_: int) -> bytes:
        """Just before the commit, when the record was read."""
        if not meddled:
            meddled.append(MemoryWriting(store).update(NOTES, "a", author="other"))
        return bytes(10)

    meddled: list[object] = []
    MemoryWriting(store, randomness=meddle).update(NOTES, "a", importance=1.0)

    assert memory.get(store.memories, NOTES, "a").record == Record(text="one", author="other", importance=1.0)


def test_what_was_removed_has_its_history(store: MemoryStore, writing: MemoryWriting) -> None:
    writing.upsert(NOTES, {"a": Record(text="one")})
    writing.remove(NOTES, ["a"])

    found = memory.history(store.facts, NOTES, "a", PageRequest())
    assert [version.record for version in found.items] == [None, Record(text="one")]
    with pytest.raises(MemoryMissing):
        memory.history(store.facts, NOTES, "b", PageRequest())
    with pytest.raises(MemoryMissing):
        writing.remove(NOTES, ["a"])


def test_what_expired_is_swept(store: MemoryStore, writing: MemoryWriting) -> None:
    writing.upsert(NOTES, {"a": Record(text="one"), "b": Record(text="two"), "c": Record(text="three")})
    writing.expire(NOTES, ["a"])
    writing.expire(NOTES, ["b"], Nanoseconds(NOW + 1))

    assert writing.sweep(NOTES).ids == ("a",)
    assert set(texts(store)) == {"b", "c"}


def test_merged_records_become_one_that_tells_of_them(store: MemoryStore, writing: MemoryWriting) -> None:
    writing.upsert(NOTES, {"a": Record(text="Ada is down.", metadata={"x": 1})})
    writing.upsert(NOTES, {"b": Record(text="ada is  down", metadata={"x": 2, "y": 3}, importance=0.9)})
    writing.upsert(NOTES, {"c": Record(text="Ada is up.")})

    assert writing.merge_duplicates(NOTES) == 1
    assert memory.get(store.memories, NOTES, "a").record == Record(
        text="Ada is down.", metadata={"x": 1, "y": 3}, importance=0.9, merged=("b",)
    )
    assert set(texts(store)) == {"a", "c"}


def test_a_fork_knows_what_was_known_then_except_for_what_is_left_out(
    store: MemoryStore, writing: MemoryWriting
) -> None:
    then = writing.upsert(NOTES, {"a": Record(text="one"), "b": Record(text="two")}).position
    writing.upsert(NOTES, {"a": Record(text="later"), "c": Record(text="three")})

    writing.fork(NOTES, OF_AGENT, then, without=["b"])

    assert texts(store, OF_AGENT) == {"a": "one"}
    with pytest.raises(FactConflict):
        writing.fork(NOTES, OF_AGENT)
    with pytest.raises(MemoryMissing):
        writing.fork(NOTES, OF_AGENT._replace(name="x"), without=["nobody"])


def test_a_difference_tells_both_sides(store: MemoryStore, writing: MemoryWriting) -> None:
    before = writing.upsert(NOTES, {"a": Record(text="one"), "b": Record(text="two")}).position
    writing.upsert(NOTES, {"a": Record(text="other"), "c": Record(text="three")}, gone=["b"])

    found = {one.id: (one.before, one.after) for one in memory.diff(store.facts, NOTES, before)}
    assert {key: (one is not None, other is not None) for key, (one, other) in found.items()} == {
        "a": (True, True),
        "b": (True, False),
        "c": (False, True),
    }
    assert memory.diff(store.facts, NOTES, FactPosition(0), before)


def test_who_wrote_is_signed(store: MemoryStore) -> None:
    author = Author(session=SessionId("s"))
    MemoryWriting(store, author=lambda: author).add(NOTES, [Record(text="one")])

    [entry] = store.facts.read(NOTES.state)
    assert entry.author == author


def test_secrets_are_taken_out(store: MemoryStore) -> None:
    secret = "ghp_" + "a1B2" * 9
    MemoryWriting(store, redactor=Redactor()).upsert(NOTES, {"a": Record(text=f"use {secret}", metadata={"k": secret})})

    record = memory.get(store.memories, NOTES, "a").record
    assert secret not in record.text + str(record.metadata)


def test_a_project_that_keeps_all_keeps_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    assert redactor_for(Settings.read({}), NOTES.project) is not None
    monkeypatch.setattr("agentreplay.core.memory_writing.policy_of", lambda *_: "full")
    assert redactor_for(Settings.read({}), NOTES.project) is None
