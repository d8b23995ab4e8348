"""What an agent remembers in a program: found again, linked to the recording, served on replay."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import agentreplay
from agentreplay import Memory
from agentreplay.core.retrievals import Wanted, check_retrievals, recalling
from agentreplay.errors import MemoryMissing, ValueInvalid
from agentreplay.model.memory import MemoryFilter
from agentreplay.model.receipt import Target
from agentreplay.model.time import Nanoseconds
from agentreplay.settings import Settings
from agentreplay.store.registry import open_store
from tests.sdk.home import Home


@pytest.fixture
def memory(home: Home) -> Iterator[Memory]:
    with Memory() as opened:
        yield opened


def ids(memory: Memory, text: str, **fields: object) -> list[str]:
    return [hit.version.id for hit in memory.search(text, **fields).hits]  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_what_is_remembered_is_found(memory: Memory) -> None:
    server = memory.add("The staging server is called Ada", metadata={"team": "infra"})
    memory.add("Lunch is at noon", id="lunch")

    answer = memory.search("staging server")
    assert (answer.by, [hit.version.id for hit in answer.hits]) == ("words", [server])
    assert memory.get("lunch").text == "Lunch is at noon"
    assert ids(memory, "lunch", where=MemoryFilter(metadata={"team": "infra"})) == []


def test_a_record_changes_and_tells_what_it_was(memory: Memory) -> None:
    first = memory.add("Lunch is at noon", id="lunch")
    before = memory.history(first)[0].position
    memory.update("lunch", text="Lunch is at one", expected=1)
    memory.remove("lunch")

    assert [version.version for version in memory.history("lunch")] == [3, 2, 1]
    assert memory.at(position=before).keys() == {"lunch"}
    assert memory.list() == []
    assert ids(memory, "noon", position=before) == ["lunch"]
    with pytest.raises(MemoryMissing):
        memory.get("lunch")
    with pytest.raises(ValueInvalid):
        memory.update("lunch", words="x")


def test_what_expired_is_not_found_and_what_is_forgotten_never_was(memory: Memory) -> None:
    for name in ("a", "b"):
        memory.add("Lunch is at noon", id=name)
    memory.expire("a")

    assert ids(memory, "lunch") == ["b"]
    assert set(ids(memory, "lunch", where=MemoryFilter())) == {"a", "b"}
    assert memory.forget("a").versions == 2
    with pytest.raises(MemoryMissing):
        memory.history("a")


def test_collections_of_agents_and_workspaces_are_apart(home: Home, tmp_path: Path) -> None:
    for opened in (Memory(agent="planner"), Memory(workspace=tmp_path), Memory("other"), Memory()):
        with opened as memory:
            assert memory.list() == []
            memory.add("Lunch is at noon")


def test_documents_are_taken_in(memory: Memory, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Servers\nThe staging server is Ada.")

    assert memory.ingest(tmp_path / "a.md").chunks == 1
    assert memory.ingest("https://example.com/a", data=b"The cat sleeps").place == "https://example.com/a"
    assert memory.search("staging").hits[0].version.record.source.heading == "Servers"  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]


def test_secrets_are_taken_out(memory: Memory) -> None:
    secret = "ghp_" + "a1B2" * 9

    assert secret not in memory.get(memory.add(f"use {secret}")).text


def test_what_a_session_remembers_names_it_and_goes_with_it(home: Home, memory: Memory) -> None:
    with agentreplay.session("work") as session, agentreplay.span("think"):
        record = memory.add("Lunch is at noon")

    source = memory.get(record).source
    [span] = [span for span in home.spans(session.id) if span.kind == "memory"]
    assert (source.session, source.span_id) == (session.id, span.span_id)
    assert span.name == "memory.add"
    with closing(open_store(home.folder)) as store:
        tenant, project, key = home.key(str(session.id))
        store.delete(Target(tenant=tenant, project=project, session=key))
    assert memory.list() == []


def recall(word: str) -> list[str]:
    with Memory("counted") as memory:
        memory.add(f"{word} {len(memory.list())}")
        return [str(hit.version.record and hit.version.record.text) for hit in memory.search(word).hits]


def test_a_replay_is_served_and_remembers_nothing(home: Home) -> None:
    with agentreplay.session("recall") as session:
        session.returns(recall("apple"))
    recall("apple")

    verdict = agentreplay.replay(str(session.id), recall, "apple")

    assert verdict.status == "identical"
    assert verdict.served == verdict.calls > 0
    with Memory("counted") as memory:
        assert len(memory.list()) == 2


def test_searches_are_asked_again_and_compared(home: Home, memory: Memory) -> None:
    with agentreplay.session("looking") as session:
        memory.add("The staging server is called Ada", id="ada")
        memory.search("staging server", count=5)
    tape = home.tape(str(session.id))
    with closing(open_store(home.folder)) as store:
        recall = recalling(store, Settings.read({}), Nanoseconds(time.time_ns()))
        [same] = check_retrievals(tape, Wanted(), None, recall)
        memory.add("The staging server is now called Bob", id="bob")
        [more] = check_retrievals(tape, Wanted(), None, recall)
        [cut] = check_retrievals(tape, Wanted(top_k=1), None, recall)
    [frozen] = check_retrievals(tape, Wanted(threshold=1.1))

    assert (same.outcome, [found.id for found in same.before]) == ("same", ["ada"])
    assert (more.outcome, more.added) == ("more", ("bob",))
    assert (cut.arguments["count"], len(cut.after)) == (1, 1)
    assert (frozen.outcome, frozen.dropped) == ("fewer", ("ada",))
    assert list(check_retrievals(tape, Wanted(), lambda *_: [])) == []
