"""The threads of graphs: kept once, by any number of writers, and gone when they are deleted."""

import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest

from agentreplay.core.graph_threads import GraphThreads, Step, StepKey, Writes
from agentreplay.core.graph_values import Parts, put_together
from agentreplay.core.state_transaction import OpenTransaction
from agentreplay.errors import FactConflict
from agentreplay.model.fact import FactPosition, StateKey, TransactionId
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.store.protocol import Facts, Store
from tests.adapters import ADAPTERS, open_adapter
from tests.core.graph import Packed, outlined, said

TENANT, PROJECT = TenantId("local"), ProjectId("default")
MESSAGES = [said(number) for number in range(40)]
_ids = count()


@pytest.fixture(params=sorted(ADAPTERS))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_adapter(request.param, tmp_path / "data")
    yield opened
    opened.close()


def threads_in(store: Store, facts: Callable[[], Facts] | None = None) -> GraphThreads:
    """A writer with a memory of its own, as each process has one."""
    asked = facts or (lambda: store.facts)

    def begin() -> OpenTransaction:
        return OpenTransaction(asked(), TENANT, PROJECT, transaction=TransactionId(f"t{next(_ids)}"))

    return GraphThreads(asked, begin, (TENANT, PROJECT, "langgraph"))


def put(threads: GraphThreads, step: str, messages: Any, parent: str | None = None, **at: str) -> StepKey:
    parts = Parts()
    key = StepKey(at.get("thread", "one"), at.get("namespace", ""), step)
    channels = {"messages": outlined(messages, parts)}
    threads.put(key, Step(parent, ("msgpack", b"\x80"), ("msgpack", step.encode()), channels), parts)
    return key


def write(threads: GraphThreads, key: StepKey, task: str, **values: Any) -> None:
    """Writes in the places that follow the letters; `special` has one below 0."""
    parts = Parts()
    places = {-1 if name == "special" else place: name for place, name in enumerate(values)}
    writes = {place: (name, outlined(values[name], parts)) for place, name in places.items()}
    threads.put_writes(key, task, Writes("path", writes), parts)


def messages_at(threads: GraphThreads, key: StepKey) -> Any:
    stored = threads.get(*key)
    if stored is None:
        return None
    return put_together(stored.step.channels["messages"], Packed(), stored.parts.__getitem__)


def facts_of(store: Store, thread: str = "one") -> dict[str, Any]:
    whole = store.facts.whole(StateKey(TENANT, PROJECT, "langgraph", thread))
    return {key: fact.value for key, fact in whole.items()}


def written_of(threads: GraphThreads, key: StepKey, task: str) -> dict[str, Any]:
    stored = threads.get(*key)
    assert stored is not None
    writes = stored.writes[task].writes.values()
    return {channel: put_together(outline, Packed(), stored.parts.__getitem__) for channel, outline in writes}


def test_a_checkpoint_comes_back_and_so_does_the_latest_one(store: Store) -> None:
    threads = threads_in(store)
    first, second = put(threads, "1", MESSAGES[:3]), put(threads, "2", MESSAGES[:5], "1")

    assert messages_at(threads, first) == MESSAGES[:3]
    latest = threads.get("one", "")
    assert latest is not None
    assert (latest.key, latest.step.parent) == (second, "1")
    assert threads.get("one", "", "3") is None
    assert threads.get("two", "") is None
    assert threads.get("one", "sub") is None


def test_an_older_checkpoint_that_comes_late_is_not_the_latest(store: Store) -> None:
    threads = threads_in(store)
    put(threads, "2", MESSAGES[:2])
    put(threads, "1", MESSAGES[:1])

    latest = threads.get("one", "")

    assert latest is not None
    assert latest.key.id == "2"


def test_each_message_is_kept_once_by_whomever_it_is_written(store: Store) -> None:
    one, other = threads_in(store), threads_in(store)

    for number in range(1, 30):
        key = put((one, other)[number % 2], f"{number:02}", MESSAGES[:number])
        write((other, one)[number % 2], key, "task", messages=MESSAGES[number : number + 1])

    assert len([key for key in facts_of(store) if key.startswith("part/")]) == 30
    assert messages_at(threads_in(store), StepKey("one", "", "29")) == MESSAGES[:29]


def test_checkpoints_are_listed_newest_first(store: Store) -> None:
    threads = threads_in(store)
    put(threads, "1", [])
    put(threads, "2", [], namespace="sub|a/b:1")
    put(threads, "3", [], thread="two words %")

    everything = [StepKey("two words %", "", "3"), StepKey("one", "sub|a/b:1", "2"), StepKey("one", "", "1")]
    assert threads.keys() == everything
    assert threads.keys("one") == everything[1:]
    assert threads.keys("one", "") == everything[2:]
    assert threads.keys("none") == []
    assert threads.threads() == ["one", "two words %"]
    assert {key: step.metadata[1] for key, step in threads.steps().items()} == {
        key: key.id.encode() for key in everything
    }


def test_what_a_task_wrote_first_stays_but_for_the_special(store: Store) -> None:
    threads = threads_in(store)
    key = put(threads, "1", [])

    write(threads, key, "task", a="first", special="trouble")
    write(threads, key, "task", a="second", special="more")
    write(threads, key, "other", a=MESSAGES[:2])

    assert written_of(threads, key, "task") == {"special": "more", "a": "first"}
    assert written_of(threads, key, "other") == {"a": MESSAGES[:2]}


def test_a_deleted_thread_leaves_nothing_behind(store: Store) -> None:
    threads, other = threads_in(store), threads_in(store)
    key = put(threads, "1", MESSAGES)
    put(other, "2", MESSAGES)
    write(threads, key, "task", a=MESSAGES[:2])
    put(threads, "1", MESSAGES[:1], thread="two")

    threads.retain("one", lambda _: False)

    assert threads.threads() == ["two"]
    assert set(facts_of(store)) == {"removals"}
    state = StateKey(TENANT, PROJECT, "langgraph", "one")
    told = [done for entry in store.facts.read(state, FactPosition(0)) for done in entry.operations]
    assert all(done.is_deleted or done.key == "removals" for done in told)
    # Who knew the parts before must not take them for there.
    put(other, "3", MESSAGES)
    assert messages_at(threads, StepKey("one", "", "3")) == MESSAGES


def test_what_remaining_checkpoints_need_remains(store: Store) -> None:
    threads = threads_in(store)
    for number in range(1, 11):
        key = put(threads, f"{number:02}", MESSAGES[number : number + 3])
        write(threads, key, "task", a=MESSAGES[number + 20 :][:1])

    threads.retain("one", lambda key: key.id in {"04", "05"})

    assert [key.id for key in threads.keys("one")] == ["05", "04"]
    assert messages_at(threads, StepKey("one", "", "04")) == MESSAGES[4:7]
    assert written_of(threads, StepKey("one", "", "05"), "task") == {"a": MESSAGES[25:26]}
    assert len([key for key in facts_of(store) if key.startswith("part/")]) == 4 + 2
    latest = threads.get("one", "")
    assert latest is not None
    assert latest.key.id == "05"


def test_no_number_is_given_twice(store: Store) -> None:
    """Else who reads a checkpoint while its thread is deleted could be given what another put there since."""
    threads = threads_in(store)
    put(threads, "1", MESSAGES[:5])
    before = {key for key in facts_of(store) if key.startswith("part/")}

    threads.retain("one", lambda _: False)
    put(threads_in(store), "2", MESSAGES[5:9])

    assert before.isdisjoint(facts_of(store))


def test_a_copy_is_a_thread_of_its_own(store: Store) -> None:
    threads = threads_in(store)
    put(threads, "1", MESSAGES[:2])
    key = put(threads, "2", MESSAGES[:3], "1", namespace="sub")
    write(threads, key, "task", a=MESSAGES[:1])
    put(threads, "0", MESSAGES[9:], thread="two")

    threads.copy("one", "two")
    threads.retain("one", lambda _: False)

    assert [key.id for key in threads.keys("two")] == ["2", "1", "0"]
    assert messages_at(threads, StepKey("two", "sub", "2")) == MESSAGES[:3]
    assert written_of(threads, StepKey("two", "sub", "2"), "task") == {"a": MESSAGES[:1]}
    assert messages_at(threads, StepKey("two", "", "0")) == MESSAGES[9:]


def test_writers_of_one_thread_do_not_lose_what_the_others_wrote(store: Store) -> None:
    def work(number: int) -> None:
        threads = threads_in(store)
        for step in range(4):
            put(threads, f"{step}{number}", [said(number * 10 + each) for each in range(step + 1)])

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    threads = threads_in(store)
    assert len(threads.keys("one")) == 16
    for key in threads.keys("one"):
        step, number = map(int, key.id)
        assert messages_at(threads, key) == [said(number * 10 + each) for each in range(step + 1)]


def test_who_never_gets_a_turn_is_told(store: Store) -> None:
    threads = threads_in(store, lambda: cast("Facts", _Refusing(store.facts)))

    with pytest.raises(FactConflict):
        put(threads, "1", MESSAGES)


class _Refusing:
    """Facts to which somebody else was always faster."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._facts, name)

    def commit(self, *_: object) -> None:
        raise FactConflict(key="part/0", agent="one", found=1, expected=0)
