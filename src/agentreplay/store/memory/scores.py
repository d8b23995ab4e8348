"""Which scores the sessions of a memory store have, and whether they are such as a filter asks for."""

from collections.abc import Iterable, Sequence

from agentreplay.model.query import ScoreMatch
from agentreplay.model.score import GivenScore, score_of, scores_state
from agentreplay.model.session import SessionKey
from agentreplay.store.memory.facts import MemoryFacts

__all__ = ["are_scored", "scores_of"]


def scores_of(facts: MemoryFacts, session: SessionKey) -> Sequence[GivenScore]:
    """All of the session and of its spans."""
    return [score_of(fact) for fact in facts.whole(scores_state(session)).values()]


def are_scored(given: Iterable[GivenScore], matches: Iterable[ScoreMatch]) -> bool:
    """Whether these scores satisfy all conditions."""
    scores = [one.score for one in given if one.score is not None]
    return all(match.holds(score.value for score in scores if score.name == match.name) for match in matches)
