"""What a session knew at its steps."""

import pytest

from agentreplay.core.known_facts import restore_state
from agentreplay.core.known_memory import known_memories, memories_at, used_collections
from agentreplay.core.timeline import Timeline
from agentreplay.errors import FactConflict, ValueInvalid
from agentreplay.model.fact import Draft, FactPosition, Transaction, TransactionId
from agentreplay.model.memory import COLLECTION, MEMORY, OWNER, CollectionKey, Record, RecordEdit, RecordId
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker
from tests.core.conftest import Keep


@pytest.fixture
def notes(make: Maker) -> CollectionKey:
    return CollectionKey(make.tenant, make.project, "agent:clerk", "notes")


@pytest.fixture
def session(make: Maker) -> SessionKey:
    return SessionKey(make.tenant, make.project, make.session_id)


def remember(store: Store, notes: CollectionKey, number: int, **texts: str) -> Transaction:
    return store.facts.commit(
        Draft(
            tenant=notes.tenant,
            project=notes.project,
            id=TransactionId(f"t{number}"),
            edits=tuple(RecordEdit.put(notes, key, Record(text=text)) for key, text in texts.items()),
        )
    )


def search_after(make: Maker, done: Transaction, **attributes: str) -> Span:
    start = Nanoseconds(done.committed)
    told = {COLLECTION: "notes", OWNER: "agent:clerk"} | attributes
    return make.span(kind=MEMORY, start=start, end=start, attributes=dict(told))


def test_a_step_knows_what_was_remembered_by_then(
    store: Store, keep: Keep, make: Maker, session: SessionKey, notes: CollectionKey
) -> None:
    """Also by others: a session that only looks is told what it could find."""
    first = remember(store, notes, 1, a="one")
    keep(search_after(make, first))
    line = Timeline(store, session)
    assert [one.records for one in line.at(1).memory] == [1]
    second = remember(store, notes, 2, b="two")
    keep(search_after(make, second))

    one, two = line.at(1), line.at(2)

    assert [(known.owner, known.collection, known.records) for known in (*one.memory, *two.memory)] == [
        ("agent:clerk", "notes", 1),
        ("agent:clerk", "notes", 2),
    ]
    assert (one.position, two.position) == (first.position, second.position)
    assert one.hash != two.hash
    known = memories_at(store.facts, line.collections, one.position)[notes]
    assert known[RecordId("a")].record == Record(text="one")


def test_collections_that_come_later_are_noticed(
    store: Store, keep: Keep, make: Maker, session: SessionKey, notes: CollectionKey
) -> None:
    done = remember(store, notes, 1, a="one")
    keep(make.span(start=Nanoseconds(done.committed)))
    line = Timeline(store, session)
    assert line.at("end").memory == ()

    keep(search_after(make, done))

    assert [one.collection for one in line.at("end").memory] == ["notes"]


def test_spans_of_another_memory_name_no_collection(store: Store, keep: Keep, make: Maker, session: SessionKey) -> None:
    keep(make.span(kind=MEMORY), make.span(kind=MEMORY, attributes={COLLECTION: "notes", OWNER: "somebody"}))

    assert used_collections(store.spans, session) == frozenset()


def test_what_was_compacted_away_is_no_longer_known(store: Store, notes: CollectionKey) -> None:
    remember(store, notes, 1, a="one")
    store.facts.compact(notes.state, remember(store, notes, 2, a="two").position)

    (known,) = known_memories(store.facts, frozenset({notes}), FactPosition(1))

    assert (known.records, known.hash) == (0, None)


def test_records_are_restored_beside_what_is_there_now(
    store: Store, keep: Keep, make: Maker, session: SessionKey, notes: CollectionKey
) -> None:
    done = remember(store, notes, 1, a="one")
    step = search_after(make, done)
    keep(step)
    remember(store, notes, 2, a="changed", b="new")
    collections = used_collections(store.spans, session)

    restore_state(store.facts, step, "again", TransactionId("r1"), collections)

    again = notes._replace(name="again.notes")
    held = store.memories.get(again, RecordId("a"))
    assert held is not None
    assert held.record == Record(text="one")
    assert store.memories.count(again) == 1
    with pytest.raises(FactConflict):
        restore_state(store.facts, step, "again", TransactionId("r2"), collections)
    with pytest.raises(ValueInvalid):
        restore_state(store.facts, step, "", TransactionId("r3"), collections)
