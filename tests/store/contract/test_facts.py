"""What a store promises about facts: versions that only grow, one order, and every state that ever was."""

import math
from typing import Any

import pytest

from agentreplay.errors import ValueInvalid
from agentreplay.model.fact import Author, Draft, Edit, Fact, FactPosition, StateKey
from agentreplay.model.ids import SessionId
from agentreplay.model.page import PageRequest
from agentreplay.store.protocol import Store
from agentreplay.testing import draft_of
from tests.store.stating import (
    OTHER_AGENT,
    OTHER_NAMESPACE,
    OTHER_PROJECT,
    OTHER_TENANT,
    SPAN,
    STATE,
    TRACE,
    log,
    values,
    write,
)


def test_a_fact_is_what_was_written_last(store: Store) -> None:
    write(store, {"plan": {"steps": 1}})
    last = write(store, {"plan": {"steps": 2}})

    assert store.facts.get(STATE, "plan") == Fact("plan", 2, {"steps": 2}, last.position, last.committed)
    assert store.facts.get(STATE, "other") is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        "text with \udc80 half a letter",
        b"\x00\xff",
        0.1,
        -0.0,
        math.inf,
        2**53 + 1,
        2**64,
        -(2**63) - 1,
        10**5_000,
        [[1, [2, []]], {"a": [{"b": None}]}],
        {"z": 1, "a": {"": b""}, "ключ": [1.5, False]},
    ],
    ids=(
        "none true empty broken-text bytes fraction minus-zero infinity past-53-bits 64-bits past-63-bits long "
        "nested map"
    ).split(),
)
def test_values_come_back_exactly(store: Store, value: object) -> None:
    write(store, {"value": value})

    [entry] = store.facts.read(STATE)
    fact = store.facts.get(STATE, "value")
    assert fact is not None
    for found in (fact.value, store.facts.whole(STATE)["value"].value, entry.operations[0].value):
        assert found == value
        assert type(found) is type(value)
        assert repr(found) == repr(value) if not isinstance(value, int) else found == value


def test_nan_comes_back_as_nan(store: Store) -> None:
    write(store, {"value": [math.nan]})

    assert math.isnan(values(store)["value"][0])


def test_the_order_of_a_mapping_stays(store: Store) -> None:
    write(store, {"value": {"b": 1, "a": 2}})

    assert list(values(store)["value"]) == ["b", "a"]


@pytest.mark.parametrize("value", [{1: "a"}, {1, 2}, object(), [{"a": (1, {2j})}]])
def test_what_would_not_come_back_is_refused(value: object) -> None:
    with pytest.raises(ValueInvalid):
        draft_of(STATE, {"value": value})


@pytest.mark.parametrize("key", ["", "a\0b", "\ud800", "k" * 1025])
def test_what_cannot_be_a_key_is_refused(key: str) -> None:
    with pytest.raises(ValueInvalid):
        draft_of(STATE, {key: 1})


def test_what_the_caller_changes_later_changes_nothing(store: Store) -> None:
    value = {"list": [1]}
    write(store, {"value": value})
    value["list"].append(2)
    values(store)["value"]["list"].append(3)

    assert values(store) == {"value": {"list": [1]}}


def test_versions_count_each_key_by_itself(store: Store) -> None:
    write(store, {"a": 1, "b": 1})
    write(store, {"a": 2})
    write(store, {"a": ...})
    write(store, {"a": 4})

    assert [[done[1] for done in entry] for _, entry in log(store)] == [[1, 1], [2], [3], [4]]


def test_a_deleted_fact_holds_nothing_and_keeps_its_version(store: Store) -> None:
    write(store, {"a": 1})
    write(store, {"a": ...})

    fact = store.facts.get(STATE, "a")
    assert fact is not None
    assert (fact.is_deleted, fact.version, fact.value) == (True, 2, None)
    assert values(store) == {}
    assert store.facts.keys(STATE).items == ()


def test_positions_and_times_grow_over_all_states(store: Store) -> None:
    states = [STATE, OTHER_AGENT, OTHER_TENANT, STATE]

    done = [write(store, {"a": number}, state) for number, state in enumerate(states)]

    assert [entry.position for entry in done] == sorted({entry.position for entry in done})
    assert [entry.committed for entry in done] == sorted(entry.committed for entry in done)
    assert store.facts.position() == done[-1].position


def test_an_empty_store_stands_at_the_beginning(store: Store) -> None:
    assert store.facts.position() == 0
    assert list(store.facts.read(STATE)) == []
    assert store.facts.states(STATE.tenant, STATE.project) == []


def test_the_position_at_a_moment_is_that_of_the_last_commit_by_then(store: Store) -> None:
    first = write(store, {"a": 1})
    second = write(store, {"a": 2}, OTHER_TENANT)

    assert store.facts.position(first.committed) in (first.position, second.position)
    assert store.facts.position(second.committed) == second.position
    assert store.facts.position(type(first.committed)(first.committed - 1)) == 0


def test_every_past_state_can_be_asked_for(store: Store) -> None:
    expected: list[tuple[FactPosition, dict[str, Any]]] = [(FactPosition(0), {})]
    present: dict[str, Any] = {}
    for number in range(60):
        key, value = f"key {number % 7}", ... if number % 5 == 4 else [number]
        present = {**present, key: value}
        done = write(store, {key: value})
        expected.append((done.position, {key: held for key, held in present.items() if held is not ...}))

    for position, state in expected:
        assert values(store, position) == state
        assert list(values(store, position)) == sorted(state)


def test_a_fact_can_be_asked_for_at_every_position(store: Store) -> None:
    first = write(store, {"a": 1})
    write(store, {"b": 1})
    third = write(store, {"a": 2})

    found = [store.facts.get(STATE, "a", FactPosition(position)) for position in range(third.position + 2)]

    assert [fact and fact.value for fact in found] == [None, 1, 1, 2, 2]
    assert found[2] == Fact("a", 1, 1, first.position, first.committed)


def test_every_version_of_a_fact_can_be_asked_for(store: Store) -> None:
    for number in range(5):
        write(store, {"a": number})

    found = [store.facts.version(STATE, "a", version) for version in range(7)]

    assert [fact and fact.value for fact in found] == [None, 0, 1, 2, 3, 4, None]
    assert store.facts.version(STATE, "b", 1) is None


def test_the_history_of_a_fact_is_paged_newest_first(store: Store) -> None:
    for number in range(4):
        write(store, {"a": number, "b": 0})
    write(store, {"a": ...})

    first = store.facts.history(STATE, "a", PageRequest(limit=3))
    second = store.facts.history(STATE, "a", PageRequest(limit=3, after=first.next))

    assert [(fact.version, fact.is_deleted) for fact in first.items] == [(5, True), (4, False), (3, False)]
    assert [fact.version for fact in second.items] == [2, 1]
    assert second.next is None


def test_keys_are_found_by_prefix_in_order(store: Store) -> None:
    keys = ["b", "ab", "a", "aé", "a\U0010ffff", "a\U0010ffffz", "a%", "A"]
    write(store, dict.fromkeys(keys, 0))
    write(store, {"ax": 1})
    write(store, {"ax": ...})

    assert store.facts.keys(STATE).items == tuple(sorted(keys))
    assert store.facts.keys(STATE, "a").items == tuple(sorted(key for key in keys if key.startswith("a")))
    assert store.facts.keys(STATE, "a\U0010ffff").items == ("a\U0010ffff", "a\U0010ffffz")
    assert store.facts.keys(STATE, "c").items == ()


def test_keys_and_facts_are_paged(store: Store) -> None:
    write(store, {f"k{number}": number for number in range(5)})

    first = store.facts.find(STATE, "k", PageRequest(limit=2))
    write(store, {"k0a": 1, "k1a": "between"})
    second = store.facts.find(STATE, "k", PageRequest(limit=2, after=first.next))
    third = store.facts.keys(STATE, "k", PageRequest(limit=9, after=second.next))

    assert [fact.value for fact in (*first.items, *second.items)] == [0, 1, "between", 2]
    assert third.items == ("k3", "k4")
    assert third.next is None


def test_the_log_is_read_in_order(store: Store) -> None:
    first = write(store, {"a": 1, "b": 2})
    second = write(store, {"a": ...})

    assert log(store) == [
        (first.position, [("a", 1, 1), ("b", 1, 2)]),
        (second.position, [("a", 2, ...)]),
    ]
    assert [(entry.id, entry.committed) for entry in store.facts.read(STATE)] == [
        (first.id, first.committed),
        (second.id, second.committed),
    ]


def test_reading_goes_on_behind_any_position(store: Store) -> None:
    done = [write(store, {"a": number}) for number in range(6)]

    for entry in done:
        assert [left.position for left in store.facts.read(STATE, entry.position)] == [
            later.position for later in done if later.position > entry.position
        ]
    assert [left.position for left in store.facts.read(STATE, done[0].position, done[2].position)] == [
        done[1].position,
        done[2].position,
    ]


def test_what_is_committed_while_reading_is_not_read(store: Store) -> None:
    for number in range(3):
        write(store, {"a": number})

    reading = store.facts.read(STATE)
    seen = [next(reading)]
    write(store, {"a": "later"})
    seen += reading

    assert [entry.operations[0].value for entry in seen] == [0, 1, 2]


def test_a_transaction_of_many_operations_is_one(store: Store) -> None:
    many = {f"key {number:04}": "x" * 100 for number in range(1_500)}

    done = write(store, many)

    [entry] = store.facts.read(STATE)
    assert len(done.operations) == len(entry.operations) == len(many)
    assert entry.operations == done.operations
    assert values(store) == many
    assert store.facts.get(STATE, "key 1234", done.position) == store.facts.get(STATE, "key 1234")


def test_a_state_reads_only_its_own_part_of_a_transaction(store: Store) -> None:
    """Nor does it learn whom else the transaction was about."""
    edits = [Edit(namespace=key.namespace, agent=key.agent, key="a", value=key[2:]) for key in (STATE, OTHER_AGENT)]
    draft = Draft(tenant=STATE.tenant, project=STATE.project, id=draft_of(STATE, {}).id, edits=tuple(edits))

    done = store.facts.commit(draft)

    assert len(done.operations) == 2
    for state in (STATE, OTHER_AGENT):
        [entry] = store.facts.read(state)
        assert [operation.value for operation in entry.operations] == [list(state[2:])]


def test_of_several_edits_of_a_key_the_last_counts(store: Store) -> None:
    edits = [Edit(namespace="default", agent="planner", key=key, value=number) for number, key in enumerate("aba")]
    draft = Draft(tenant=STATE.tenant, project=STATE.project, id=draft_of(STATE, {}).id, edits=tuple(edits))

    done = store.facts.commit(draft)

    assert [(operation.key, operation.value) for operation in done.operations] == [("a", 2), ("b", 1)]


@pytest.mark.parametrize("other", [OTHER_AGENT, OTHER_NAMESPACE, OTHER_PROJECT, OTHER_TENANT])
def test_states_are_apart(store: Store, other: StateKey) -> None:
    write(store, {"a": 1, "shared": 1})
    write(store, {"b": 2, "shared": 2}, other)

    assert values(store) == {"a": 1, "shared": 1}
    assert values(store, state=other) == {"b": 2, "shared": 2}
    assert store.facts.keys(other).items == ("b", "shared")
    assert store.facts.history(other, "a").items == ()
    assert [entry for _, entry in log(store, other)] == [[("b", 1, 2), ("shared", 1, 2)]]


def test_the_states_of_a_project_are_listed(store: Store) -> None:
    for state in (OTHER_NAMESPACE, STATE, OTHER_PROJECT, OTHER_TENANT, OTHER_AGENT):
        write(store, {"a": 1}, state)

    assert store.facts.states(STATE.tenant, STATE.project) == [STATE, OTHER_AGENT, OTHER_NAMESPACE]


def test_the_states_a_session_wrote_to_are_listed(store: Store) -> None:
    write(store, {"a": 1})
    write(store, {"a": 1}, OTHER_AGENT, author=Author(session=SessionId("s1")))
    write(store, {"a": 1}, OTHER_NAMESPACE, author=Author(session=SessionId("s2")))

    assert store.facts.states(STATE.tenant, STATE.project, SessionId("s1")) == [OTHER_AGENT]


def test_the_author_is_kept(store: Store) -> None:
    author = Author(session=SessionId("s1"), trace_id=TRACE, span_id=SPAN)
    write(store, {"a": 1}, author=author)
    write(store, {"a": 2}, author=Author(session=SessionId("s1")))
    write(store, {"a": 3})

    assert [entry.author for entry in store.facts.read(STATE)] == [author, Author(session=SessionId("s1")), None]
