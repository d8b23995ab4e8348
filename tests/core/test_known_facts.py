"""The facts of a session at its steps."""

import pytest

from agentreplay.core.known_facts import facts_at, known_facts, restore_state
from agentreplay.core.timeline import Timeline
from agentreplay.errors import FactConflict, FactMissing
from agentreplay.model.fact import Author, Draft, Edit, StateKey, Transaction, TransactionId
from agentreplay.model.ids import SessionId
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker
from tests.core.conftest import Keep


def write(store: Store, make: Maker, number: int, **values: Value) -> Transaction:
    edits = tuple(Edit(namespace="shop", agent="clerk", key=key, value=value) for key, value in values.items())
    return store.facts.commit(
        Draft(
            tenant=make.tenant,
            project=make.project,
            id=TransactionId(f"t{number}"),
            edits=edits,
            author=Author(session=make.session_id),
        )
    )


def step_after(make: Maker, transaction: Transaction) -> Span:
    start = Nanoseconds(transaction.committed)
    return make.span(start=start, end=start)


@pytest.fixture
def session(make: Maker) -> SessionKey:
    return SessionKey(make.tenant, make.project, make.session_id)


def test_facts_are_those_of_the_moment(store: Store, keep: Keep, make: Maker, session: SessionKey) -> None:
    first, second = write(store, make, 1, cart=["kettle"]), write(store, make, 2, cart=[], paid=True)
    keep(step_after(make, first), step_after(make, second))
    line = Timeline(store, session)

    whole = facts_at(store.facts, session, first.position)

    state = StateKey(make.tenant, make.project, "shop", "clerk")
    assert {key: fact.value for key, fact in whole[state].items()} == {"cart": ["kettle"]}
    assert [[one.keys for one in line.at(seq).facts] for seq in (1, 2)] == [[1], [2]]
    assert line.at(1).hash != line.at(2).hash
    other = session._replace(session=SessionId("other"))
    assert known_facts(store.facts, other, first.position) == ()


def test_a_state_that_was_compacted_away_is_said_to_be(store: Store, make: Maker, session: SessionKey) -> None:
    first, second = write(store, make, 1, a=1), write(store, make, 2, a=2)
    store.facts.compact(StateKey(make.tenant, make.project, "shop", "clerk"), second.position)

    (known,) = known_facts(store.facts, session, first.position)

    assert (known.keys, known.hash) == (0, None)


def test_facts_are_restored_elsewhere_and_keep_their_origin(
    store: Store, keep: Keep, make: Maker, session: SessionKey
) -> None:
    first = write(store, make, 1, cart=["kettle"], count=10**30)
    step = step_after(make, first)
    keep(step)
    write(store, make, 2, cart=[])

    done = restore_state(store.facts, step, "again", TransactionId("r1"))

    again = StateKey(make.tenant, make.project, "again", "clerk")
    held = {key: fact.value for key, fact in store.facts.whole(again).items()}
    assert held == {"cart": ["kettle"], "count": 10**30}
    assert done.author == Author(session=make.session_id, trace_id=step.trace_id, span_id=step.span_id)
    with pytest.raises(FactConflict):
        restore_state(store.facts, step, "again", TransactionId("r2"))


def test_where_there_are_no_facts_none_are_restored(store: Store, make: Maker, session: SessionKey) -> None:
    with pytest.raises(FactMissing):
        restore_state(store.facts, make.span(), "again", TransactionId("r1"))
