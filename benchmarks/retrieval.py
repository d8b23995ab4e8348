"""The retrieval benchmark: how often the right note is found, by words, by meaning, and by both.

The notes and questions in text/notes.txt were written for it: questions that share a rare word with their
note, none but the sense, or some. Words are found by FTS5 with BM25 and stems, meaning by the local embeddings,
and both are put together by reciprocal ranks. The figure is the mean reciprocal rank among the first ten.
"""

import re
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import apsw
import numpy as np

from agentreplay.embeddings import LOCAL, open_embedder
from agentreplay.errors import ModelMissing
from agentreplay.settings import Settings
from benchmarks.figures import Report, at_least

__all__ = ["measure_retrieval"]

_NOTES = Path(__file__).with_name("text") / "notes.txt"
_FIRST = 10
_EACH = 30
"""How many of either order are put together."""
_COMMON = 0.05
"""A word that stands in a larger part of the notes is not asked for."""
_SMOOTH = 60
"""The constant of reciprocal-rank fusion: how little the very first ranks are preferred."""


class _Question(NamedTuple):
    sort: str
    wanted: str
    text: str


def measure_retrieval(report: Report) -> None:
    """Ask all questions in the three ways."""
    settings = Settings.read()
    try:
        embedder = open_embedder(LOCAL, settings.models, {})
    except ModelMissing as error:
        print(f"retrieval: not measured: {error}; {error.advice}", file=sys.stderr)
        return
    notes, questions = _read()
    keys = list(notes)
    vectors = embedder.embed(list(notes.values()), "passage")
    asked = embedder.embed([question.text for question in questions], "query")
    found: dict[str, list[list[str]]] = {"words": _by_words(notes, questions)}
    found["meaning"] = [[keys[row] for row in np.argsort(-(vectors @ one))[:_EACH]] for one in asked]
    pairs = zip(found["words"], found["meaning"], strict=True)
    found["both"] = [_fused(words, meaning) for words, meaning in pairs]
    ranks = {way: _reciprocal_ranks(orders, questions) for way, orders in found.items()}
    for way, all_ranks in ranks.items():
        for sort in ("word", "meaning", "mixed"):
            mean = statistics.mean(all_ranks[place] for place, one in enumerate(questions) if one.sort == sort)
            report.add(f"retrieval.{way}.{sort}", mean, "of 1")
    alone = max(statistics.mean(ranks["words"]), statistics.mean(ranks["meaning"]))
    for way, all_ranks in ranks.items():
        budget = at_least(alone) if way == "both" else None
        report.add(f"retrieval.{way}.all", statistics.mean(all_ranks), "of 1", budget)


def _read() -> tuple[dict[str, str], list[_Question]]:
    notes: dict[str, str] = {}
    questions: list[_Question] = []
    for line in _NOTES.read_text(encoding="utf-8").splitlines():
        head, colon, text = line.partition(": ")
        if line.startswith(("#", "--")) or not colon:
            continue
        sort, space, wanted = head.partition(" ")
        if space:
            questions.append(_Question(sort, wanted, text))
        else:
            notes[head] = text
    assert all(question.wanted in notes for question in questions)
    return notes, questions


def _by_words(notes: dict[str, str], questions: Sequence[_Question]) -> list[list[str]]:
    with closing(apsw.Connection(":memory:")) as database:
        database.execute("CREATE VIRTUAL TABLE note USING fts5(key UNINDEXED, text, tokenize='porter unicode61')")
        database.executemany("INSERT INTO note VALUES (?, ?)", notes.items())
        common = _common(notes)
        sql = "SELECT key FROM note WHERE note MATCH ? ORDER BY bm25(note), key LIMIT ?"
        return [
            [str(key) for (key,) in database.execute(sql, (_any_word(question.text, common), _EACH))]
            for question in questions
        ]


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _common(notes: dict[str, str]) -> set[str]:
    """Words that stand in so many notes that finding them says nothing."""
    counts = Counter(word for text in notes.values() for word in _words(text))
    return {word for word, count in counts.items() if count > len(notes) * _COMMON}


def _any_word(text: str, common: set[str]) -> str:
    return " OR ".join(f'"{word}"' for word in sorted(_words(text) - common)) or '""'


def _fused(*orders: Sequence[str]) -> list[str]:
    scores: defaultdict[str, float] = defaultdict(float)
    for order in orders:
        for rank, key in enumerate(order):
            scores[key] += 1 / (_SMOOTH + rank)
    return sorted(scores, key=lambda key: (-scores[key], key))


def _reciprocal_ranks(orders: Sequence[Sequence[str]], questions: Sequence[_Question]) -> list[float]:
    return [
        1 / (1 + order.index(question.wanted)) if question.wanted in order[:_FIRST] else 0.0
        for order, question in zip(orders, questions, strict=True)
    ]
