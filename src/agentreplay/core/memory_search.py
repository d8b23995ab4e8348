"""Finds what is remembered: by words, by meaning or by both, weighed by age and importance, and without repeats."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from agentreplay.contents.text import Question, parse_words, snippet, words_of
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
from agentreplay.store.words import WordScore, searched_text

__all__ = ["Meaning", "MemoryAnswer", "MemoryQuestion", "Reranker", "ToldMemoryHit", "search", "tell_hit"]

_RANK_OFFSET = 60
"""Of reciprocal-rank fusion: as large as is usual, so that the first places of both lists count, not only the first."""

_CANDIDATES, _LEAST_CANDIDATES = 4, 40
_DAY = 24 * 60 * 60 * SECOND
_UNNUMBERED = RecordNumber(0)


class Meaning(Protocol):
    """Vectors of texts, as far as there are any. Raises only agentreplay.errors."""

    def near(
        self, collections: Sequence[CollectionKey], text: str, where: MemoryFilter, count: int
    ) -> Sequence[tuple[Held, float]]:
        """The records nearest to a text in meaning, with the cosine, best first; the filter is applied before."""
        ...

    def alike(self, numbers: Sequence[RecordNumber]) -> Sequence[Sequence[float]] | None:
        """The cosine of each with each, or None where one of them has no vector."""
        ...

    def lacking(self, collections: Sequence[CollectionKey]) -> int:
        """How many records have no vector yet, so that they are found by their words alone."""
        ...


class Reranker(Protocol):
    """Reads question and texts together, which is slower and better than comparing what was made of each alone."""

    def rank(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """How well each text answers, from 0 to 1."""
        ...


class MemoryQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for, where, and what counts."""

    text: str
    collections: tuple[CollectionKey, ...]
    where: MemoryFilter = MemoryFilter()
    count: int = 10
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
        if self.half_life <= 0 or self.count < 1:
            raise ValueInvalid(what="the question", problem="half-life and count are at least one")


class MemoryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, and how it was looked for."""

    by: By
    hits: tuple[MemoryHit, ...]
    note: str = ""
    """Why it was by words only where meaning was asked for too, or what has no vector yet."""


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
    most = max(_LEAST_CANDIDATES, asked.count * _CANDIDATES)
    question = _read(asked.text)
    by, note, near = asked.by, "", list[_Candidate]()
    if by != "words":
        near, note = _near(asked, meaning, most)
        by = "words" if note else by
    worded = [] if by == "meaning" or question is None else _worded(store, asked, question, most)
    if question is None and by == "words":
        raise QueryInvalid(problem=f"there is no word to search for in {asked.text[:60]!r}")
    found = _fused(worded, near) if by == "both" else (near or worded)
    if reranker is not None and found:
        texts = [_text(one) for one in found]
        for one, score in zip(found, reranker.rank(asked.text, texts), strict=True):
            one.score = score
    for one in found:
        one.score = _weighed(asked, one, now)
    best = sorted(found, key=lambda one: (-one.score, one.version.id))
    alike = _alike_by(meaning if near else None)
    hits = tuple(_hit(one, question) for one in _diverse(best, asked.count, asked.diversity, alike))
    lacking = meaning.lacking(asked.collections) if meaning is not None and by != "words" else 0
    if lacking:
        note = f"{lacking} records have no vector yet; `agentreplay memory reembed` makes them"
    return MemoryAnswer(by=by, hits=hits, note=note)


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
        return parse_words(text)
    except QueryInvalid:
        return None


def _near(asked: MemoryQuestion, meaning: Meaning | None, most: int) -> tuple[list[_Candidate], str]:
    """The nearest in meaning, or why there are none."""
    if asked.at is not None:
        return [], "what was known at an earlier moment is searched by words"
    if meaning is None:
        return [], "no embeddings are installed; `agentreplay embeddings install` fetches some"
    try:
        found = meaning.near(asked.collections, asked.text, asked.where, most)
    except AgentReplayError as error:
        return [], f"{error.message.rstrip('.')}; {error.advice}" if error.advice else error.message
    return [
        _Candidate(held.collection, held.version, held.number, max(0.0, cosine), meaning=cosine)
        for held, cosine in found
    ], ""


def _worded(store: Store, asked: MemoryQuestion, question: Question, most: int) -> list[_Candidate]:
    if asked.at is not None:
        return _worded_at(store, asked, question, asked.at)[:most]
    hits = store.memories.search(asked.collections, asked.text, asked.where, most)
    return [
        _Candidate(hit.held.collection, hit.held.version, hit.held.number, hit.score, words=hit.score) for hit in hits
    ]


def _worded_at(store: Store, asked: MemoryQuestion, question: Question, at: FactPosition) -> list[_Candidate]:
    """The same of what collections held at a position: all of it is read, and weighed as a store weighs it."""
    held = [(key, version) for key in asked.collections for version in memory.whole(store.facts, key, at).values()]
    words = [words_of(searched_text(version.record)) for _, version in held if version.record is not None]
    scoring = WordScore(
        question=question,
        records=len(words),
        length=sum(map(len, words)) / max(len(words), 1),
        holding=tuple(sum(term.count(one) > 0 for one in words) for term in question.terms),
    )
    found: list[_Candidate] = []
    for (key, version), one in zip(held, words, strict=True):
        score = scoring.score(one)
        if score and asked.where.holds(version):
            found.append(_Candidate(key, version, _UNNUMBERED, score, words=score))
    return sorted(found, key=lambda candidate: -candidate.score)


def _fused(worded: Sequence[_Candidate], near: Sequence[_Candidate]) -> list[_Candidate]:
    """Both lists as one by the reciprocals of their ranks: 1 for what is first in both."""
    together: dict[RecordNumber, _Candidate] = {}
    scores: dict[RecordNumber, float] = {}
    for ranked in (worded, near):
        for rank, one in enumerate(ranked):
            kept = together.setdefault(one.number, one)
            kept.words = one.words if kept.words is None else kept.words
            kept.meaning = one.meaning if kept.meaning is None else kept.meaning
            scores[one.number] = scores.get(one.number, 0.0) + (_RANK_OFFSET + 1) / (_RANK_OFFSET + 1 + rank) / 2
    for number, one in together.items():
        one.score = scores[number]
    return list(together.values())


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
