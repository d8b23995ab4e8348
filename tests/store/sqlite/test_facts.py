"""Facts on disk: killed writers, many writers, pictures of states, and bytes that are gone."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

import apsw
import msgspec
import pytest

from agentreplay.errors import FactConflict, StoreBusy
from agentreplay.model.fact import Author, Condition, FactPosition, StateKey
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.receipt import Target
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.store.registry import open_store
from agentreplay.store.sqlite import facts_pictures
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.store.sqlite.transactions import database_of
from agentreplay.store.sqlite.upkeep import rebuild
from agentreplay.testing import draft_of
from tests.doomed import context, killed, started

STATE = StateKey(TenantId("acme"), ProjectId("demo"), "default", "planner")
OTHER = STATE._replace(agent="writer")
SECRET = "correct horse battery staple"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(tmp_path)) as opened:
        yield opened


def pictures(store: SqliteStore) -> list[int]:
    with closing(apsw.Connection(str(database_of(store.folder)), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
        return [row[0] for row in connection.execute("SELECT position FROM fact_picture ORDER BY position")]


def commit_until_killed(pipe: Connection, folder: Path, first: int, seed: int) -> None:
    """Each transaction writes its number under two keys of two states, and something large under a third."""
    random = Random(seed)
    with closing(open_store(folder)) as store:
        for number in range(first, first + 10_000):
            value = "x" * random.choice((1, 100, 40_000))
            draft = draft_of(STATE, {"a": number, "b": number, f"k{number % 5}": [number, value]})
            more = draft_of(OTHER, {"a": number}).edits
            store.facts.commit(msgspec.structs.replace(draft, edits=(*draft.edits, *more)))
            pipe.send(number)


def check_deaths(folder: Path, seed: int, deaths: int) -> None:
    """Several deaths on one folder: what comes after a death goes on where it was."""
    random = Random(seed)
    following = 0
    for death in range(deaths):
        here, there = context().Pipe(duplex=False)
        process = context().Process(target=commit_until_killed, args=(there, folder, following, seed + death))
        acknowledged = following - 1
        with started(process), here:
            there.close()
            for _ in range(random.randint(1, 40)):
                acknowledged = here.recv()
            time.sleep(random.uniform(0, 0.003))
            assert killed(process) == -9
            while here.poll():
                try:
                    acknowledged = here.recv()
                except EOFError:
                    break
        following = check_the_log(folder, acknowledged)


def check_the_log(folder: Path, acknowledged: int) -> int:
    """All or nothing, in order, no version twice; returns the number behind the last that is stored."""
    with closing(open_store(folder)) as store:
        entries, others = list(store.facts.read(STATE)), list(store.facts.read(OTHER))
        numbers = [entry.operations[0].value for entry in entries]
        assert numbers == list(range(len(entries)))
        assert len(numbers) > acknowledged
        assert [entry.position for entry in entries] == [entry.position for entry in others]
        versions: dict[str, int] = {}
        held: dict[str, object] = {}
        for entry, other in zip(entries, others, strict=True):
            assert [done.value for done in other.operations] == [entry.operations[0].value]
            assert [done.key for done in entry.operations] == ["a", "b", f"k{entry.operations[0].value % 5}"]
            for done in entry.operations:
                assert done.version == versions.get(done.key, 0) + 1
                versions[done.key], held[done.key] = done.version, done.value
        assert {key: fact.value for key, fact in store.facts.whole(STATE).items()} == held
        return len(numbers)


@pytest.mark.parametrize("seed", range(2))
def test_a_killed_writer_leaves_whole_transactions(tmp_path: Path, seed: int) -> None:
    check_deaths(tmp_path, seed, 2)


@pytest.mark.slow
def test_no_writer_of_many_that_are_killed_leaves_a_half(tmp_path: Path) -> None:
    for seed in range(40):
        check_deaths(tmp_path / str(seed), 1000 + seed, 5)


def count_up(folder: Path, times: int) -> None:
    with closing(open_store(folder)) as store:
        for _ in range(times):
            while True:
                fact = store.facts.get(STATE, "count")
                version, total = (0, 0) if fact is None else (fact.version, fact.value)
                expected = Condition(namespace=STATE.namespace, agent=STATE.agent, key="count", version=version)
                try:
                    store.facts.commit(draft_of(STATE, {"count": total + 1}, conditions=(expected,)))
                    break
                except FactConflict:
                    continue


@pytest.mark.parametrize(("processes", "times"), [(2, 10), pytest.param(8, 100, marks=pytest.mark.slow)])
def test_no_update_is_lost(tmp_path: Path, processes: int, times: int) -> None:
    SqliteStore(tmp_path).close()
    workers = [context().Process(target=count_up, args=(tmp_path, times)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0

    with closing(open_store(tmp_path)) as store:
        fact = store.facts.get(STATE, "count")
        assert fact is not None
        assert (fact.value, fact.version) == (processes * times, processes * times)


def test_a_commit_waits_for_whoever_writes_and_says_when_it_was_too_long(store: SqliteStore) -> None:
    store.facts.commit(draft_of(STATE, {"a": 1}))
    with closing(apsw.Connection(str(database_of(store.folder)))) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StoreBusy):
            store.facts.commit(draft_of(STATE, {"a": 2}), Nanoseconds(SECOND // 10))
        assert 0.1 <= time.monotonic() - began < 10
        other.execute("ROLLBACK")

    assert store.facts.commit(draft_of(STATE, {"a": 3})).operations[0].version == 2


def fill(store: SqliteStore, count: int) -> None:
    random = Random(7)
    for number in range(count):
        author = Author(session=SessionId(f"s{number % 3}"))
        key = f"k{random.randrange(12)}"
        store.facts.commit(draft_of(STATE, {key: ... if number % 9 == 8 else [number, "x" * 50]}, author=author))


def all_states(store: SqliteStore) -> list[dict[str, object]]:
    """The state at each position, from the log alone."""
    held: dict[str, object] = {}
    found: list[dict[str, object]] = []
    last = 0
    for entry in store.facts.read(STATE):
        found += [dict(held)] * (entry.position - last)
        last = entry.position
        for done in entry.operations:
            held.pop(done.key, None)
            if not done.is_deleted:
                held[done.key] = done.value
    return [*found, *[dict(held)] * (store.facts.position() - last + 1)]


@pytest.mark.parametrize(
    "change",
    [
        lambda _: None,
        lambda store: store.delete(Target(tenant=STATE.tenant, project=STATE.project, session=SessionId("s1"))),
        lambda store: rebuild(store.folder, lambda _done, _total: None),
    ],
    ids=["as written", "with a session deleted", "rebuilt"],
)
def test_pictures_tell_what_the_log_tells(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, change: Callable[[SqliteStore], object]
) -> None:
    monkeypatch.setattr(facts_pictures, "_A_LITTLE", 500)
    fill(store, 150)
    change(store)

    assert len(pictures(store)) > 3
    for position, expected in enumerate(all_states(store)):
        found = store.facts.whole(STATE, FactPosition(position))
        assert {key: fact.value for key, fact in found.items()} == expected


@pytest.mark.parametrize(("is_plain", "work", "space"), [(True, 4, 1), (False, 2, 2)])
def test_pictures_are_bounded_by_the_log(
    store: SqliteStore,
    monkeypatch: pytest.MonkeyPatch,
    is_plain: bool,  # noqa: FBT001
    work: int,
    space: int,
) -> None:
    """The work of taking them, and the space they take: plain values are compressed, and random ones are not."""
    monkeypatch.setattr(facts_pictures, "_A_LITTLE", 500)
    random = Random(1)
    for number in range(200):
        store.facts.commit(draft_of(STATE, {f"new {number}": "x" * 50 if is_plain else random.randbytes(50)}))

    with closing(apsw.Connection(str(database_of(store.folder)))) as connection:
        size, taken = connection.execute("SELECT sum(size), sum(length(data)) FROM fact_picture").get
        logged = connection.execute("SELECT sum(length(data)) FROM fact_log").get
    assert 0 < size < work * logged
    assert 0 < taken < space * logged


def test_deleted_facts_are_gone_from_the_files(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts_pictures, "_A_LITTLE", 500)
    fill(store, 40)
    author = Author(session=SessionId("secret session"))
    store.facts.commit(draft_of(STATE, {SECRET: {"told": SECRET}, "k1": SECRET.encode()}, author=author))
    fill(store, 40)

    receipt = store.delete(Target(tenant=STATE.tenant, project=STATE.project, session=author.session))

    assert receipt.facts == 2
    for path in store.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert SECRET.encode() not in data
            assert b"secret session" not in data


def test_a_state_begun_anew_is_none_of_before(store: SqliteStore) -> None:
    """Numbers of states are not given twice, and transactions that remain name those that are gone."""
    edits = (*draft_of(STATE, {"a": 1}).edits, *draft_of(OTHER, {"a": 1}).edits)
    both = draft_of(STATE, {}, author=Author(session=SessionId("s")))
    store.facts.commit(msgspec.structs.replace(both, edits=edits))
    store.facts.commit(draft_of(OTHER, {"a": 2}))
    store.delete(Target(tenant=STATE.tenant, project=STATE.project, session=SessionId("s")))

    third = STATE._replace(agent="third")
    store.facts.commit(draft_of(third, {"a": 3}, author=Author(session=SessionId("s"))))

    assert store.facts.states(STATE.tenant, STATE.project, SessionId("s")) == [third]
    assert store.facts.states(STATE.tenant, STATE.project) == [third, OTHER]
