"""The port `Sessions` over SQLite."""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

import apsw

from agentreplay.contents.text import parse_words
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.query import SessionFilter
from agentreplay.model.session import SESSION_STATUSES, SessionKey, SessionRow
from agentreplay.store.cursors import check_limit, make_cursor, read_cursor
from agentreplay.store.sqlite.conditions import Conditions
from agentreplay.store.sqlite.matching import bounded, session_match, session_scored
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.readers import Reader, Readers, newest_of
from agentreplay.store.sqlite.search import full_text, holds_phrases
from agentreplay.store.sqlite.telling import FACETS, label_word, session_rows, untold

__all__ = ["SqliteSessions"]

_SQL = queries("sessions")
_WITH_WORDS = (
    "session.id IN (SELECT holding.session FROM content_text "
    "CROSS JOIN holding ON holding.content = content_text.rowid WHERE content_text MATCH ? "
    "UNION SELECT span.session FROM name_text CROSS JOIN span ON span.project = ? "
    "AND span.name = name_text.rowid WHERE name_text MATCH ?)"
)
_WITH_PREFIX = (
    "session.id IN (SELECT begun.id FROM carray(?) AS spelling CROSS JOIN session AS begun ON begun.project = ? "
    "AND begun.key >= spelling.value AND begun.key < spelling.value || char(1114111))"
)
_FIRST_PAGE = PageRequest()


class SqliteSessions:
    """See the protocol."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def get(self, key: SessionKey) -> SessionRow | None:
        """See the protocol."""
        with self._readers.reading() as reader:
            project = reader.project(key.tenant, key.project)
            row = reader.connection.execute(_SQL["get"], (project, key.session)).fetchone()
        if row is None:
            return None
        told, summary = row
        return session_rows([(told or untold(key), summary)])[0]

    def find(self, where: SessionFilter, request: PageRequest = _FIRST_PAGE) -> Page[SessionRow]:
        """See the protocol."""
        limit = check_limit(request)
        after = None if request.after is None else read_cursor(request.after, 2)
        with self._readers.reading(whole=True) as reader:
            streams = [
                _newest(reader, where, project, after) for project in reader.projects(where.tenant, where.project)
            ]
            rows: list[tuple[Any, Any, bytes | None, bytes, int, str]] = newest_of(streams, limit + 1, itemgetter(0, 1))
            projects = reader.names.projects
            items = session_rows(
                [
                    (told or untold((*projects[project], key)), summary)
                    for _, _, told, summary, project, key in rows[:limit]
                ]
            )
        return Page(items=items, next=make_cursor(*rows[limit - 1][:2]) if len(rows) > limit else None)

    def projects(self, tenant: TenantId) -> Sequence[ProjectId]:
        """See the protocol."""
        with self._readers.reading() as reader:
            return tuple(ProjectId(name) for (name,) in reader.connection.execute(_SQL["projects"], (tenant,)))


def _newest(
    reader: Reader, where: SessionFilter, project: int, after: tuple[int, ...] | None
) -> Iterator[tuple[Any, ...]]:
    """The sessions of one project: start, number, and what makes a row."""
    conditions = Conditions()
    driver = _add_facets(conditions, reader, where, project)
    if driver is None or not _add_prefix(conditions, reader, where, project):
        return iter(())
    for match in where.matches:
        conditions.add_one(session_match(reader, match))
    for scored in where.scores:
        conditions.add_one(session_scored(scored, project))
    _add_bounds(conditions, where)
    question = None if where.text is None else parse_words(where.text)
    if question is not None:
        conditions.add(_WITH_WORDS, full_text(question), project, full_text(question))
    _add_times(conditions, where, after, driver)
    query = _SQL["newest_by_facet" if driver == "facet" else "newest"].replace(":conditions", conditions.clause)
    found = reader.connection.execute(query, conditions.values)
    return found if question is None else (row for row in found if holds_phrases(reader, question, row[1]))


def _add_facets(conditions: Conditions, reader: Reader, where: SessionFilter, project: int) -> str | None:
    """The table to go through, from the newest back; None where something is asked for that nobody stored."""
    driver = "session"
    for facet, text in _facets(where):
        word = reader.word(text)
        if word is None:
            return None
        if driver == "session":
            driver = "facet"
            conditions.add("facet.project = ? AND facet.facet = ? AND facet.word = ?", project, facet, word)
        else:
            conditions.add(
                "EXISTS (SELECT 1 FROM session_facet AS f WHERE f.project = session.project AND f.facet = ? "
                "AND f.word = ? AND f.started = session.started AND f.session = session.id)",
                facet, word,
            )  # fmt: skip
    if driver == "session":
        # With a prefix there are few, and the plus keeps SQLite from walking through all by their start.
        conditions.add("session.project = ?" if where.prefix is None else "+session.project = ?", project)
    return driver


def _add_prefix(conditions: Conditions, reader: Reader, where: SessionFilter, project: int) -> bool:
    """False where no id begins so."""
    if where.prefix is None:
        return True
    spellings = tuple(_spellings(reader, project, where.prefix))
    if spellings:
        conditions.add(_WITH_PREFIX, apsw.carray(spellings), project)
    return bool(spellings)


def _spellings(reader: Reader, project: int, prefix: str) -> list[str]:
    """The prefix in all the ways in which ids of the project spell it: at most as many as there are ids.

    Ids are indexed as they are spelled; this takes a look at the index or two for each letter.
    """
    found = [""]
    for letter in prefix:
        cases = {letter.lower(), letter.upper()} if letter.isascii() else {letter}
        longer = [begun + case for begun in found for case in sorted(cases)]
        found = [text for text in longer if reader.connection.execute(_SQL["begins"], (project, text, text)).get]
    return found


def _facets(where: SessionFilter) -> Iterator[tuple[int, str]]:
    """What the filter asks for that sessions are found by; what is rarest usually comes first."""
    if where.label is not None:
        yield FACETS["label"], label_word(*where.label)
    for name in ("origin", "folder", "tool", "model", "agent", "source"):
        text = getattr(where, name)
        if text is not None:
            yield FACETS[name], text


def _add_bounds(conditions: Conditions, where: SessionFilter) -> None:
    if where.status is not None:
        conditions.add("session.status = ?", SESSION_STATUSES.index(where.status))
    for column in ("cost", "tokens", "duration", "spans"):
        for condition in bounded(f"session.{column}", getattr(where, column)):
            conditions.add_one(condition)


def _add_times(conditions: Conditions, where: SessionFilter, after: tuple[int, ...] | None, table: str) -> None:
    number = "id" if table == "session" else "session"
    if where.since is not None:
        conditions.add(f"{table}.started >= ?", where.since)
    if where.until is not None:
        conditions.add(f"{table}.started < ?", where.until)
    if after is not None:
        conditions.add(f"({table}.started, {table}.{number}) < (?, ?)", *after)
