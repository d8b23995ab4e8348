"""Finds what is remembered: by words, by meaning or by both, weighed by age and importance, and without repeats."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from agentreplay.contents.text import Question, snippet, words_of
from agentreplay.core import memory
from agentreplay.core.search import Passage, passages
from agentreplay.errors import AgentReplayError, QueryInvalid, ValueInvalid
from agentreplay.model.fact import FactPosition
from agentreplay.model.memory import (
    By,
    CollectionKey,
    Held,
    MemoryFilter,
    MemoryHit,
    RecordNumber,
    RecordVersion,
)
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.store.protocol import Store
from agentreplay.store.words import WordScore, asked_words, searched_words

__all__ = [
    "WORDS_WEIGH",
    "Meaning",
    "MemoryAnswer",
    "MemoryQuestion",
    "Reranker",
    "ToldMemoryHit",
    "search",
    "tell_hit",
]

WORDS_WEIGH = 0.4
"""How much of the score is the words where both count; the rest is the meaning. See docs/embeddings.md."""

_CANDIDATES, _LEAST_CANDIDATES = 4, 100
_DAY = 24 * 60 * 60 * SECOND
_UNNUMBERED = RecordNumber(0)


class Meaning(Protocol):
    """Vectors of texts, as far as there are any. Raises only agentreplay.errors."""

    def near(
        self, collections: Sequence[CollectionKey], text: str, where: MemoryFilter, count: int
    ) -> Sequence[tuple[Held, float]]:
        """The records nearest to a text in meaning, with the cosine, best first; the filter is applied before."""
        ...

    def compare(self, text: str, records: Sequence[tuple[CollectionKey, RecordNumber]]) -> Sequence[float | None]:
        """The cosine of a text with each of these, in their order; None for one that has no vector."""
        ...

    def alike(self, numbers: Sequence[RecordNumber]) -> Sequence[Sequence[float]] | None:
        """The cosine of each with each, or None where one of them has no vector."""
        ...

    def lacking(self, collections: Sequence[CollectionKey]) -> int:
        """How many records have no vector yet, so that they are found by their words alone."""
        ...


class Reranker(Protocol):
    """Reads question and texts together, which is slower and better than comparing what was made of each alone.

    Raises only agentreplay.errors.
    """

    @property
    def name(self) -> str:
        """The provider and the model."""
        ...

    def rank(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """How well each text answers, from 0 to 1."""
        ...


class MemoryQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for, where, and what counts."""

    text: str
    collections: tuple[CollectionKey, ...]
    where: MemoryFilter = MemoryFilter()
    count: int = 10
    skip: int = 0
    """So many of the best are left out: they stood on the pages before."""
    by: By = "both"
    at: FactPosition | None = None
    """As it was known at that position; then it is by words."""
    recency: float = 0.0
    """How much of the score is the age, from 0 to 1;"""
    half_life: float = 30.0
    """after so many days it counts half."""
    importance: float = 0.0
    """How much of the score is the importance, from 0 to 1."""
    diversity: float = 0.0
    """How much a hit is worth less for being like a better one, from 0 to 1."""

    def __post_init__(self) -> None:
        for name in ("recency", "importance", "diversity"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueInvalid(what=f"the weight {name!r}", problem="it is not from 0 to 1")
        if self.recency + self.importance > 1:
            raise ValueInvalid(what="the weights", problem="recency and importance are more than 1 together")
        if self.half_life <= 0 or self.count < 1 or self.skip < 0:
            problem = "half-life and count are at least one, and nothing before the first is left out"
            raise ValueInvalid(what="the question", problem=problem)

    @property
    def weighed(self) -> int:
        """So many at most are found in either way; it is the same for each page of one length."""
        return max(_LEAST_CANDIDATES, self.count * _CANDIDATES)


class MemoryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, and how it was looked for."""

    by: By
    hits: tuple[MemoryHit, ...]
    note: str = ""
    """Why it was by words only where meaning was asked for too, what has no vector yet, or why none was ranked anew."""
    reranker: str = ""
    """What made the scores of words and meaning anew, where anything did."""
    has_more: bool = False
    """Whether there is a page behind this one."""


class ToldMemoryHit(msgspec.Struct, frozen=True, kw_only=True):
    """A hit for JSON."""

    record: memory.ToldRecord
    score: float
    words: float | None
    meaning: float | None
    snippet: tuple[Passage, ...]


class _Candidate(msgspec.Struct):
    """A record that may be an answer."""

    collection: CollectionKey
    version: RecordVersion
    number: RecordNumber
    score: float = 0.0
    words: float | None = None
    meaning: float | None = None


def search(
    store: Store,
    asked: MemoryQuestion,
    now: Nanoseconds,
    meaning: Meaning | None = None,
    reranker: Reranker | None = None,
) -> MemoryAnswer:
    """The records that answer best. Where meaning is asked for and cannot be had, it is by words, and says why."""
    question = _read(asked.text)
    by, note, near = asked.by, "", list[_Candidate]()
    if by != "words":
        near, note = _near(asked, meaning)
        by = "words" if note else by
    if question is None and by == "words":
        raise QueryInvalid(problem=f"there is no word to search for in {asked.text[:60]!r}")
    worded = [] if by == "meaning" or question is None else _worded(store, asked, near)
    if by == "both" and meaning is not None:
        _together(asked, near, worded, meaning)
    found = worded if by == "words" else near
    problem = "" if reranker is None else _ranked_anew(asked, found, reranker)
    for one in found:
        one.score = _weighed(asked, one, now)
    best = sorted(found, key=lambda one: (-one.score, one.version.id))
    alike = _alike_by(meaning if near else None)
    end = asked.skip + asked.count
    hits = tuple(_hit(one, question) for one in _diverse(best, end, asked.diversity, alike)[asked.skip :])
    lacking = meaning.lacking(asked.collections) if meaning is not None and by != "words" else 0
    if lacking:
        note = f"{lacking} records have no vector yet; `agentreplay memory reembed` makes them"
    return MemoryAnswer(
        by=by,
        hits=hits,
        note="; ".join(filter(None, (problem, note))),
        reranker="" if reranker is None or problem else reranker.name,
        has_more=len(best) > end,
    )


def tell_hit(hit: MemoryHit) -> ToldMemoryHit:
    """A hit for JSON."""
    return ToldMemoryHit(
        record=memory.tell(hit.collection, hit.version),
        score=round(hit.score, 4),
        words=None if hit.words is None else round(hit.words, 4),
        meaning=None if hit.meaning is None else round(hit.meaning, 4),
        snippet=tuple(passages(hit.snippet)),
    )


def _read(text: str) -> Question | None:
    try:
        return asked_words(text)
    except QueryInvalid:
        return None


def _near(asked: MemoryQuestion, meaning: Meaning | None) -> tuple[list[_Candidate], str]:
    """The nearest in meaning, or why there are none."""
    if asked.at is not None:
        return [], "what was known at an earlier moment is searched by words"
    if meaning is None:
        return [], "no embeddings are installed; `agentreplay embeddings install` fetches some"
    try:
        found = meaning.near(asked.collections, asked.text, asked.where, asked.weighed)
    except AgentReplayError as error:
        return [], _told(error)
    return [
        _Candidate(held.collection, held.version, held.number, max(0.0, cosine), meaning=cosine)
        for held, cosine in found
    ], ""


def _ranked_anew(asked: MemoryQuestion, found: Sequence[_Candidate], reranker: Reranker) -> str:
    """Give what was found the scores of the reranker, or say why not."""
    try:
        scores = reranker.rank(asked.text, [_text(one) for one in found])
    except AgentReplayError as error:
        return _told(error)
    for one, score in zip(found, scores, strict=True):
        one.score = score
    return ""


def _told(error: AgentReplayError) -> str:
    return f"{error.message.rstrip('.')}; {error.advice}" if error.advice else error.message


def _worded(store: Store, asked: MemoryQuestion, near: Sequence[_Candidate]) -> list[_Candidate]:
    """Those with the best words, and what the words of those that are near are worth."""
    if asked.at is not None:
        return _worded_at(store, asked, asked.at)[: asked.weighed]
    also = [one.number for one in near]
    hits = store.memories.search(asked.collections, asked.text, asked.where, asked.weighed, also)
    return [
        _Candidate(hit.held.collection, hit.held.version, hit.held.number, hit.score, words=hit.score) for hit in hits
    ]


def _worded_at(store: Store, asked: MemoryQuestion, at: FactPosition) -> list[_Candidate]:
    """The same of what collections held at a position: all of it is read, and weighed as a store weighs it."""
    question = asked_words(asked.text)
    held = [(key, version) for key in asked.collections for version in memory.whole(store.facts, key, at).values()]
    words = [searched_words(version.record) for _, version in held if version.record is not None]
    scoring = WordScore(
        question=question,
        records=len(words),
        length=sum(len(one.words) for one in words) / max(len(words), 1),
        holding=tuple(sum(one.count(term) > 0 for one in words) for term in question.terms),
    )
    found: list[_Candidate] = []
    for (key, version), one in zip(held, words, strict=True):
        score = scoring.score(one)
        if score and asked.where.holds(version):
            found.append(_Candidate(key, version, _UNNUMBERED, score, words=score))
    return sorted(found, key=lambda candidate: -candidate.score)


def _together(asked: MemoryQuestion, near: list[_Candidate], worded: list[_Candidate], meaning: Meaning) -> None:
    """Let `near` be the candidates of both lists, each with what its words and its meaning are worth."""
    known = {one.number: one for one in near}
    rest = [one for one in worded if one.number not in known]
    for one in worded:
        if one.number in known:
            known[one.number].words = one.words
    for one, cosine in zip(rest, meaning.compare(asked.text, [_place(one) for one in rest]), strict=True):
        one.meaning = cosine
    near += rest
    for one in near:
        one.score = WORDS_WEIGH * (one.words or 0.0) + (1 - WORDS_WEIGH) * max(0.0, one.meaning or 0.0)


def _place(one: _Candidate) -> tuple[CollectionKey, RecordNumber]:
    return one.collection, one.number


def _weighed(asked: MemoryQuestion, one: _Candidate, now: Nanoseconds) -> float:
    record = one.version.record
    importance = 0.0 if record is None else record.importance
    age = max(0, now - one.version.changed) / _DAY
    answer = (1 - asked.recency - asked.importance) * one.score
    youth: float = 0.5 ** (age / asked.half_life)
    return answer + asked.recency * youth + asked.importance * importance


def _diverse(
    best: Sequence[_Candidate],
    count: int,
    diversity: float,
    alike: Callable[[Sequence[_Candidate]], Sequence[Sequence[float]]],
) -> list[_Candidate]:
    """Maximal marginal relevance: one after the other, what is good and unlike what was taken before."""
    if not diversity or len(best) <= 1:
        return list(best[:count])
    likeness = alike(best)
    left = list(range(len(best)))
    taken: list[int] = []
    while left and len(taken) < count:
        chosen = max(
            left,
            key=lambda one: (
                (1 - diversity) * best[one].score
                - diversity * max((likeness[one][other] for other in taken), default=0.0)
            ),
        )
        taken.append(chosen)
        left.remove(chosen)
    return [best[one] for one in taken]


def _alike_by(meaning: Meaning | None) -> Callable[[Sequence[_Candidate]], Sequence[Sequence[float]]]:
    def alike(found: Sequence[_Candidate]) -> Sequence[Sequence[float]]:
        told = None if meaning is None else meaning.alike([one.number for one in found])
        return told if told is not None else _alike_in_words([set(words_of(_text(one))) for one in found])

    return alike


def _alike_in_words(words: Sequence[set[str]]) -> Sequence[Sequence[float]]:
    """How many of the words of two are in both."""
    return [[len(one & other) / max(len(one | other), 1) for other in words] for one in words]


def _hit(one: _Candidate, question: Question | None) -> MemoryHit:
    text = _text(one)
    return MemoryHit(
        collection=one.collection,
        version=one.version,
        score=one.score,
        words=one.words,
        meaning=one.meaning,
        snippet=snippet(text, question) if question is not None else text[:160],
    )


def _text(one: _Candidate) -> str:
    return "" if one.version.record is None else one.version.record.text
