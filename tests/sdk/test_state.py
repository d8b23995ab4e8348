"""The state of an agent in a program: kept with all its versions, linked to the recording, served on replay."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest

import agentreplay
from agentreplay import State
from agentreplay.errors import FactConflict, FactMissing, TransactionExpired, ValueInvalid, VersionMissing
from tests.sdk.home import Home


@pytest.fixture
def state(home: Home) -> Iterator[State]:
    with State("planner") as opened:
        yield opened


def test_what_is_written_is_there(state: State) -> None:
    state.write("plan", {"steps": [1, [2, b"\xff"]]})

    assert state.get("plan") == {"steps": [1, [2, b"\xff"]]}
    assert state.get("other", None) is None
    with pytest.raises(FactMissing):
        state.get("other")


def test_what_was_deleted_is_missing(state: State) -> None:
    state.write("plan", None)
    assert state.get("plan", "nothing") is None

    state.delete("plan")

    assert state.get("plan", "nothing") == "nothing"
    with pytest.raises(FactMissing):
        state.get("plan")


def test_a_transaction_sees_what_it_wrote(state: State) -> None:
    state.write("a", 1)
    state.write("ab", 1)

    with state.begin() as transaction:
        transaction.write("b", 2)
        transaction.write("ac", 3)
        transaction.delete("a")
        inside = transaction.get("a", "gone"), transaction.get("b"), transaction.scan("a")
        outside = state.get("a"), state.list_keys()

    assert inside == ("gone", 2, {"ab": 1, "ac": 3})
    assert outside == (1, ["a", "ab"])
    assert state.scan_prefix() == {"ab": 1, "ac": 3, "b": 2}


def test_a_transaction_that_fails_does_nothing(state: State) -> None:
    def fail() -> None:
        with state.begin() as transaction:
            transaction.write("a", 1)
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert state.list_keys() == []


def test_what_a_transaction_read_must_still_be_so(state: State) -> None:
    """Hence two that count up at once cannot lose one of the counts."""
    state.write("count", 1)
    transaction = state.begin()
    transaction.write("count", transaction.get("count") + 1)
    state.write("count", 10)

    with pytest.raises(FactConflict):
        transaction.commit()

    assert state.get("count") == 10


def test_a_transaction_reads_one_moment(state: State) -> None:
    state.write("a", "before")
    state.write("b", "before")
    transaction = state.begin()
    first = transaction.get("a")
    state.write("b", "after")

    assert (first, transaction.get("b")) == ("before", "before")
    with pytest.raises(FactConflict):
        transaction.commit()


def test_what_is_written_blindly_never_conflicts(state: State) -> None:
    transaction = state.begin()
    transaction.write("a", "late")
    state.write("a", "early")

    transaction.commit()

    assert [fact.value for fact in state.history("a")] == ["late", "early"]


def test_an_expected_version_is_compared(state: State) -> None:
    state.write("a", 1, expected=0)
    state.write("a", 2, expected=1)

    with pytest.raises(FactConflict) as caught:
        state.write("a", 3, expected=1)
    with pytest.raises(FactConflict):
        state.delete("a", expected=0)

    assert "has version 2, and not 1" in str(caught.value)
    assert state.get("a") == 2


def test_a_transaction_has_its_time(state: State) -> None:
    with pytest.raises(TransactionExpired), state.begin(timeout=0) as transaction:
        transaction.write("a", 1)

    assert state.list_keys() == []


def test_a_repeated_transaction_is_done_once(state: State) -> None:
    for _ in range(3):
        transaction = state.begin()
        transaction.write("a", "paid")
        transaction.commit("order 7")

    assert state.fact("a") is not None
    assert len(list(state.history("a"))) == 1


def test_a_value_is_what_it_was_when_it_was_written(state: State) -> None:
    value = {"list": [1]}
    with state.begin() as transaction:
        transaction.write("a", value)
        value["list"].append(2)
        transaction.get("a")["list"].append(3)

    assert state.get("a") == {"list": [1]}


def test_any_past_state_can_be_asked_for(state: State) -> None:
    first = state.write("a", 1)
    second = state.write("b", 2)
    state.delete("a")

    assert state.get_at(position=first.position) == {"a": 1}
    assert state.get_at(time_ns=second.committed) == {"a": 1, "b": 2}
    assert state.get_at() == {"b": 2}
    assert state.get_at(position=0) == {}
    with pytest.raises(ValueInvalid):
        state.get_at(position=1, time_ns=1)


def test_a_version_can_be_asked_for(state: State) -> None:
    state.write("a", "first")
    state.write("a", "second")

    assert state.get_at_version("a", 1).value == "first"
    with pytest.raises(VersionMissing):
        state.get_at_version("a", 3)


def test_two_states_differ_where_values_do(state: State) -> None:
    with state.begin() as transaction:
        for key in ("same", "changed", "gone"):
            transaction.write(key, 1)
    before = state.place()
    state.write("changed", 1.0)
    state.write("same", 1)
    state.delete("gone")
    state.write("new", [])

    found = state.diff(before)

    assert [(one.key, one.before and one.before.value, one.after and one.after.value) for one in found] == [
        ("changed", 1, 1.0),
        ("gone", 1, None),
        ("new", None, []),
    ]


def test_the_log_is_the_same_every_time_and_can_be_left(state: State) -> None:
    for number in range(50):
        state.write(f"k{number % 3}", number)

    once, twice = list(state.replay()), list(state.replay())
    reading = state.replay()
    left = next(reading)

    assert once == twice
    assert list(state.replay(left.position)) == once[1:]


def test_what_comes_is_watched(state: State) -> None:
    first = state.write("a", 1)
    watching = state.watch(first.position - 1)

    assert next(watching) == first
    second = state.write("a", 2)
    assert next(watching) == second


def test_a_dump_is_loaded_exactly(state: State, tmp_path: Path) -> None:
    values = {"big": 2**70, "bytes": b"\0", "odd": {"$bytes": "x"}, "nan": [float("inf")], "text": "\udc80"}
    with state.begin() as transaction:
        for key, value in values.items():
            transaction.write(key, value)

    with State("planner", db_path=tmp_path / "other") as other:
        other.load(state.dump())

        assert other.get_at() == values


def test_compaction_is_offered(state: State) -> None:
    done = [state.write("a", number) for number in range(5)]

    assert state.compact(done[3].position, [done[1].position]).operations == 2
    assert state.get_at(position=done[1].position) == {"a": 1}


def test_a_commit_names_its_session_and_span(state: State) -> None:
    with agentreplay.session("work") as session, agentreplay.span("think"):
        state.write("a", 1)
    state.write("a", 2)

    inside, outside = state.replay()
    assert inside.author is not None
    assert (inside.author.session, outside.author) == (session.id, None)
    assert inside.author.span_id is not None


def test_a_state_is_found_at_a_step(state: State, home: Home) -> None:
    with agentreplay.session("work") as session:
        state.write("a", 1)
        with agentreplay.span("second"):
            state.write("a", 2)

    spans = home.spans(session.id)
    step = next(span.seq for span in spans if span.name == "second")
    assert state.get_at(session=str(session.id), step=step) == {"a": 1}
    assert [span.kind for span in spans if span.name == "state.commit"] == ["database", "database"]


def count(number: int) -> int:
    with State("counter") as state, state.begin() as transaction:
        total: int = transaction.get("total", 0) + number
        transaction.write("total", total)
        transaction.commit()
        return total


def test_a_replay_is_served_and_commits_nothing(home: Home) -> None:
    with agentreplay.session("count") as session:
        session.returns(count(5))
    count(100)

    verdict = agentreplay.replay(str(session.id), count, 5)

    assert verdict.status == "identical"
    assert verdict.served == verdict.calls > 0
    with State("counter") as state:
        assert state.get("total") == 105


def _add(folder: str, times: int) -> None:
    with State("counter", db_path=folder) as state:
        for _ in range(times):
            while True:
                try:
                    fact = state.fact("total")
                    state.write("total", 1 if fact is None else fact.value + 1, expected=fact.version if fact else 0)
                    break
                except FactConflict:
                    continue


def test_processes_that_compare_lose_no_update(home: Home) -> None:
    context = multiprocessing.get_context("fork")
    with State("counter", db_path=home.folder) as state:
        state.write("total", 0)
        workers = [context.Process(target=_add, args=(str(home.folder), 10)) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)

        assert [worker.exitcode for worker in workers] == [0] * 4
        assert state.get("total") == 40
