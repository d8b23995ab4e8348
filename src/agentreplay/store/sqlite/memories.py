"""The port `Memories` over SQLite."""

import json
import threading
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import apsw

from agentreplay.contents.text import Question, Term
from agentreplay.model.fact import Fact, StateKey
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.memory import (
    CollectionKey,
    Forgotten,
    Held,
    MemoryFilter,
    RecordId,
    RecordNumber,
    WordHit,
    collection_of,
    version_of,
)
from agentreplay.model.page import Page, PageRequest
from agentreplay.settings import Durability
from agentreplay.store.cursors import check_limit, make_cursor, read_cursor
from agentreplay.store.sqlite.connection import connect
from agentreplay.store.sqlite.facts_remove import forget_facts
from agentreplay.store.sqlite.facts_rows import operations_of, plain
from agentreplay.store.sqlite.memories_filter import conditions
from agentreplay.store.sqlite.memories_index import collection_word, drop
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.readers import Readers
from agentreplay.store.sqlite.transactions import writing
from agentreplay.store.words import SearchedWords, WordScore, asked_words

__all__ = ["SqliteMemories"]

_SQL = queries("memories")
_FACTS = queries("facts")
_ALL = MemoryFilter()
_FIRST_PAGE = PageRequest()
_START = RecordNumber(0)
_LAST = (1 << 62, 1 << 62)
_PATIENCE = 30_000
_LEAST_CANDIDATES, _CANDIDATES = 200, 4
"""So many, or so many times what is asked for, are taken from the index to be weighed."""


class SqliteMemories:
    """See the protocol. What is kept of models is written at a connection of its own, what is forgotten is erased."""

    def __init__(
        self,
        readers: Readers,
        erasing: Callable[[], AbstractContextManager[apsw.Connection]],
        durability: Durability,
    ) -> None:
        self._readers = readers
        self._erasing = erasing
        self._folder: Path = readers.folder
        self._is_durable = durability == "power"
        self._turn = threading.Lock()
        self._connection: apsw.Connection | None = None

    def collections(self, tenant: TenantId, project: ProjectId | None = None) -> Sequence[CollectionKey]:
        """See the protocol."""
        with self._readers.reading() as reader:
            rows = list(reader.connection.execute(_SQL["collections"], (tenant, project)))
        return [collection_of(StateKey(tenant, *names)) for names in rows]

    def count(self, collection: CollectionKey, where: MemoryFilter = _ALL) -> int:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            clause, values = conditions(where)
            query = _SQL["count"].replace(":conditions", clause)
            return reader.connection.execute(query, (_number(reader.connection, collection), *values)).get or 0

    def get(self, collection: CollectionKey, record: RecordId) -> Held | None:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            state = _number(reader.connection, collection)
            row = reader.connection.execute(_SQL["record_by_key"], (state, record)).fetchone()
            return None if row is None else _held(reader.connection, row, collection)

    def held(self, numbers: Sequence[RecordNumber]) -> Sequence[Held]:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            rows = [reader.connection.execute(_SQL["record_by_number"], (number,)).fetchone() for number in numbers]
            return [_held(reader.connection, row) for row in rows if row is not None]

    def find(
        self, collection: CollectionKey, where: MemoryFilter = _ALL, request: PageRequest = _FIRST_PAGE
    ) -> Page[Held]:
        """See the protocol."""
        limit = check_limit(request)
        before = read_cursor(request.after, 2) if request.after else _LAST
        clause, values = conditions(where)
        query = _SQL["find"].replace(":conditions", clause)
        with self._readers.reading(whole=True) as reader:
            bindings = (_number(reader.connection, collection), *before, *values, limit + 1)
            rows = list(reader.connection.execute(query, bindings))
            items = tuple(_held(reader.connection, row, collection) for row in rows[:limit])
        last = (items[-1].version.position, items[-1].number) if items else ()
        return Page(items=items, next=make_cursor(*last) if len(rows) > limit else None)

    def numbers(self, collection: CollectionKey, where: MemoryFilter = _ALL) -> Sequence[RecordNumber]:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            clause, values = conditions(where)
            query = _SQL["numbers"].replace(":conditions", clause)
            bindings = (_number(reader.connection, collection), *values)
            return [RecordNumber(number) for (number,) in reader.connection.execute(query, bindings)]

    def search(
        self,
        collections: Sequence[CollectionKey],
        text: str,
        where: MemoryFilter,
        count: int,
        also: Sequence[RecordNumber] = (),
    ) -> Sequence[WordHit]:
        """See the protocol."""
        question = asked_words(text)
        clause, values = conditions(where)
        query = _SQL["search"].replace(":conditions", clause)
        with self._readers.reading(whole=True) as reader:
            connection = reader.connection
            states = sorted({_number(connection, key) for key in collections} - {0})
            if not states:
                return []
            scoring = _scoring(connection, question, states)
            terms = " OR ".join(map(_spelled, question.terms))
            bindings = (_within(states, terms), *values, max(_LEAST_CANDIDATES, _CANDIDATES * count))
            rows = list(connection.execute(query, bindings))
            best = _scored(scoring, rows)[:count]
            rest = set(also) - {row[0] for _, row in best}
            named = _scored(scoring, connection.execute(_SQL["named"], (json.dumps(sorted(rest)),))) if rest else []
            found = _best_first([*best, *((score, row) for score, row in named if score)])
            return [WordHit(held=_held(connection, row[:-2]), score=score) for score, row in found]

    def embed(self, collection: CollectionKey, model: str, vectors: Mapping[RecordNumber, bytes]) -> int:
        """See the protocol."""
        with self._writing() as connection:
            state = _number(connection, collection)
            return sum(
                connection.execute(_SQL["embed"], (model, data, number, state)).get is not None
                for number, data in vectors.items()
            )

    def unembedded(self, collection: CollectionKey, model: str, count: int) -> Sequence[Held]:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            bindings = (_number(reader.connection, collection), model, count)
            rows = list(reader.connection.execute(_SQL["unembedded"], bindings))
            return [_held(reader.connection, row, collection) for row in rows]

    def embeddings(
        self, collection: CollectionKey, model: str, after: RecordNumber = _START, count: int = 1000
    ) -> Sequence[tuple[RecordNumber, bytes]]:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            bindings = (model, _number(reader.connection, collection), after, count)
            return [
                (RecordNumber(number), data) for number, data in reader.connection.execute(_SQL["embeddings"], bindings)
            ]

    def models(self, collection: CollectionKey) -> Mapping[str, int]:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            return dict(reader.connection.execute(_SQL["models"], (_number(reader.connection, collection),)))

    def drop_embeddings(self, collection: CollectionKey, model: str) -> int:
        """See the protocol."""
        with self._writing() as connection:
            bindings = (model, _number(connection, collection))
            return len(list(connection.execute(_SQL["drop_embeddings"], bindings)))

    def forget(self, collection: CollectionKey, records: Sequence[RecordId]) -> Forgotten:
        """See the protocol."""
        with self._erasing() as connection:
            state = _number(connection, collection)
            known = [key for key in dict.fromkeys(records) if connection.execute(_FACTS["present"], (state, key)).get]
            rows = [connection.execute(_SQL["find_record"], (state, key)).fetchone() for key in known]
            vectors = sum(drop(connection, state, key) for key in known)
            versions = forget_facts(connection, state, known) if known else 0
        numbers = tuple(sorted(RecordNumber(row[0]) for row in rows if row is not None))
        return Forgotten(records=len(known), versions=versions, vectors=vectors, numbers=numbers)

    def close(self) -> None:
        """Let go of the connection."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _writing(self) -> Generator[apsw.Connection]:
        with self._turn:
            if self._connection is None:
                self._connection = connect(self._folder)
                self._connection.set_busy_timeout(_PATIENCE)
            with writing(self._connection, self._folder, durable=self._is_durable):
                yield self._connection


def _number(connection: apsw.Connection, collection: CollectionKey) -> int:
    """The number of a collection; 0, which none has, where nobody wrote to it."""
    found: int | None = connection.execute(_SQL["collection"], collection.state).get
    return found or 0


def _scoring(connection: apsw.Connection, question: Question, states: Sequence[int]) -> WordScore:
    """Scores as these collections ask for."""
    sizes = [connection.execute(_SQL["lengths"], (state,)).fetchone() or (0, 0) for state in states]
    records = sum(count for count, _ in sizes)
    return WordScore(
        question=question,
        records=records,
        length=sum(length for _, length in sizes) / max(records, 1),
        holding=tuple(
            connection.execute(_SQL["holding"], (_within(states, _spelled(term)),)).get or 0 for term in question.terms
        ),
    )


def _scored(scoring: WordScore, rows: Iterable[Sequence[Any]]) -> list[tuple[float, Sequence[Any]]]:
    """The rows of texts with their scores, the best first."""
    return _best_first((scoring.score(SearchedWords(row[-2].split(), row[-1].split())), row) for row in rows)


def _best_first(scored: Iterable[tuple[float, Sequence[Any]]]) -> list[tuple[float, Sequence[Any]]]:
    return sorted(scored, key=lambda one: (-one[0], -one[1][0]))


def _within(states: Sequence[int], terms: str) -> str:
    """A question to the index about some collections only."""
    return f"collection : ({' OR '.join(map(collection_word, states))}) AND ({terms})"


def _spelled(term: Term) -> str:
    """A term as the index understands it."""
    column = "stems" if term.is_stem else "text"
    return f'{column} : "{" ".join(term.words)}"' + ("*" if term.is_prefix else "")


def _held(connection: apsw.Connection, row: Sequence[Any], collection: CollectionKey | None = None) -> Held:
    """A record from its row, with what the log says of it."""
    number, state, key, version, position = row
    if collection is None:
        names = connection.execute(_SQL["collection_names"], (state,)).fetchone() or ()
        collection = collection_of(StateKey(*names))
    _, _, _, part = connection.execute(_FACTS["present"], (state, key)).fetchone() or (0, 0, 0, 0)
    [(codec, data, committed)] = connection.execute(_FACTS["part"], (state, position, part))
    [done] = [done for done in operations_of(plain(codec, data)) if (done.key, done.version) == (key, version)]
    fact = Fact(key, version, done.value, position, committed)
    return Held(collection=collection, number=RecordNumber(number), version=version_of(fact))
