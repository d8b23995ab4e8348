"""Scores are given, given anew, taken back and listed, of what is there and of nothing else."""

from typing import Any

import pytest

from agentreplay.core import scores
from agentreplay.core.memory_writing import redactor_for
from agentreplay.errors import ScoreMissing, SessionMissing, SpanMissing
from agentreplay.model.ids import SessionId, SpanId
from agentreplay.model.score import GivenScore, Score
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span, SpanKey
from agentreplay.model.time import Nanoseconds
from agentreplay.settings import Settings
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of

NOW: dict[str, Any] = {"now": Nanoseconds(1_000_000), "randomness": b"0123456789"}


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def span(store: MemoryStore) -> Span:
    span = Maker().span(session="s")
    store.append(batch_of(span))
    return span


def session_of(span: Span) -> SessionKey:
    return SessionKey(span.tenant, span.project, span.session)


def add(store: MemoryStore, what: SessionKey | SpanKey, value: float, **fields: Any) -> GivenScore:
    return scores.add(store, what, Score(name="helpful", value=value, **fields), **NOW)


def test_a_session_tells_its_scores_and_those_of_its_spans(store: MemoryStore, span: Span) -> None:
    add(store, span.key, 0.5, comment="it guessed")
    add(store, session_of(span), 1, author="judge")

    assert [scores.spell(given) for given in scores.of(store, session_of(span))] == [
        "helpful 1 by judge",
        "helpful 0.5",
    ]
    [of_span] = map(scores.tell, scores.of(store, span.key))
    assert (of_span.value, of_span.comment, of_span.span_id) == (0.5, "it guessed", span.span_id)


def test_what_was_said_before_stays_in_the_history(store: MemoryStore, span: Span) -> None:
    add(store, span.key, 0.5)
    assert add(store, span.key, 0.75).version == 2
    scores.remove(store, span.key, "helpful", **NOW)

    assert scores.of(store, span.key) == []
    assert [scores.tell(given).value for given in scores.past(store, span.key)] == [0.5, 0.75, None]
    assert scores.past(store, span.key) == scores.past(store, session_of(span))


def test_what_is_not_there_is_not_scored(store: MemoryStore, span: Span) -> None:
    with pytest.raises(SessionMissing):
        add(store, session_of(span)._replace(session=SessionId("nobody")), 1)
    with pytest.raises(SpanMissing):
        add(store, span.key._replace(span_id=SpanId("f" * 16)), 1)
    with pytest.raises(ScoreMissing):
        scores.remove(store, span.key, "helpful", **NOW)
    add(store, span.key, 1, author="judge")
    with pytest.raises(ScoreMissing):
        scores.remove(store, span.key, "helpful", **NOW)


def test_a_comment_is_kept_without_secrets(store: MemoryStore, span: Span) -> None:
    said = Score(name="safe", value=0, comment="it printed ghp_" + "a1B2" * 9)

    given = scores.add(store, span.key, said, **NOW, redactor=redactor_for(Settings.read({}), span.project))

    assert "a1B2" not in scores.tell(given).comment
    assert "a1B2" not in repr(scores.of(store, span.key))
