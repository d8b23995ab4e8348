"""The port `Spans` over SQLite."""

from array import array
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any, cast

import apsw

from agentreplay.model.columns import Columns
from agentreplay.model.content import Kept
from agentreplay.model.context import ContextRef
from agentreplay.model.ids import ContentHash, ContextId
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.query import AttributeMatch, SpanFilter
from agentreplay.model.search import Hit
from agentreplay.model.session import SessionKey
from agentreplay.model.span import STATUSES, Span, SpanKey, SpanRow
from agentreplay.model.usage import NO_USAGE
from agentreplay.store.cursors import check_limit, make_cursor, read_cursor
from agentreplay.store.sqlite.columns import to_columns
from agentreplay.store.sqlite.conditions import Conditions, span_conditions
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.readers import Reader, Readers, newest_of
from agentreplay.store.sqlite.reading import COLUMNS, WIDTH, Names, to_rows
from agentreplay.store.sqlite.rows import (
    attribute_word,
    span_id_of,
    span_number,
    trace_id_of,
    unpack_body,
    unpack_held,
    unpack_usage,
)
from agentreplay.store.sqlite.search import search

__all__ = ["SqliteSpans", "whole_span"]

_SQL = {name: text.replace(":columns", COLUMNS) for name, text in queries("spans").items()}
_FIRST_PAGE = PageRequest()
_REACHES = (2_000, 20_000)
"""So many spans that may have an attribute are asked for at first, and so many where those did not do;"""
_SCARCE = 2_000
"""so many are looked up one by one;"""
_UNKNOWN = 200
"""and so many that came before those are looked at until more are asked for."""
_STATUSES = cast("Sequence[Any]", STATUSES)
_NUMBERED = f"{COLUMNS}, span.id"
_place = itemgetter(6, 3, 2)
"""Of a row in the order of time: start, span and trace."""


class SqliteSpans:
    """See the protocol."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def get(self, key: SpanKey) -> Span | None:
        """See the protocol."""
        trace_id = bytes.fromhex(key.trace_id)
        with self._readers.reading() as reader:
            project = reader.project(key.tenant, key.project)
            # As long as this query is not at its end, those for what the row refers to see the same moment of the
            # store. A transaction of its own would promise no more, and take two statements.
            cursor = reader.connection.execute(_SQL["get"], (project, trace_id, span_number(key.span_id)))
            try:
                found = cursor.fetchone()
                if found is None:
                    return None
                *columns, session = found
                # These stand in a few rows only, so that to look them up by their numbers would seldom be spared.
                reader.names.sessions.learn(columns[1], session)
                reader.names.traces.learn(columns[2], trace_id_of(trace_id))
                return whole_span(reader.names, columns)
            finally:
                cursor.close()

    def rows(self, keys: Sequence[SpanKey]) -> Sequence[SpanRow]:
        """See the protocol."""
        rows: list[SpanRow] = []
        with self._readers.reading(whole=True) as reader:
            for key in keys:
                project = reader.project(key.tenant, key.project)
                bindings = (project, bytes.fromhex(key.trace_id), span_number(key.span_id))
                rows += to_rows(reader.names, reader.connection.execute(_SQL["row"], bindings))
        return rows

    def read(self, session: SessionKey, start: int = 1, limit: int | None = None) -> Sequence[SpanRow]:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            number = reader.session(*session)
            bindings = (number, start, -1 if limit is None else limit)
            return to_rows(reader.names, reader.connection.execute(_SQL["read"], bindings))

    def columns(self, session: SessionKey, start: int = 1, limit: int | None = None) -> Columns:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            number = reader.session(*session)
            bindings = (number, start, -1 if limit is None else limit)
            return to_columns(reader.names, reader.connection.execute(_SQL["columns"], bindings), max(start, 1))

    def children(self, key: SpanKey, request: PageRequest = _FIRST_PAGE) -> Page[SpanRow]:
        """See the protocol."""
        return self._below("children", key, request)

    def descendants(self, key: SpanKey, request: PageRequest = _FIRST_PAGE) -> Page[SpanRow]:
        """See the protocol."""
        return self._below("descendants", key, request)

    def ancestors(self, key: SpanKey) -> Sequence[SpanRow]:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            bindings = {
                "trace": reader.trace(key.tenant, key.project, key.trace_id),
                "span": span_number(key.span_id),
            }
            return to_rows(reader.names, reader.connection.execute(_SQL["ancestors"], bindings))

    def find(self, where: SpanFilter, request: PageRequest = _FIRST_PAGE) -> Page[SpanRow]:
        """See the protocol."""
        limit = check_limit(request)
        after = None if request.after is None else read_cursor(request.after, 3)
        with self._readers.reading(whole=True) as reader:
            streams = [
                self._newest(reader, where, project, after, limit + 1)
                for project in reader.projects(where.tenant, where.project)
            ]
            rows = newest_of(streams, limit + 1, _place)
            items = tuple(to_rows(reader.names, rows[:limit]))
        return Page(items=items, next=make_cursor(*_place(rows[limit - 1])) if len(rows) > limit else None)

    def search(self, text: str, where: SpanFilter, request: PageRequest = _FIRST_PAGE) -> Page[Hit]:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            return search(reader, text, where, request)

    def _below(self, query: str, key: SpanKey, request: PageRequest) -> Page[SpanRow]:
        limit = check_limit(request)
        after = (-(1 << 63), 0, -(1 << 63)) if request.after is None else read_cursor(request.after, 3)
        with self._readers.reading(whole=True) as reader:
            bindings = {
                "trace": reader.trace(key.tenant, key.project, key.trace_id),
                "span": span_number(key.span_id),
                "start": after[0],
                "told_seq": after[1],
                "after": after[2],
                "first": request.after is None,
                "limit": limit + 1,
            }
            rows = list(reader.connection.execute(_SQL[query], bindings))
            items = tuple(to_rows(reader.names, [columns[:WIDTH] for columns in rows[:limit]]))
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(items=items, next=None if last is None else make_cursor(last[6], last[WIDTH], last[3]))

    @staticmethod
    def _newest(
        reader: Reader, where: SpanFilter, project: int, after: tuple[int, ...] | None, limit: int
    ) -> Iterator[Sequence[Any]]:
        """The spans of one project, newest first."""
        conditions = span_conditions(reader, where, project)
        if conditions is None:
            return iter(())
        if after is not None:
            _add_behind(conditions, after)
        matches = where.attribute_matches
        if not matches:
            return _ordered(reader, COLUMNS, conditions, limit)
        return _with_attributes(reader, conditions, matches)


def _add_behind(conditions: Conditions, place: Sequence[int]) -> None:
    """Let only those remain that follow a place, which is given as `_place` does."""
    start, span, trace = place
    conditions.add("span.start <= ?", start)
    conditions.add("(span.start < ? OR (span.span_id, span.trace) < (?, ?))", start, span, trace)


def _with_attributes(
    reader: Reader, conditions: Conditions, matches: Sequence[AttributeMatch]
) -> Iterator[Sequence[Any]]:
    # The index knows which attributes spans have with a value, and not which they lack.
    sought = [
        "(" + " OR ".join(f'"{attribute_word(match.key, value)}"' for value in match.values) + ")"
        for match in matches
        if match.values and not match.negated
    ]
    if sought:
        yield from _with_words(reader, conditions, matches, " AND ".join(sought))
        return
    for *columns, number in _ordered(reader, _NUMBERED, conditions, -1):
        if _holds(reader, number, matches):
            yield columns


def _with_words(
    reader: Reader, conditions: Conditions, matches: Sequence[AttributeMatch], words: str
) -> Iterator[Sequence[Any]]:
    last: Sequence[int] | None = None
    for reach in _REACHES:
        few = [row[0] for row in reader.connection.execute(_SQL["with_attribute"], (words, reach + 1))]
        if not few:
            return
        known, oldest, table = apsw.carray(array("q", few)), few[-1], "span"
        narrowed = Conditions([*conditions.texts], [*conditions.values])
        if len(few) > reach:
            # Which of those that came earlier have it is not known.
            narrowed.add("(span.id < ? OR span.id IN carray(?))", oldest, known)
        else:
            narrowed.add("span.id IN carray(?)", known)
            # To look some up takes less time than to go back through all until enough of them were met.
            table = "span NOT INDEXED" if len(few) <= _SCARCE else "span"
        if last is not None:
            _add_behind(narrowed, last)
        unknown = 0
        for *columns, number in _ordered(reader, _NUMBERED, narrowed, -1, table):
            unknown += number < oldest
            if unknown > _UNKNOWN and reach < _REACHES[-1]:
                break
            last = _place(columns)
            if _holds(reader, number, matches):
                yield columns
        else:
            return


def _holds(reader: Reader, number: int, matches: Sequence[AttributeMatch]) -> bool:
    """Whether the attributes of a span are such, which its body tells."""
    data, *columns = reader.connection.execute(_SQL["body"], (number,)).get
    attributes = reader.names.attributes(unpack_body(data), *columns, only={match.key for match in matches})
    return all(match.holds(attributes) for match in matches)


def _ordered(
    reader: Reader, columns: str, conditions: Conditions, limit: int, table: str = "span"
) -> Iterator[Sequence[Any]]:
    query = (
        f"SELECT {columns} FROM {table} WHERE {conditions.clause} "  # noqa: S608 - our own text
        "ORDER BY span.start DESC, span.span_id DESC, span.trace DESC LIMIT ?"
    )
    return reader.connection.execute(query, (*conditions.values, limit))


def whole_span(names: Names, columns: Sequence[Any]) -> Span:
    """A span from its columns, its resource, scope and shape, what it holds and saw, and its body."""
    # Written out, because to go through `to_rows` would take half as long again, and this is most of reading one span.
    (
        owner, session, trace, span_id, parent, seq, start, end, status, kind, name, agent, model, provider,
        tool, iteration, cost, usage, resource, scope, shape, held, link, context, data,
    ) = columns  # fmt: skip
    words, bags = names.words, names.bags
    body = unpack_body(data)
    kept: tuple[Kept, ...] = ()
    if body.roles:
        hashes = names.hashes(unpack_held(held)[: len(body.roles)])
        kept = tuple(
            [Kept(role=role, hash=ContentHash(digest.hex())) for role, digest in zip(body.roles, hashes, strict=True)]
        )
    tenant, project = names.projects[owner]
    return Span(
        tenant, project, names.sessions[session], names.traces[trace], span_id_of(span_id), start,
        None if parent is None else span_id_of(parent), words[kind], words[name], end, seq, _STATUSES[status],
        words[agent], iteration, words[model], words[provider], words[tool],
        NO_USAGE if usage is None else unpack_usage(usage), cost,
        status_message=body.status_message,
        attributes=names.attributes(body, shape, held, link),
        events=body.events,
        links=body.links,
        kept=kept,
        context=None if context is None else ContextRef(id=ContextId(context.hex()), markers=body.markers),
        trace_state=body.trace_state,
        flags=body.flags,
        resource={} if resource is None else bags[resource].copy(),
        scope={} if scope is None else bags[scope].copy(),
        dropped_attributes=body.dropped_attributes,
        dropped_events=body.dropped_events,
        dropped_links=body.dropped_links,
    )  # fmt: skip
