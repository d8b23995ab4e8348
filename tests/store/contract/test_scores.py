"""What a store promises about scores: sessions and spans are found by them, and they go with what they are of."""

import pytest

from agentreplay.model.fact import Draft, TransactionId
from agentreplay.model.query import ScoreMatch, SessionFilter, SpanFilter
from agentreplay.model.receipt import Target
from agentreplay.model.score import Score, ScoreEdit, ScoreName, score_of, scored_in, scores_state
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import append, session_key


def give(store: Store, of: Span | SessionKey, value: float | None, name: str = "helpful", author: str = "") -> None:
    """Score a session or a span; None takes it back."""
    session, span = (of, None) if isinstance(of, SessionKey) else (session_key(of), of.key)
    which = ScoreName.of(name, author, span)
    score = None if value is None else Score(name=name, value=value, author=author)
    edit = ScoreEdit.remove(session, which) if score is None else ScoreEdit.put(session, which, score)
    author_of_it = scored_in(session, which)
    draft = Draft(
        tenant=session.tenant, project=session.project, id=TransactionId("t"), edits=(edit,), author=author_of_it
    )
    store.facts.commit(draft)


def sessions(store: Store, make: Maker, *scores: ScoreMatch) -> set[str]:
    where = SessionFilter(tenant=make.tenant, project=make.project, scores=scores)
    return {row.session.id for row in store.sessions.find(where).items}


def spans(store: Store, make: Maker, *scores: ScoreMatch) -> set[str]:
    where = SpanFilter(tenant=make.tenant, project=make.project, scores=scores)
    return {row.span_id for row in store.spans.find(where).items}


def scored(store: Store, session: SessionKey) -> dict[str, float]:
    given = [score_of(fact) for fact in store.facts.whole(scores_state(session)).values()]
    return {one.name: one.score.value for one in given if one.score is not None}


@pytest.fixture
def pair(store: Store, make: Maker) -> tuple[Span, Span]:
    """A span of each of two sessions."""
    good, bad = make.span(session="good"), make.span(session="bad")
    append(store, batch_of(good, bad))
    return good, bad


def test_sessions_and_spans_are_found_by_how_a_score_compares(
    store: Store, make: Maker, pair: tuple[Span, Span]
) -> None:
    good, bad = pair
    give(store, good, 0.9)
    give(store, bad, 0.5)
    give(store, session_key(bad), 7, "grade")

    for comparison, found in ((">", {"good"}), (">=", {"good", "bad"}), ("<", set[str]()), ("=", {"bad"})):
        match = ScoreMatch(name="helpful", comparison=comparison, value=0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        assert sessions(store, make, match) == found, comparison
        assert spans(store, make, match) == {span.span_id for span in pair if span.session in found}
    assert sessions(store, make, ScoreMatch(name="grade")) == {"bad"}
    assert spans(store, make, ScoreMatch(name="grade")) == set()
    assert sessions(store, make, ScoreMatch(name="grade", negated=True)) == {"good"}
    assert spans(store, make, ScoreMatch(name="helpful", comparison="<", value=0.6, negated=True)) == {good.span_id}
    assert sessions(store, make, ScoreMatch(name="helpful"), ScoreMatch(name="grade")) == {"bad"}


def test_a_score_given_again_takes_the_place_of_the_one_before(
    store: Store, make: Maker, pair: tuple[Span, Span]
) -> None:
    good, _ = pair
    give(store, good, 0.9)
    give(store, good, 0.1)
    give(store, good, 0.2, author="judge")

    assert sessions(store, make, ScoreMatch(name="helpful", comparison=">", value=0.5)) == set()
    assert sessions(store, make, ScoreMatch(name="helpful", comparison="=", value=0.2)) == {"good"}
    history = store.facts.history(scores_state(session_key(good)), ScoreName.of("helpful", span=good.key).key)
    assert [score_of(fact).score for fact in history.items] == [
        Score(name="helpful", value=0.1),
        Score(name="helpful", value=0.9),
    ]


def test_a_score_that_was_taken_back_finds_nothing(store: Store, make: Maker, pair: tuple[Span, Span]) -> None:
    good, _ = pair
    give(store, good, 0.9)
    give(store, good, None)

    assert sessions(store, make, ScoreMatch(name="helpful")) == spans(store, make, ScoreMatch(name="helpful")) == set()


def test_scores_go_with_what_they_are_of(store: Store, make: Maker, pair: tuple[Span, Span]) -> None:
    good, bad = pair
    for span in pair:
        give(store, span, 0.9)
        give(store, session_key(span), 1, "grade")

    whole = store.delete(Target(tenant=make.tenant, project=make.project, session=good.session))
    trace = store.delete(Target(tenant=make.tenant, project=make.project, trace_id=bad.trace_id))
    append(store, batch_of(*pair))

    assert (whole.scores, trace.scores, whole.facts) == (2, 1, 0)
    assert scored(store, session_key(good)) == {}
    assert scored(store, session_key(bad)) == {"grade": 1}
    assert sessions(store, make, ScoreMatch(name="helpful")) == spans(store, make, ScoreMatch(name="helpful")) == set()
    assert sessions(store, make, ScoreMatch(name="grade")) == {"bad"}

    assert store.delete(Target(tenant=make.tenant, project=make.project)).scores == 1
    append(store, batch_of(*pair))
    assert sessions(store, make, ScoreMatch(name="grade")) == set()


def test_scores_are_no_state_of_an_agent(store: Store, make: Maker, pair: tuple[Span, Span]) -> None:
    give(store, pair[0], 0.9)

    assert store.facts.states(make.tenant, make.project) == []
    assert store.facts.states(make.tenant, make.project, pair[0].session) == []
    assert store.memories.collections(make.tenant) == []


def test_nobody_finds_by_the_scores_of_a_stranger(store: Store, make: Maker, pair: tuple[Span, Span]) -> None:
    stranger = Maker(tenant="rival", seed=9)
    theirs = stranger.span(session="good", trace_id=pair[0].trace_id, span_id=pair[0].span_id)
    append(store, batch_of(theirs))

    give(store, theirs, 0.9)

    assert sessions(store, make, ScoreMatch(name="helpful")) == spans(store, make, ScoreMatch(name="helpful")) == set()
    assert sessions(store, stranger, ScoreMatch(name="helpful")) == {"good"}
