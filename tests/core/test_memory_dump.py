"""An export is taken in again exactly, or not at all."""

import pytest

from agentreplay.core.memory_dump import dump, load
from agentreplay.core.memory_writing import MemoryWriting
from agentreplay.errors import FormatTooNew, ValueInvalid
from agentreplay.model.memory import Record, Source
from agentreplay.store.memory import MemoryStore
from tests.store.remembering import NOTES, OF_AGENT, keep, texts

RECORD = Record(text="one", metadata={"n": 1.5, "b": True}, source=Source(place="a.md", first_line=1), importance=0.7)


def test_what_was_exported_comes_back() -> None:
    store, other = MemoryStore(), MemoryStore()
    keep(store, {"a": RECORD})
    then = keep(store, {"b": "two"}, OF_AGENT).position
    keep(store, {"a": "later"})

    lines = list(dump(store.facts, [NOTES, OF_AGENT], then))

    assert load(MemoryWriting(other), *NOTES[:2], lines) == 2
    assert load(MemoryWriting(other), *NOTES[:2], lines) == 0
    [held] = other.memories.find(NOTES).items
    assert held.record == RECORD
    assert texts(other, OF_AGENT) == {"b": "two"}
    assert load(MemoryWriting(other), *NOTES[:2], lines, NOTES) == 1


@pytest.mark.parametrize(
    "line", ["{", '{"collection": "notes", "id": "", "record": {"text": "a"}}', '{"collection": "x", "id": "a"}']
)
def test_of_an_export_with_a_broken_line_nothing_is_taken(line: str) -> None:
    store = MemoryStore()
    keep(store, {"a": "one"})
    lines = [*dump(store.facts, [NOTES]), line]
    other = MemoryStore()

    with pytest.raises(ValueInvalid):
        load(MemoryWriting(other), *NOTES[:2], lines)
    assert texts(other) == {}


def test_what_is_no_export_is_refused() -> None:
    with pytest.raises(ValueInvalid):
        load(MemoryWriting(MemoryStore()), *NOTES[:2], [])
    with pytest.raises(FormatTooNew):
        load(MemoryWriting(MemoryStore()), *NOTES[:2], ['{"format": "agentreplay-memory", "version": 2}'])
