"""What is asked about states: beyond what the store promises by itself."""

import pytest

from agentreplay.core import state as asking
from agentreplay.errors import FactMissing, StepMissing, ValueInvalid
from agentreplay.model.fact import FactPosition, StateKey
from agentreplay.model.session import SessionKey
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of, draft_of
from tests.store.stating import STATE, write


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def test_the_latest_are_found_from_the_end(store: MemoryStore) -> None:
    """Also where they lie far back, because others have written much since."""
    done = [write(store, {"a": number}) for number in range(5)]
    for number in range(300):
        write(store, {"a": number}, STATE._replace(agent="busy"))

    assert asking.latest(store.facts, STATE, 3) == tuple(done[2:])
    assert asking.latest(store.facts, STATE, 9) == tuple(done)
    assert asking.latest(store.facts, STATE._replace(agent="nobody"), 9) == ()


def test_watching_ends_when_it_is_told_to(store: MemoryStore) -> None:
    first = write(store, {"a": 1})
    waits: list[float] = []

    seen = list(asking.watch(store.facts, STATE, FactPosition(0), wait=waits.append, is_over=lambda: len(waits) > 2))

    assert seen == [first]
    assert len(waits) == 3


def test_what_comes_while_nobody_looks_is_not_skipped(store: MemoryStore) -> None:
    watching = asking.watch(store.facts, STATE, FactPosition(0))
    done = [write(store, {"a": number}) for number in range(3)]

    assert [next(watching) for _ in range(3)] == done


def test_a_step_is_a_place(store: MemoryStore) -> None:
    """A span that began before anything was committed knew nothing."""
    make = Maker()
    write(store, {"a": 1})
    store.append(batch_of(make.session(), make.span()))
    session = SessionKey(make.tenant, make.project, make.session_id)

    assert asking.at_step(store, session, 1) == 0
    for step in (0, 2):
        with pytest.raises(StepMissing):
            asking.at_step(store, session, step)


def test_a_key_that_cannot_be_is_refused_and_one_that_is_not_is_missing(store: MemoryStore) -> None:
    with pytest.raises(ValueInvalid):
        asking.get(store.facts, STATE, "")
    with pytest.raises(FactMissing):
        asking.get(store.facts, STATE, "a")


def test_all_states_of_a_project_are_compacted(store: MemoryStore) -> None:
    states = [STATE, StateKey(*STATE[:3], "writer")]
    for state in states:
        for number in range(3):
            store.facts.commit(draft_of(state, {"a": number}))

    done = asking.compact(store.facts, states, store.facts.position())

    assert [one.operations for one in done.values()] == [2, 2]
