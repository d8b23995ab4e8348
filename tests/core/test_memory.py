"""What a collection comes to, and how it is told."""

from agentreplay.core import memory
from agentreplay.core.plain import plain
from agentreplay.model.fact import FactPosition
from agentreplay.model.memory import Record
from agentreplay.store.memory import MemoryStore
from tests.store.remembering import NOTES, OF_AGENT, keep, take_out


def test_statistics_count_what_is_held_now() -> None:
    store = MemoryStore()
    keep(store, {"a": "one", "b": "three"})
    take_out(store, "a")

    told = memory.statistics(store.memories, NOTES)
    assert (told.records, told.characters, told.models) == (1, 5, {})
    assert memory.statistics(store.memories, OF_AGENT).changed is None


def test_every_page_is_read() -> None:
    store = MemoryStore()
    keep(store, {f"{number:04}": "text" for number in range(1_001)})

    assert len(list(memory.each(store.memories, NOTES))) == 1_001


def test_a_removal_is_told_without_text() -> None:
    store = MemoryStore()
    keep(store, {"a": Record(text="one", importance=0.7)})
    take_out(store, "a")

    versions = [plain(memory.tell(NOTES, memory.at_version(store.facts, NOTES, "a", number))) for number in (1, 2)]
    assert [(one["text"], one["importance"], one["version"]) for one in versions] == [("one", 0.7, 1), (None, 0.0, 2)]


def test_a_difference_is_told_from_nothing() -> None:
    store = MemoryStore()
    keep(store, {"a": "one"})

    [one] = memory.diff(store.facts, NOTES, FactPosition(0))
    told = plain(memory.tell_difference(NOTES, one))
    assert (told["before"], told["after"]["text"]) == (None, "one")


def test_a_collection_is_named_with_its_owner() -> None:
    assert memory.spell_collection(NOTES) == "notes"
    assert memory.spell_collection(OF_AGENT) == "notes of agent:planner"
