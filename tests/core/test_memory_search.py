"""A search goes by what there is, says so, and gives scores that mean something."""

from collections.abc import Sequence
from typing import Any

import pytest

from agentreplay.core.memory_search import WORDS_WEIGH, MemoryAnswer, MemoryQuestion, search, tell_hit
from agentreplay.errors import ModelMissing, QueryInvalid, RerankerFailing, ValueInvalid
from agentreplay.model.memory import By, CollectionKey, Held, MemoryFilter, Record, RecordNumber
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.store.memory import MemoryStore
from tests.store.remembering import NOTES, OF_AGENT, keep

DAY = 86_400 * SECOND


class Placed:
    """A meaning in which each id lies at a given nearness to every question."""

    def __init__(self, store: MemoryStore, nearness: dict[str, float]) -> None:
        self._store = store
        self._nearness = nearness

    def near(
        self, collections: Sequence[CollectionKey], text: str, where: MemoryFilter, count: int
    ) -> Sequence[tuple[Held, float]]:
        del text
        found = [held for key in collections for held in self._store.memories.find(key, where).items]
        placed = [(held, self._nearness[held.version.id]) for held in found if held.version.id in self._nearness]
        return sorted(placed, key=lambda one: -one[1])[:count]

    def compare(self, text: str, records: Sequence[tuple[CollectionKey, RecordNumber]]) -> Sequence[float | None]:
        del text
        held = self._store.memories.held([number for _, number in records])
        return [self._nearness.get(one.version.id) for one in held]

    def alike(self, numbers: Sequence[RecordNumber]) -> Sequence[Sequence[float]] | None:
        return [[float(one == other) for other in numbers] for one in numbers]

    def lacking(self, collections: Sequence[CollectionKey]) -> int:
        del collections
        return 0


class Missing(Placed):
    def near(self, *_: Any) -> Sequence[tuple[Held, float]]:
        raise ModelMissing(model="m")


class Backwards:
    name = "backwards"

    def rank(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        del question
        return [len(text) / 100 for text in texts]


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    keep(store, {"red": "red apple", "green": "green apple", "car": "a vehicle with wheels"})
    return store


def ask(store: MemoryStore, text: str, meaning: Any = None, reranker: Any = None, **fields: Any) -> MemoryAnswer:
    now = Nanoseconds(max(held.version.changed for held in store.memories.find(NOTES).items))
    return search(store, MemoryQuestion(text=text, collections=(NOTES,), **fields), now, meaning, reranker)


def ids(answer: MemoryAnswer) -> list[str]:
    return [hit.version.id for hit in answer.hits]


def test_without_embeddings_it_is_by_words_and_says_why(store: MemoryStore) -> None:
    answer = ask(store, "red apple")

    assert (answer.by, ids(answer)) == ("words", ["red", "green"])
    assert "agentreplay embeddings install" in answer.note
    assert answer.hits[0].snippet == "\x02red\x03 \x02apple\x03"
    assert answer.hits[0].meaning is None


def test_a_model_that_fails_leaves_words(store: MemoryStore) -> None:
    answer = ask(store, "red apple", Missing(store, {}))

    assert (answer.by, ids(answer)[0]) == ("words", "red")
    assert "is not installed" in answer.note


def test_asked_for_by_words_nothing_is_missing(store: MemoryStore) -> None:
    assert ask(store, "red", by="words").note == ""


def test_both_count_by_their_scores(store: MemoryStore) -> None:
    answer = ask(store, "red apple", Placed(store, {"car": 0.9, "red": 0.8}))

    assert answer.by == "both"
    assert ids(answer) == ["red", "car", "green"]
    first, second, third = answer.hits
    assert first.words is not None
    assert third.words is not None
    assert first.score == pytest.approx(WORDS_WEIGH * first.words + (1 - WORDS_WEIGH) * 0.8)
    assert first.meaning == 0.8
    assert second.score == pytest.approx((1 - WORDS_WEIGH) * 0.9)
    assert third.score == pytest.approx(WORDS_WEIGH * third.words)
    assert (second.words, third.meaning) == (None, None)


def test_what_one_list_leaves_out_is_looked_up_in_the_other(store: MemoryStore) -> None:
    """However long the lists are, a record has the score that it would have if all were compared."""
    keep(store, {f"n{number}": f"plum {'tree ' * (number % 7)}" for number in range(150)})
    keep(store, {"last": "plum " + "and much more that nobody asked for " * 5})
    far = dict.fromkeys((f"n{number}" for number in range(150)), 0.2)
    meaning = Placed(store, {**far, "last": 0.9, "car": 0.3})

    answer = ask(store, "plum", meaning, count=1)

    alone = next(hit for hit in ask(store, "plum", by="words", count=300).hits if hit.version.id == "last")
    assert ids(answer) == ["last"]
    assert answer.hits[0].words == alone.words


@pytest.mark.parametrize("by", ["words", "both"])
@pytest.mark.parametrize("diversity", [0.0, 0.5])
def test_pages_are_parts_of_one_order(store: MemoryStore, by: By, diversity: float) -> None:
    keep(store, {f"n{number}": f"plum {'tree ' * (number % 5)}" for number in range(7)})
    meaning = Placed(store, {f"n{number}": number / 10 for number in range(7)})
    whole = ask(store, "plum", meaning, by=by, diversity=diversity, count=10)

    pages = [ask(store, "plum", meaning, by=by, diversity=diversity, count=3, skip=skip) for skip in (0, 3, 6)]

    assert [one for page in pages for one in ids(page)] == ids(whole)
    assert [page.has_more for page in pages] == [True, True, False]


def test_by_meaning_alone_the_score_is_the_cosine(store: MemoryStore) -> None:
    answer = ask(store, "red", Placed(store, {"car": 0.9, "red": -0.5}), by="meaning")

    assert [(hit.version.id, hit.score) for hit in answer.hits] == [("car", 0.9), ("red", 0.0)]


def test_a_question_of_signs_is_one_of_meaning(store: MemoryStore) -> None:
    assert ids(ask(store, "?!", Placed(store, {"car": 0.9}))) == ["car"]
    with pytest.raises(QueryInvalid):
        ask(store, "?!")


def test_age_and_importance_count_as_much_as_is_asked(store: MemoryStore) -> None:
    keep(store, {"key": Record(text="green pear, and much more that nobody asked for here", importance=1.0)})

    assert ids(ask(store, "green"))[0] == "green"
    assert ids(ask(store, "green", importance=0.8))[0] == "key"
    late = MemoryQuestion(text="green", collections=(NOTES,), recency=1.0, half_life=1.0)
    newest = max(held.version.changed for held in store.memories.find(NOTES).items)
    assert search(store, late, Nanoseconds(newest + DAY)).hits[0].score == pytest.approx(0.5, abs=0.01)


def test_what_repeats_a_better_hit_gives_way(store: MemoryStore) -> None:
    keep(store, {"again": "red apple!", "other": "apple pie with cream"})

    assert ids(ask(store, "red apple", count=2)) == ["again", "red"]
    assert ids(ask(store, "red apple", count=2, diversity=0.6))[1] in {"green", "other"}
    nearest = Placed(store, {"red": 0.9, "again": 0.8})
    assert set(ids(ask(store, "red", nearest, count=2, diversity=0.5, by="meaning"))) == {"red", "again"}


def test_what_was_known_earlier_is_found_as_it_was(store: MemoryStore) -> None:
    then = store.facts.position()
    before = ask(store, "red apple")
    keep(store, {"red": "blue plum", "new": "red red apple"})

    answer = ask(store, "red apple", Placed(store, {"car": 0.9}), at=then)
    assert (answer.by, ids(answer)) == ("words", ["red", "green"])
    assert [hit.score for hit in answer.hits] == [hit.score for hit in before.hits]
    assert "earlier" in answer.note


def test_a_filter_holds_in_the_past_too(store: MemoryStore) -> None:
    keep(store, {"mine": Record(text="red apple", author="me")})

    answer = ask(store, "apple", where=MemoryFilter(author="me"), at=store.facts.position())
    assert ids(answer) == ["mine"]


def test_a_reranker_has_the_last_word(store: MemoryStore) -> None:
    answer = ask(store, "red apple", reranker=Backwards())

    assert ids(answer) == ["green", "red"]
    assert answer.reranker == "backwards"


def test_a_reranker_that_fails_leaves_the_scores_as_they_were(store: MemoryStore) -> None:
    class Down(Backwards):
        def rank(self, question: str, texts: Sequence[str]) -> Sequence[float]:
            raise RerankerFailing(model="m", problem=f"no answer to {question} and {len(texts)}")

    answer = ask(store, "red apple", by="words", reranker=Down())

    assert ids(answer) == ids(ask(store, "red apple", by="words"))
    assert answer.reranker == ""
    assert answer.note.startswith("m did not rank what was found: no answer to red apple and 2; try again")


def test_other_collections_are_not_found(store: MemoryStore) -> None:
    keep(store, {"x": "red apple"}, OF_AGENT)

    assert "x" not in ids(ask(store, "red apple"))


@pytest.mark.parametrize("fields", [{"recency": 2.0}, {"recency": 0.6, "importance": 0.6}, {"count": 0}, {"skip": -1}])
def test_weights_that_make_no_sense_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueInvalid):
        MemoryQuestion(text="a", collections=(NOTES,), **fields)


def test_a_hit_is_told_with_its_passages(store: MemoryStore) -> None:
    told = tell_hit(ask(store, "wheels").hits[0])

    assert [(one.text, one.matches) for one in told.snippet] == [("a vehicle with ", False), ("wheels", True)]
    assert told.record.id == "car"
