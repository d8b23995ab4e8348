"""What can be a score, and what makes one and the same."""

import math
from typing import Any

import pytest

from agentreplay.errors import ValueInvalid
from agentreplay.model.ids import ProjectId, SpanId, TenantId, TraceId
from agentreplay.model.score import Score, ScoreName, is_of_agents, is_score
from agentreplay.model.span import SpanKey

SPAN = SpanKey(TenantId("acme"), ProjectId("demo"), TraceId("a" * 32), SpanId("b" * 16))


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "a\x1fb"},
        {"author": "a\x1fb"},
        {"value": math.nan},
        {"value": math.inf},
        {"value": True},
        {"comment": "x" * 4097},
    ],
    ids="nameless broken split nan infinite truth long".split(),
)
def test_what_cannot_be_a_score_is_refused(fields: dict[str, Any]) -> None:
    told: dict[str, Any] = {"name": "helpful", "value": 1.0, **fields}

    with pytest.raises(ValueInvalid):
        Score(**told)


def test_a_whole_number_is_a_score_as_any() -> None:
    score = Score(name="grade", value=3)

    assert (type(score.value), score) == (float, Score(name="grade", value=3.0))


@pytest.mark.parametrize("span", [None, SPAN])
def test_a_key_spells_what_makes_a_score_one_and_the_same(span: SpanKey | None) -> None:
    name = ScoreName.of("how/helpful", "a judge", span)

    assert ScoreName.read(name.key) == name
    assert name.key != ScoreName.of("how/helpful", "", span).key


def test_scores_are_apart_from_what_agents_hold_to_be_so() -> None:
    assert is_score("\x1e")
    assert not is_of_agents("\x1e")
    assert not is_of_agents("\x1fagent:planner")
    assert is_of_agents("default")
