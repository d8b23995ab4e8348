"""What a store promises about conditions on facts, about repeats, and about what is given up and deleted."""

from typing import Any

import pytest

from agentreplay.errors import FactConflict, IdempotencyReused, StateForgotten
from agentreplay.model.fact import NOTHING, Author, Condition
from agentreplay.model.ids import SessionId, TraceId
from agentreplay.model.receipt import Target
from agentreplay.store.protocol import Store
from tests.store.stating import OTHER_PROJECT, SPAN, STATE, TRACE, log, values, write


def condition(key: str, version: int) -> tuple[Condition, ...]:
    return (Condition(namespace=STATE.namespace, agent=STATE.agent, key=key, version=version),)


def test_a_condition_that_holds_lets_the_transaction_pass(store: Store) -> None:
    write(store, {"a": 1}, conditions=condition("a", NOTHING))
    write(store, {"a": 2}, conditions=condition("a", 1))
    write(store, {"a": ...}, conditions=condition("a", 2))
    write(store, {"a": 4}, conditions=condition("a", NOTHING))

    assert values(store) == {"a": 4}


@pytest.mark.parametrize("version", [NOTHING, 1, 3])
def test_a_condition_that_does_not_hold_stops_all_of_it(store: Store, version: int) -> None:
    write(store, {"a": 1})
    write(store, {"a": 2})
    before = store.facts.position()

    with pytest.raises(FactConflict) as caught:
        write(store, {"a": 3, "b": 3}, conditions=condition("a", version))

    assert caught.value.facts["found"] == 2
    assert values(store) == {"a": 2}
    assert store.facts.position() == before


def test_a_draft_without_edits_writes_nothing(store: Store) -> None:
    write(store, {"a": 1})

    assert write(store, {}, conditions=condition("a", 1)).operations == ()
    assert len(log(store)) == 1
    with pytest.raises(FactConflict):
        write(store, {}, conditions=condition("a", 2))


def test_a_transaction_repeated_with_its_key_is_done_once(store: Store) -> None:
    first = write(store, {"a": 1, "b": {"c": 2}}, idempotency="once", author=Author(session=SessionId("s")))
    write(store, {"a": 2})

    again = write(store, {"a": 1, "b": {"c": 2}}, idempotency="once")

    assert again == first
    assert values(store) == {"a": 2, "b": {"c": 2}}
    assert len(log(store)) == 2


def test_an_idempotency_key_is_not_used_for_something_else(store: Store) -> None:
    write(store, {"a": 1}, idempotency="once")

    with pytest.raises(IdempotencyReused):
        write(store, {"a": 2}, idempotency="once")

    write(store, {"a": 3}, OTHER_PROJECT, idempotency="once")
    assert values(store) == {"a": 1}


def test_compaction_keeps_the_states_asked_for(store: Store) -> None:
    done = [write(store, {f"k{number % 3}": number, "n": number}) for number in range(12)]
    write(store, {"k0": ...})
    states = {entry.position: values(store, entry.position) for entry in done}
    horizon, kept = done[8].position, done[3].position

    compacted = store.facts.compact(STATE, horizon, [kept])

    assert compacted.operations > 0
    assert compacted.horizon == horizon
    for entry in done:
        if entry.position >= horizon or entry.position == kept:
            assert values(store, entry.position) == states[entry.position]
        else:
            with pytest.raises(StateForgotten):
                values(store, entry.position)
            with pytest.raises(StateForgotten):
                store.facts.get(STATE, "n", entry.position)
    assert store.facts.compact(STATE, horizon, [kept]).operations == 0


def test_compaction_gives_up_what_is_not_kept_any_more(store: Store) -> None:
    done = [write(store, {"a": number}) for number in range(6)]
    store.facts.compact(STATE, done[4].position, [done[1].position])

    store.facts.compact(STATE, done[4].position, [done[2].position])

    assert values(store) == {"a": 5}
    assert [entry[0][1] for _, entry in log(store)] == [5, 6]
    for position in (done[1].position, done[2].position):
        with pytest.raises(StateForgotten):
            values(store, position)


def test_compaction_leaves_versions_and_histories_consistent(store: Store) -> None:
    for number in range(5):
        write(store, {"a": number, "b": number} if number < 2 else {"a": number})

    store.facts.compact(STATE, store.facts.position())
    write(store, {"a": "next"})

    assert [fact.version for fact in store.facts.history(STATE, "a").items] == [6, 5]
    assert [fact.version for fact in store.facts.history(STATE, "b").items] == [2]
    assert store.facts.version(STATE, "a", 3) is None
    assert values(store) == {"a": "next", "b": 1}


def test_a_deleted_project_takes_its_states(store: Store) -> None:
    write(store, {"a": 1, "b": 1}, idempotency="once")
    write(store, {"a": 2})
    write(store, {"a": 3}, OTHER_PROJECT)
    last = store.facts.position()

    receipt = store.delete(Target(tenant=STATE.tenant, project=STATE.project))

    assert receipt.facts == 3
    assert values(store) == {}
    assert store.facts.get(STATE, "a") is None
    assert store.facts.states(STATE.tenant, STATE.project) == []
    assert values(store, state=OTHER_PROJECT) == {"a": 3}
    assert write(store, {"a": 5}, idempotency="once").position > last


@pytest.mark.parametrize(
    "fields", [{"session": SessionId("s1")}, {"trace_id": TRACE}, {"session": SessionId("s1"), "trace_id": TRACE}]
)
def test_what_a_deleted_session_or_trace_wrote_was_never_written(store: Store, fields: dict[str, Any]) -> None:
    author = Author(session=SessionId("s1"), trace_id=TRACE, span_id=SPAN)
    write(store, {"a": "before"})
    write(store, {"a": "by it", "only": "by it"}, author=author, idempotency="once")
    write(store, {"b": "after"}, author=Author(session=SessionId("s2"), trace_id=TraceId("c" * 32)))

    receipt = store.delete(Target(tenant=STATE.tenant, project=STATE.project, **fields))

    assert receipt.facts == 2
    assert values(store) == {"a": "before", "b": "after"}
    assert store.facts.states(STATE.tenant, STATE.project, SessionId("s1")) == []
    assert write(store, {"a": "again"}, idempotency="once").operations[0].version == 3


def test_the_payload_of_a_span_is_deleted_without_facts(store: Store) -> None:
    write(store, {"a": 1}, author=Author(session=SessionId("s1"), trace_id=TRACE, span_id=SPAN))

    receipt = store.delete(Target(tenant=STATE.tenant, project=STATE.project, trace_id=TRACE, span_id=SPAN))

    assert receipt.facts == 0
    assert values(store) == {"a": 1}
