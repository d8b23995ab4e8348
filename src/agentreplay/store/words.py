"""How well the words of a record answer a question: a number from 0 to 1 that every store gives alike."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap

from agentreplay.contents.text import Question, Term
from agentreplay.model.memory import Record

__all__ = ["WordScore", "searched_text"]

_SATURATION = 1.2
_LENGTH_COUNTS = 0.75


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

    def score(self, words: Sequence[str]) -> float:
        """The score of a text with these words; 0 when it has none of the terms."""
        damping = _SATURATION * (1 - _LENGTH_COUNTS + _LENGTH_COUNTS * len(words) / max(self.length, 1.0))
        found = 0.0
        for term, weight in self._weights():
            count = term.count(words)
            found += weight * count / (count + damping)
        return found / sum(weight for _, weight in self._weights())

    def _weights(self) -> list[tuple[Term, float]]:
        return list(starmap(self._weigh, zip(self.question.terms, self.holding, strict=True)))

    def _weigh(self, term: Term, holding: int) -> tuple[Term, float]:
        return term, math.log(1 + (self.records - holding + 0.5) / (holding + 0.5))


def searched_text(record: Record) -> str:
    """What a person would find a record by: its text, and the headings above it."""
    return f"{record.source.heading}\n{record.text}"
