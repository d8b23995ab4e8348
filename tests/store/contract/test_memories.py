"""What a store promises about memories: records are facts of their collection, and are found by their words."""

import pytest

from agentreplay.errors import CursorInvalid, ValueInvalid
from agentreplay.model.fact import Author
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.memory import MemoryFilter, Record, RecordId, RecordNumber, Source, collection_key
from agentreplay.model.page import Cursor, PageRequest
from agentreplay.model.receipt import Target
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Store
from tests.store.remembering import (
    ALL,
    NOTES,
    OF_AGENT,
    OTHER_PROJECT,
    OTHER_TENANT,
    found,
    keep,
    take_out,
    texts,
)
from tests.store.stating import STATE, TRACE, write

SESSION = SessionId("session-1")


def test_a_record_comes_back_exactly(store: Store) -> None:
    record = Record(
        text="The staging server is called Ada.",
        metadata={"team": "infra", "sure": True, "times": 3, "share": 0.5, "until": None},
        source=Source(place="docs/a.md", heading="Servers > Staging", first_line=3, last_line=9, session=SESSION),
        author="planner",
        importance=0.9,
        valid_from=Nanoseconds(5),
        valid_until=Nanoseconds(1 << 62),
        merged=("other",),
    )
    done = keep(store, {"a": record})

    held = store.memories.get(NOTES, RecordId("a"))
    assert held is not None
    assert (held.record, held.version.version, held.version.position) == (record, 1, done.position)
    assert held.version.changed == done.committed
    assert store.memories.get(NOTES, RecordId("b")) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"text": " \n"},
        {"text": "x" * ((1 << 20) + 1)},
        {"text": "a", "importance": 1.5},
        {"text": "a", "metadata": {'"': 1}},
        {"text": "half \ud800"},
        {"text": "a", "metadata": {"n": [1]}},
    ],
    ids="blank long important name broken number".split(),
)
def test_what_cannot_be_remembered_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueInvalid):
        Record(**fields)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("owner", "name"), [("agent:", "notes"), ("planner", "notes"), ("", ""), ("", "a\x1f")])
def test_what_cannot_name_a_collection_is_refused(owner: str, name: str) -> None:
    with pytest.raises(ValueInvalid):
        collection_key(TenantId("acme"), ProjectId("demo"), owner, name)


def test_the_ledger_tells_what_a_collection_was(store: Store) -> None:
    first = keep(store, {"a": "one"})
    keep(store, {"a": "two", "b": "other"})
    take_out(store, "a")

    assert list(store.facts.whole(NOTES.state, first.position)) == ["a"]
    assert [fact.version for fact in store.facts.history(NOTES.state, "a").items] == [3, 2, 1]
    assert texts(store) == {"b": "other"}


def test_collections_are_no_states_and_states_are_no_collections(store: Store) -> None:
    keep(store, {"a": "one"})
    keep(store, {"a": "one"}, OF_AGENT)
    write(store, {"a": 1})

    keep(store, {"a": "one"}, OTHER_PROJECT)
    keep(store, {"a": "one"}, OTHER_TENANT)

    assert list(store.memories.collections(*NOTES[:2])) == [NOTES, OF_AGENT]
    assert list(store.memories.collections(NOTES.tenant)) == [NOTES, OF_AGENT, OTHER_PROJECT]
    assert list(store.facts.states(*NOTES[:2])) == [STATE]


def test_records_that_changed_last_come_first_in_pages(store: Store) -> None:
    keep(store, {"a": "one", "b": "two"})
    keep(store, {"c": "three"})
    keep(store, {"a": "four"})

    first = store.memories.find(NOTES, ALL, PageRequest(limit=2))
    rest = store.memories.find(NOTES, ALL, PageRequest(limit=2, after=first.next))
    assert [held.version.id for held in (*first.items, *rest.items)] == ["a", "c", "b"]
    assert rest.next is None
    with pytest.raises(CursorInvalid):
        store.memories.find(NOTES, ALL, PageRequest(after=Cursor("x")))


FILTERED = {
    "plain": Record(text="a word"),
    "full": Record(
        text="a word",
        author="planner",
        source=Source(place="docs/a.md", session=SESSION),
        importance=0.8,
        metadata={"team": "infra", "n": 1, "f": 1.5, "nothing": None},
        valid_from=Nanoseconds(100),
        valid_until=Nanoseconds(200),
    ),
    "true": Record(text="a word", metadata={"n": True}, valid_until=Nanoseconds(50)),
}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (MemoryFilter(author="planner"), {"full"}),
        (MemoryFilter(session=SESSION), {"full"}),
        (MemoryFilter(place="docs/"), {"full"}),
        (MemoryFilter(place="docs%"), set[str]()),
        (MemoryFilter(importance=0.8), {"full"}),
        (MemoryFilter(valid_at=Nanoseconds(100)), {"plain", "full"}),
        (MemoryFilter(valid_at=Nanoseconds(200)), {"plain"}),
        (MemoryFilter(valid_at=Nanoseconds(49)), {"plain", "true"}),
        (MemoryFilter(metadata={"team": "infra"}), {"full"}),
        (MemoryFilter(metadata={"n": 1}), {"full"}),
        (MemoryFilter(metadata={"n": True}), {"true"}),
        (MemoryFilter(metadata={"f": 1.5, "nothing": None}), {"full"}),
        (MemoryFilter(since=Nanoseconds(1 << 62)), set[str]()),
        (MemoryFilter(until=Nanoseconds(1 << 62)), {"plain", "full", "true"}),
    ],
)
def test_a_filter_means_the_same_to_every_question(store: Store, where: MemoryFilter, expected: set[str]) -> None:
    keep(store, dict(FILTERED))

    assert set(texts(store, where=where)) == expected
    assert set(found(store, "word", where=where)) == expected
    assert store.memories.count(NOTES, where) == len(store.memories.numbers(NOTES, where)) == len(expected)


def test_a_search_takes_any_word_and_prefers_the_rare(store: Store) -> None:
    keep(store, {f"common-{n}": f"the server number {n}" for n in range(5)})
    keep(store, {"rare": "the cat", "both": "server cat"})

    assert found(store, "server cat")[:2] == ["both", "rare"]
    assert len(found(store, "server cat")) == 7
    assert found(store, "dog") == []


def test_phrases_beginnings_headings_and_other_scripts_are_found(store: Store) -> None:
    keep(store, {"a": "red apple green pear", "b": "green apple red pear", "c": "Žluťoučký kůň 東京"})
    keep(store, {"d": Record(text="nothing", source=Source(heading="Deployment"))})

    assert found(store, '"red apple"') == ["a"]
    assert found(store, "deploy*") == ["d"]
    assert found(store, "zlutoucky") == found(store, "京") == ["c"]


def test_the_filter_comes_before_the_best_are_counted(store: Store) -> None:
    keep(store, {f"many-{n}": "apple apple apple" for n in range(300)})
    keep(store, {"one": Record(text="an apple among very many other words", author="me")})

    assert found(store, "apple", where=MemoryFilter(author="me"), most=1) == ["one"]


def test_scores_lie_between_nothing_and_one_and_are_those_of_every_store(store: Store) -> None:
    keep(store, {"a": "apple", "b": "apple apple apple", "c": "pear plum"})

    hits = store.memories.search((NOTES,), "apple", ALL, 10)
    scores = {hit.held.version.id: round(hit.score, 4) for hit in hits}
    assert scores == {"a": 0.5714, "b": 0.6452}


@pytest.mark.parametrize("other", [OF_AGENT, OTHER_PROJECT, OTHER_TENANT], ids=["owner", "project", "tenant"])
def test_what_others_remember_is_not_found_and_changes_no_score(store: Store, other: object) -> None:
    keep(store, {"a": "apple", "b": "pear"})
    before = store.memories.search((NOTES,), "apple", ALL, 10)
    keep(store, {f"x{n}": "apple apple plum" for n in range(5)}, other)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    assert store.memories.search((NOTES,), "apple", ALL, 10) == before
    assert found(store, "plum") == []
    assert set(texts(store)) == {"a", "b"}


def test_several_collections_are_searched_as_one(store: Store) -> None:
    keep(store, {"a": "apple"})
    keep(store, {"b": "apple apple"}, OF_AGENT)

    assert found(store, "apple", NOTES, OF_AGENT, NOTES) == ["b", "a"]


def test_what_was_replaced_or_removed_is_found_no_more(store: Store) -> None:
    keep(store, {"a": "apple", "b": "apple"})
    keep(store, {"a": "pear"})
    take_out(store, "b")

    assert found(store, "apple") == []
    assert found(store, "pear") == ["a"]


def test_a_text_has_its_number_as_long_as_it_stays(store: Store) -> None:
    def number() -> RecordNumber:
        [only] = store.memories.numbers(NOTES)
        return only

    keep(store, {"a": "apple"})
    first = number()
    keep(store, {"a": Record(text="apple", importance=1.0)})
    same = number()
    keep(store, {"a": "pear"})
    second = number()
    take_out(store, "a")
    keep(store, {"a": "apple"})

    assert first == same
    assert len({first, second, number()}) == 3
    assert [held.version.version for held in store.memories.held((first, number()))] == [5]


def test_vectors_stay_with_the_text_they_were_made_of(store: Store) -> None:
    keep(store, {"a": "apple", "b": "pear"})
    a, b = store.memories.numbers(NOTES)

    assert [held.number for held in store.memories.unembedded(NOTES, "m", 10)] == [a, b]
    assert store.memories.embed(NOTES, "m", {a: b"1", b: b"2", RecordNumber(99): b"3"}) == 2
    assert store.memories.embed(NOTES, "other", {a: b"4"}) == 1
    assert store.memories.embed(OF_AGENT, "m", {a: b"5"}) == 0
    assert store.memories.models(NOTES) == {"m": 2, "other": 1}
    keep(store, {"a": "plum"})

    assert list(store.memories.embeddings(NOTES, "m")) == [(b, b"2")]
    assert list(store.memories.embeddings(NOTES, "m", b)) == []
    assert len(store.memories.unembedded(NOTES, "m", 10)) == 1
    assert store.memories.drop_embeddings(NOTES, "m") == 1
    assert store.memories.models(NOTES) == {}


def test_what_is_forgotten_was_never_there(store: Store) -> None:
    keep(store, {"a": "apple", "b": "banana"})
    keep(store, {"a": "apricot"})
    last = keep(store, {"c": "cherry"})
    a = store.memories.get(NOTES, RecordId("a"))
    assert a is not None
    store.memories.embed(NOTES, "m", {a.number: b"1"})

    went = store.memories.forget(NOTES, [RecordId("a"), RecordId("a"), RecordId("nobody")])

    assert (went.records, went.versions, went.vectors, went.numbers) == (1, 2, 1, (a.number,))
    assert set(texts(store)) == set(store.facts.whole(NOTES.state, last.position)) == {"b", "c"}
    assert store.facts.history(NOTES.state, "a").items == ()
    assert found(store, "apple apricot") == []
    assert store.memories.forget(NOTES, [RecordId("a")]).records == 0
    keep(store, {"a": "again"})
    assert [fact.version for fact in store.facts.history(NOTES.state, "a").items] == [1]


def test_a_collection_of_which_nothing_is_left_is_gone(store: Store) -> None:
    keep(store, {"a": "apple"})
    store.memories.forget(NOTES, [RecordId("a")])

    assert list(store.memories.collections(*NOTES[:2])) == []


def test_what_a_session_remembered_goes_with_it(store: Store) -> None:
    keep(store, {"a": "apple", "b": "banana"})
    keep(store, {"a": "cherry", "c": "cherry"}, author=Author(session=SESSION, trace_id=TRACE))

    receipt = store.delete(Target(tenant=NOTES.tenant, project=NOTES.project, session=SESSION))

    assert (receipt.facts, receipt.memories) == (0, 2)
    assert texts(store) == {"a": "apple", "b": "banana"}
    assert found(store, "cherry") == []
    assert found(store, "apple") == ["a"]


def test_collections_go_with_their_project(store: Store) -> None:
    keep(store, {"a": "apple"})
    keep(store, {"a": "apple"}, OTHER_PROJECT)

    receipt = store.delete(Target(tenant=NOTES.tenant, project=NOTES.project))

    assert receipt.memories == 1
    assert texts(store) == {}
    assert found(store, "apple", NOTES, OTHER_PROJECT) == ["a"]


def test_signs_beside_a_word_do_not_count(store: Store) -> None:
    keep(store, {"a": "Call (Ada), please!", "b": "Call Ada please"})

    first, second = store.memories.search((NOTES,), "ada please", ALL, 10)

    assert first.score == second.score > 0


def test_a_word_stands_for_all_of_its_stem(store: Store) -> None:
    keep(store, {"a": "It was deployed on Monday", "b": "The deploys are late", "c": "A deputy spoke"})

    assert set(found(store, "deploying")) == {"a", "b"}
    assert found(store, "deploye*") == ["a"]
    assert found(store, '"deploys are"') == ["b"]


def test_words_of_grammar_count_only_where_there_are_no_others(store: Store) -> None:
    keep(store, {"a": "what it is", "b": "apples"})

    assert found(store, "what is an apple") == ["b"]
    assert found(store, "what is it") == ["a"]


def test_some_are_weighed_however_many_are_better(store: Store) -> None:
    keep(store, {"a": "plum", "b": "plum and pear", "c": "plum and pear and much more", "d": "pear"})
    numbers: dict[str, RecordNumber] = {held.version.id: held.number for held in store.memories.find(NOTES).items}
    whole = store.memories.search((NOTES,), "plum", ALL, 10)
    every: dict[str, float] = {hit.held.version.id: hit.score for hit in whole}

    hits = store.memories.search((NOTES,), "plum", ALL, 1, [numbers["c"], numbers["d"]])

    assert {hit.held.version.id: hit.score for hit in hits} == {"a": every["a"], "c": every["c"]}
