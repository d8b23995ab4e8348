"""What agents remember, asked from Python as a program in the same folder would."""

from typing import Any

import pytest

from agentreplay.client.client import Client
from agentreplay.errors import ServerContradicts, ServerLacks


def ids(page: Any) -> list[str]:
    return [one["id"] for one in page["items"]]


def test_a_record_is_remembered_changed_and_looked_back_at(client: Client) -> None:
    place: dict[str, Any] = {"collection": "lunches", "owner": "agent:planner", "project": "kitchen"}
    first = client.remember("Lunch is at noon", id="lunch", metadata={"sure": True}, importance=0.2, **place)
    [other] = client.remember("Dinner is at seven", author="cook", **place)["ids"]

    changed = client.update_memory("lunch", text="Lunch is at one", expected=1, **place)

    assert (changed["version"], changed["text"], changed["metadata"]) == (2, "Lunch is at one", {"sure": True})
    assert client.memory("lunch", **place)["text"] == "Lunch is at one"
    assert client.memory("lunch", version=1, **place)["text"] == "Lunch is at noon"
    assert [one["version"] for one in client.memory_history("lunch", **place)["items"]] == [2, 1]
    assert ids(client.memories(**place)) == ["lunch", other]
    assert ids(client.memories(author="cook", **place)) == [other]
    assert ids(client.memories(metadata={"sure": True}, **place)) == ["lunch"]
    assert [one["id"] for one in client.memory_at(position=int(first["position"]), **place)["records"]] == ["lunch"]
    assert ids(client.diff_memory(int(first["position"]), **place)) == [other, "lunch"]
    assert len(client.memory_log(**place)["items"]) == 3
    assert [one["collection"] for one in client.memory_collections(project="kitchen")["items"]] == ["lunches"]
    with pytest.raises(ServerContradicts):
        client.update_memory("lunch", text="Lunch is at two", expected=1, **place)
    with pytest.raises(ServerLacks):
        client.memory("lunch", collection="lunches", project="kitchen")


def test_what_is_remembered_is_found(client: Client) -> None:
    client.remember("The staging server is called Ada", id="ada", project="search")
    client.remember("A server of another collection", id="other", collection="others", project="search")

    found = client.search_memory("which server is for staging", project="search", by="words")
    everywhere = client.search_memory("server", project="search", by="words", everywhere=True)

    assert found["by"] == "words"
    assert [hit["record"]["id"] for hit in found["items"]] == ["ada"]
    assert {hit["record"]["id"] for hit in everywhere["items"]} == {"ada", "other"}


def test_records_end_in_three_ways(client: Client) -> None:
    for name in ("a", "b", "c"):
        client.remember("Lunch is at noon", id=name, project="ends")

    client.expire_memory("a", project="ends")
    client.remove_memory("b", project="ends")
    went = client.forget_memory("c", project="ends")

    assert (went["records"], went["versions"]) == (1, 1)
    assert ids(client.memories(project="ends")) == []
    assert ids(client.memories(expired=True, project="ends")) == ["a"]
    assert client.memory_history("b", project="ends")["items"]
    with pytest.raises(ServerLacks):
        client.memory_history("c", project="ends")


def test_collections_are_filled_merged_and_forked(client: Client) -> None:
    for name in ("one", "two"):
        client.remember("Lunch is at noon", id=name, project="many")
    taken = client.ingest_memory("plan.md", "# Servers\nThe staging server is Ada.", project="many")
    again = client.ingest_memory("plan.txt", b"only bytes", metadata={"kind": "plan"}, project="many")

    merged = client.merge_memory("one", ["two"], project="many")
    forked = client.fork_memory("rehearsal", without=["one"], project="many")

    assert (taken["chunks"], again["chunks"]) == (1, 1)
    assert merged["items"] == ["one", "two"]
    assert len(forked["ids"]) == 2
    assert len(client.memories(collection="rehearsal", project="many")["items"]) == 2
    assert client.memory_vectors(project="many")["of"] == 5
    assert client.stop_memory_vectors(project="many")["status"] == "idle"
