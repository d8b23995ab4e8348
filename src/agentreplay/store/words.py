"""How well the words of a record answer a question: a number from 0 to 1 that every store gives alike."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import NamedTuple

from agentreplay.contents.stems import STOP_WORDS, stem
from agentreplay.contents.text import Question, Term, parse_words, words_of
from agentreplay.model.memory import Record

__all__ = ["SearchedWords", "WordScore", "asked_words", "searched_text", "searched_words"]

_SATURATION = 1.2
_LENGTH_COUNTS = 0.75


class SearchedWords(NamedTuple):
    """The words of a text, in order, and the stem of each."""

    words: Sequence[str]
    stems: Sequence[str]

    def count(self, term: Term) -> int:
        """How often a term stands there."""
        return term.count(self.stems if term.is_stem else self.words)


@dataclass(frozen=True)
class WordScore:
    """Okapi BM25, divided by what a text would reach that says nothing else.

    A text with every word of the question once, of average length, has 0.45; the rarer a word of the question is among
    the records, the more it counts.
    """

    question: Question
    records: int
    length: float
    """The average length of a record, in words."""
    holding: tuple[int, ...]
    """How many of the records hold each term."""

    def score(self, text: SearchedWords) -> float:
        """The score of a text with these words; 0 when it has none of the terms."""
        damping = _SATURATION * (1 - _LENGTH_COUNTS + _LENGTH_COUNTS * len(text.words) / max(self.length, 1.0))
        found = 0.0
        for term, weight in self._weights():
            count = text.count(term)
            found += weight * count / (count + damping)
        return found / sum(weight for _, weight in self._weights())

    def _weights(self) -> list[tuple[Term, float]]:
        return list(starmap(self._weigh, zip(self.question.terms, self.holding, strict=True)))

    def _weigh(self, term: Term, holding: int) -> tuple[Term, float]:
        return term, math.log(1 + (self.records - holding + 0.5) / (holding + 0.5))


def asked_words(text: str) -> Question:
    """What is looked for: a word by its stem, phrases and beginnings as they are. Raises QueryInvalid without any.

    Words of grammar are left out, unless there are no others.
    """
    terms = parse_words(text).terms
    telling = [term for term in terms if term.is_prefix or len(term.words) > 1 or term.words[0] not in STOP_WORDS]
    return Question(tuple(map(_stemmed, telling or terms)))


def searched_words(record: Record) -> SearchedWords:
    """What a record is found by."""
    words = words_of(searched_text(record))
    return SearchedWords(words, list(map(stem, words)))


def searched_text(record: Record) -> str:
    """What a person would find a record by: its text, and the headings above it."""
    return f"{record.source.heading}\n{record.text}"


def _stemmed(term: Term) -> Term:
    if term.is_prefix or len(term.words) > 1:
        return term
    return Term((stem(term.words[0]),), is_stem=True)
