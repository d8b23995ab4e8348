"""The retrieval benchmark: how often the right note is found, by words, by meaning, and by both.

The notes and questions in text/ were written for it: questions that share a rare word with their note, none but the
sense, or some. What is asked is the search of memories itself, over a store. How much words count beside meaning was
chosen with the first file alone; the second was written before anything was asked of it, and the budgets are for that.
The figure is the mean reciprocal rank among the first ten.
"""

import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from agentreplay.core.memory_meaning import StoredMeaning
from agentreplay.core.memory_search import MemoryQuestion, search
from agentreplay.core.memory_writing import MemoryWriting
from agentreplay.embeddings import LOCAL, Embedder, open_embedder
from agentreplay.errors import ModelMissing
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.memory import By, CollectionKey, Record, collection_key
from agentreplay.model.time import Nanoseconds
from agentreplay.settings import Settings
from agentreplay.store.sqlite.store import SqliteStore
from benchmarks.figures import Report, at_least

__all__ = ["measure_retrieval"]

_TEXT = Path(__file__).with_name("text")
_CHOSEN_WITH, _JUDGED_BY = "notes", "notes-observatory"
_WAYS: tuple[By, ...] = ("words", "meaning", "both")
_SORTS = ("word", "meaning", "mixed")
_FIRST = 10


class _Question(NamedTuple):
    sort: str
    wanted: str
    text: str


def measure_retrieval(folder: Path, report: Report) -> None:
    """Ask all questions in the three ways."""
    try:
        embedder = open_embedder(LOCAL, Settings.read().models, {})
    except ModelMissing as error:
        print(f"retrieval: not measured: {error}; {error.advice}", file=sys.stderr)
        return
    for name in (_CHOSEN_WITH, _JUDGED_BY):
        notes, questions = _read(_TEXT / f"{name}.txt")
        with closing(SqliteStore(folder / name)) as store:
            ranks = _ranks(store, folder / f"{name}-vectors", embedder, notes, questions)
        for way in _WAYS:
            for sort in _SORTS:
                mean = statistics.mean(ranks[way][place] for place, one in enumerate(questions) if one.sort == sort)
                report.add(f"retrieval.{name}.{way}.{sort}", mean, "of 1")
        means = {way: statistics.mean(ranks[way]) for way in _WAYS}
        alone = at_least(max(means["words"], means["meaning"]))
        for way, mean in means.items():
            budget = alone if way == "both" and name == _JUDGED_BY else None
            report.add(f"retrieval.{name}.{way}.all", mean, "of 1", budget)


def _read(path: Path) -> tuple[dict[str, str], list[_Question]]:
    notes: dict[str, str] = {}
    questions: list[_Question] = []
    for line in path.read_text(encoding="utf-8").splitlines():
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


def _ranks(
    store: SqliteStore, vectors: Path, embedder: Embedder, notes: dict[str, str], questions: Sequence[_Question]
) -> dict[By, list[float]]:
    """One over the place of the note that is wanted, in each way, for each question."""
    collection = collection_key(TenantId("default"), ProjectId("default"), "", "notes")
    MemoryWriting(store).upsert(collection, {key: Record(text=text) for key, text in notes.items()})
    meaning = StoredMeaning(store, vectors, embedder.name, lambda _: embedder)
    meaning.reembed(collection)
    return {way: [_rank(store, meaning, collection, way, one) for one in questions] for way in _WAYS}


def _rank(store: SqliteStore, meaning: StoredMeaning, collection: CollectionKey, way: By, one: _Question) -> float:
    asked = MemoryQuestion(text=one.text, collections=(collection,), count=_FIRST, by=way)
    answer = search(store, asked, Nanoseconds(time.time_ns()), meaning)
    assert answer.by == way
    found = [str(hit.version.id) for hit in answer.hits]
    return 1 / (1 + found.index(one.wanted)) if one.wanted in found else 0.0
