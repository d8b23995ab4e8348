"""What somebody found a session or a span to be worth: a number under a name. Scores are facts about recordings."""

import math
from typing import NamedTuple

import msgspec

from agentreplay.errors import ValueInvalid
from agentreplay.model.fact import Author, Edit, Fact, FactPosition, StateKey, check_key, check_value
from agentreplay.model.ids import SpanId, TraceId, check_name, check_span_id, check_trace_id
from agentreplay.model.memory import Source, is_memory
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanKey
from agentreplay.model.time import Nanoseconds

__all__ = [
    "EVALUATION",
    "LONGEST_COMMENT",
    "SCORE",
    "GivenScore",
    "Score",
    "ScoreEdit",
    "ScoreName",
    "is_of_agents",
    "is_score",
    "score_of",
    "score_prefix",
    "scored_in",
    "scores_state",
]

EVALUATION = "evaluation"
"""The kind of span in which something is scored."""

SCORE = "score.name"
"""The attribute of such a span that names the score."""

LONGEST_COMMENT = 4_096
"""So many characters may say why."""

_NAMESPACE = "\x1e"
"""Where scores are facts. No agent may name a namespace so."""

_BREAK = "\x1f"
"""Between the parts of a key; no name has it."""


class Score(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A number under a name, and why it is what it is."""

    name: str
    value: float
    """Whatever its name says: a share from 0 to 1, a grade, 1 for yes. Higher is not always better."""
    author: str = ""
    """Who says so: a person, a judge, a program. Each has a score of its own under a name."""
    comment: str = ""
    source: Source = Source()
    """The session and the span in which it was given, where that was recorded."""

    def __post_init__(self) -> None:
        check_name(self.name, "the name of a score")
        if self.author:
            check_name(self.author, "the author of a score")
        if isinstance(self.value, bool) or not math.isfinite(self.value):
            raise ValueInvalid(what=f"the score {self.name!r}", problem=f"{self.value} is no finite number")
        if len(self.comment) > LONGEST_COMMENT:
            problem = f"it is longer than {LONGEST_COMMENT} characters; say it shorter"
            raise ValueInvalid(what="the comment of a score", problem=problem)
        # A whole number is given as such and compared with others that are none.
        msgspec.structs.force_setattr(self, "value", float(self.value))


class ScoreName(NamedTuple):
    """What makes a score one and the same: given again, it takes the place of the one before."""

    name: str
    author: str
    trace_id: TraceId | None
    span_id: SpanId | None

    @classmethod
    def of(cls, name: str, author: str = "", span: SpanKey | None = None) -> "ScoreName":
        """The score of a span; without one, of the session as a whole."""
        return cls(name, author, None if span is None else span.trace_id, None if span is None else span.span_id)

    @classmethod
    def read(cls, key: str) -> "ScoreName":
        """The name that a key spells."""
        place, name, author = key.split(_BREAK)
        trace_id, _, span_id = place.partition("/")
        if not place:
            return cls(name, author, None, None)
        return cls(name, author, check_trace_id(trace_id), check_span_id(span_id))

    @property
    def key(self) -> str:
        """Under this key it is a fact."""
        return check_key(f"{_place(self.trace_id, self.span_id)}{_BREAK}{self.name}{_BREAK}{self.author}")


class GivenScore(msgspec.Struct, frozen=True, kw_only=True):
    """A score as it was given; without one where it was taken back."""

    trace_id: TraceId | None
    """The span it is of; None where it is of the session as a whole."""
    span_id: SpanId | None
    version: int
    position: FactPosition
    given: Nanoseconds
    name: str
    author: str
    score: Score | None


class ScoreEdit(Edit, frozen=True, kw_only=True):
    """What a transaction is to do to one score."""

    def __post_init__(self) -> None:
        check_key(self.key)
        check_value(self.value)

    @classmethod
    def put(cls, session: SessionKey, name: ScoreName, score: Score) -> "ScoreEdit":
        """Give it, in place of the one before."""
        state = scores_state(session)
        value = msgspec.to_builtins(score)
        return cls(namespace=state.namespace, agent=state.agent, key=name.key, value=value)

    @classmethod
    def remove(cls, session: SessionKey, name: ScoreName) -> "ScoreEdit":
        """Take it back. What it was stays in its history."""
        state = scores_state(session)
        return cls(namespace=state.namespace, agent=state.agent, key=name.key, is_deleted=True)


def scores_state(session: SessionKey) -> StateKey:
    """The state in the ledger whose facts are the scores of a session and of its spans."""
    return StateKey(session.tenant, session.project, _NAMESPACE, session.session)


def score_prefix(span: SpanKey) -> str:
    """How the keys of a span's scores begin."""
    return _place(span.trace_id, span.span_id) + _BREAK


def score_of(fact: Fact) -> GivenScore:
    """What a fact says, if it is a score."""
    name = ScoreName.read(fact.key)
    return GivenScore(
        trace_id=name.trace_id,
        span_id=name.span_id,
        version=fact.version,
        position=fact.position,
        given=fact.committed,
        name=name.name,
        author=name.author,
        score=None if fact.is_deleted else msgspec.convert(fact.value, Score),
    )


def scored_in(session: SessionKey, name: ScoreName) -> Author:
    """Scores go with what they are of: in the ledger they are the session's, and the span's."""
    return Author(session=session.session, trace_id=name.trace_id, span_id=name.span_id)


def is_score(namespace: str) -> bool:
    """Whether the facts of a namespace are scores."""
    return namespace == _NAMESPACE


def is_of_agents(namespace: str) -> bool:
    """Whether the facts of a namespace are what agents hold to be so: neither records nor scores."""
    return not is_memory(namespace) and not is_score(namespace)


def _place(trace_id: TraceId | None, span_id: SpanId | None) -> str:
    return "" if trace_id is None else f"{trace_id}/{span_id}"
