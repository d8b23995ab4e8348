"""Scores: what somebody found a session or a span to be worth. Given, given anew, taken back, and listed."""

from collections.abc import Iterator, Sequence

import msgspec

from agentreplay.core import relations, sessions
from agentreplay.core.redact import Redactor
from agentreplay.core.state_transaction import new_transaction_id
from agentreplay.errors import ScoreMissing
from agentreplay.model.fact import Draft, Fact
from agentreplay.model.memory import Source
from agentreplay.model.score import (
    GivenScore,
    Score,
    ScoreEdit,
    ScoreName,
    score_of,
    score_prefix,
    scored_in,
    scores_state,
)
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanKey
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Facts, Store

__all__ = ["ToldScore", "add", "of", "past", "remove", "spell", "tell"]


class ToldScore(msgspec.Struct, frozen=True, kw_only=True):
    """A score for JSON."""

    name: str
    value: float | None
    """null where it was taken back."""
    author: str
    comment: str
    trace_id: str | None
    """The span it is of; null where it is of the session as a whole."""
    span_id: str | None
    version: int
    given: Nanoseconds
    source: Source
    """The session and the span in which it was given, where that was recorded."""


def add(  # noqa: PLR0913  # what it is of, what it is, and what must be passed in
    store: Store,
    of: SessionKey | SpanKey,
    score: Score,
    *,
    now: Nanoseconds,
    randomness: bytes,
    redactor: Redactor | None = None,
) -> GivenScore:
    """Score a session or a span. What the same author said under this name before stays in the history.

    Raises SessionMissing, and SpanMissing.
    """
    session, span = _place(store, of)
    clean = score if redactor is None else msgspec.structs.replace(score, comment=redactor.text(score.comment))
    name = ScoreName.of(score.name, score.author, span)
    return _commit(store.facts, session, name, ScoreEdit.put(session, name, clean), now, randomness)


def remove(  # noqa: PLR0913  # as above
    store: Store, of: SessionKey | SpanKey, name: str, author: str = "", *, now: Nanoseconds, randomness: bytes
) -> GivenScore:
    """Take a score back. What it was stays in its history. Raises ScoreMissing, SessionMissing and SpanMissing."""
    session, span = _place(store, of)
    which = ScoreName.of(name, author, span)
    held = store.facts.get(scores_state(session), which.key)
    if held is None or held.is_deleted:
        raise ScoreMissing(name=name, author=author or "(nobody)")
    return _commit(store.facts, session, which, ScoreEdit.remove(session, which), now, randomness)


def of(store: Store, what: SessionKey | SpanKey) -> Sequence[GivenScore]:
    """The scores of a session and of all its spans; or those of one span. Raises SessionMissing and SpanMissing."""
    session, span = _place(store, what)
    prefix = "" if span is None else score_prefix(span)
    held = store.facts.whole(scores_state(session))
    return [score_of(fact) for key, fact in held.items() if key.startswith(prefix)]


def past(store: Store, what: SessionKey | SpanKey) -> Sequence[GivenScore]:
    """Every version of these, in the order in which they were given."""
    session, span = _place(store, what)
    prefix = "" if span is None else score_prefix(span)
    return [score_of(fact) for fact in _versions(store.facts, session) if fact.key.startswith(prefix)]


def spell(given: GivenScore) -> str:
    """A score in a few words: `helpful 0.5 by judge`."""
    value = "taken back" if given.score is None else f"{given.score.value:g}"
    return f"{given.name} {value}" + (f" by {given.author}" if given.author else "")


def tell(given: GivenScore) -> ToldScore:
    """A score for JSON."""
    score = given.score
    return ToldScore(
        name=given.name,
        value=None if score is None else score.value,
        author=given.author,
        comment="" if score is None else score.comment,
        trace_id=given.trace_id,
        span_id=given.span_id,
        version=given.version,
        given=given.given,
        source=Source() if score is None else score.source,
    )


def _place(store: Store, what: SessionKey | SpanKey) -> tuple[SessionKey, SpanKey | None]:
    """The session in whose state the scores are, and the span where it is one."""
    if isinstance(what, SpanKey):
        span = relations.get(store.spans, what)
        return SessionKey(span.tenant, span.project, span.session), what
    return sessions.get(store.sessions, what).session.key, None


def _versions(facts: Facts, session: SessionKey) -> Iterator[Fact]:
    for entry in facts.read(scores_state(session)):
        for done in entry.operations:
            yield Fact(done.key, done.version, done.value, entry.position, entry.committed, done.is_deleted)


def _commit(  # noqa: PLR0913, PLR0917  # as above
    facts: Facts, session: SessionKey, name: ScoreName, edit: ScoreEdit, now: Nanoseconds, randomness: bytes
) -> GivenScore:
    done = facts.commit(
        Draft(
            tenant=session.tenant,
            project=session.project,
            id=new_transaction_id(now, randomness),
            edits=(edit,),
            author=scored_in(session, name),
        )
    )
    [operation] = done.operations
    fact = Fact(operation.key, operation.version, operation.value, done.position, done.committed, operation.is_deleted)
    return score_of(fact)
