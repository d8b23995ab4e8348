"""Scores of sessions and of spans: given, listed as they are or with what they were, and taken back."""

import os
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from agentreplay.core import scores
from agentreplay.core.memory_writing import redactor_for
from agentreplay.core.scores import ToldScore
from agentreplay.model.page import Page
from agentreplay.model.score import GivenScore, Score
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanKey
from agentreplay.model.time import Nanoseconds
from agentreplay.server.routing import reads, writes
from agentreplay.server.service import Service

__all__ = [
    "HANDLERS",
    "WishedScore",
    "add_session_score",
    "add_span_score",
    "read_session_scores",
    "read_span_scores",
    "remove_session_score",
    "remove_span_score",
]

_SESSION = "/sessions/{session_id}/scores"
_SPAN = "/spans/{trace_id}/{span_id}/scores"
_Past = Annotated[bool, Meta(description="Every version, in the order in which they were given.")]
_Name = Annotated[str, Meta(description="The name of the score.")]
_By = Annotated[str, Meta(description="Who gave it.")]
_RANDOM_BYTES = 10


class WishedScore(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to score it."""

    name: str
    value: float
    author: str = ""
    """Who says so. Each has a score of its own under a name."""
    comment: str = ""
    """Why."""


@reads(_SESSION, tag="scores", summary="The scores of a session and of its spans")
def read_session_scores(service: Service, session: SessionKey, past: _Past = False) -> Page[ToldScore]:  # noqa: FBT002  # it comes by its name
    """As they are; with `past` all that they ever were."""
    return _listed(scores.past(service.store, session) if past else scores.of(service.store, session))


@writes("POST", _SESSION, tag="scores", summary="Score a session")
def add_session_score(service: Service, session: SessionKey, data: WishedScore) -> ToldScore:
    """In place of what the same author said under this name before, which stays in the history."""
    return _add(service, session, data)


@writes("DELETE", _SESSION, tag="scores", summary="Take back a score of a session")
def remove_session_score(service: Service, session: SessionKey, name: _Name, author: _By = "") -> ToldScore:
    """What it was stays in the history, and goes with the session."""
    return _remove(service, session, name, author)


@reads(_SPAN, tag="scores", summary="The scores of a span")
def read_span_scores(service: Service, span: SpanKey, past: _Past = False) -> Page[ToldScore]:  # noqa: FBT002  # as above
    """As they are; with `past` all that they ever were."""
    return _listed(scores.past(service.store, span) if past else scores.of(service.store, span))


@writes("POST", _SPAN, tag="scores", summary="Score a span")
def add_span_score(service: Service, span: SpanKey, data: WishedScore) -> ToldScore:
    """In place of what the same author said under this name before, which stays in the history."""
    return _add(service, span, data)


@writes("DELETE", _SPAN, tag="scores", summary="Take back a score of a span")
def remove_span_score(service: Service, span: SpanKey, name: _Name, author: _By = "") -> ToldScore:
    """What it was stays in the history, and goes with the session."""
    return _remove(service, span, name, author)


def _listed(given: Sequence[GivenScore]) -> Page[ToldScore]:
    return Page(items=tuple(map(scores.tell, given)))


def _add(service: Service, what: SessionKey | SpanKey, data: WishedScore) -> ToldScore:
    score = Score(name=data.name, value=data.value, author=data.author, comment=data.comment)
    redactor = redactor_for(service.settings, what.project)
    now, randomness = Nanoseconds(service.now()), os.urandom(_RANDOM_BYTES)
    return scores.tell(scores.add(service.store, what, score, now=now, randomness=randomness, redactor=redactor))


def _remove(service: Service, what: SessionKey | SpanKey, name: str, author: str) -> ToldScore:
    now, randomness = Nanoseconds(service.now()), os.urandom(_RANDOM_BYTES)
    return scores.tell(scores.remove(service.store, what, name, author, now=now, randomness=randomness))


HANDLERS = (
    read_session_scores,
    add_session_score,
    remove_session_score,
    read_span_scores,
    add_span_score,
    remove_span_score,
)
