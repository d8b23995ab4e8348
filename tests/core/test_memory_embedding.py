"""How far vectors are is read from the store, whoever makes them."""

from agentreplay.core.memory_embedding import (
    CollectionVectors,
    is_unfinished,
    serving_model,
    vectors_of_collection,
    vectors_of_project,
)
from agentreplay.store.memory import MemoryStore
from tests.store.remembering import NOTES, OF_AGENT, OTHER_PROJECT, keep


def embed(store: MemoryStore, model: str, count: int) -> None:
    for number in store.memories.numbers(NOTES)[:count]:
        store.memories.embed(NOTES, model, {number: b"0000"})


def test_the_model_before_serves_until_the_new_one_made_as_many() -> None:
    store = MemoryStore()
    keep(store, {"a": "apple", "b": "pear", "c": "plum"})

    assert serving_model(store.memories, NOTES, "new") == "new"
    embed(store, "old", 3)
    embed(store, "new", 2)
    assert serving_model(store.memories, NOTES, "new") == "old"
    assert vectors_of_collection(store.memories, NOTES, "new") == CollectionVectors(
        collection="notes", owner="", serving="old", made=2, of=3, others=3
    )
    embed(store, "new", 3)
    assert serving_model(store.memories, NOTES, "new") == "new"


def test_a_change_is_unfinished_until_the_vectors_before_are_gone() -> None:
    store = MemoryStore()
    keep(store, {"a": "apple"})
    keep(store, {"b": "apple"}, OF_AGENT)
    keep(store, {"c": "apple"}, OTHER_PROJECT)

    def unfinished() -> bool:
        return is_unfinished(vectors_of_project(store.memories, NOTES.tenant, NOTES.project, "new"))

    assert not unfinished()
    embed(store, "old", 1)
    embed(store, "new", 1)
    assert unfinished()
    store.memories.drop_embeddings(NOTES, "old")
    assert not unfinished()
    assert len(vectors_of_project(store.memories, NOTES.tenant, NOTES.project, "new")) == 2
