"""Puts spans in the place of stored ones, when more is understood of what they tell: trace by trace.

All that is derived goes through what brings in any span, so the store is afterwards as if it had been told so in the
first place. How far it came stands in the same transaction: cut off, it goes on there, and no span is taken twice.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import apsw
import msgspec

from agentreplay.model.batch import Batch
from agentreplay.model.charging import COST, USAGE
from agentreplay.model.content import Content
from agentreplay.model.context import ContextLink
from agentreplay.model.ids import SessionId
from agentreplay.model.receipt import Target
from agentreplay.model.session import Session
from agentreplay.model.span import Span
from agentreplay.model.usage import NO_USAGE
from agentreplay.model.values import decode
from agentreplay.store.sqlite.apply import Applier
from agentreplay.store.sqlite.contents import SqliteContents, SqliteContexts
from agentreplay.store.sqlite.indexer import Indexer, Progress
from agentreplay.store.sqlite.numbering import Counter
from agentreplay.store.sqlite.prepare import prepare
from agentreplay.store.sqlite.prepared import PreparedSpan
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.readers import Readers
from agentreplay.store.sqlite.reading import COLUMNS, Names
from agentreplay.store.sqlite.remove import remove
from agentreplay.store.sqlite.rows import pack_body, span_number, unpack_body
from agentreplay.store.sqlite.spans import whole_span
from agentreplay.store.sqlite.transactions import writing
from agentreplay.store.sqlite.unused import Suspects

__all__ = ["Derive", "Renewed", "renew"]

_SQL = queries("upkeep")
_MARK = "renewal"
_AT_ONCE = 2_000
"""So many spans make a transaction. Between two of them others may index."""

Derive = Callable[[Span], Batch | None]
"""A stored span anew, alone in its batch with its session and all it holds; None for one that is to stay as it is."""


class Renewed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the spans. Of a renewal that was cut off and goes on, its last part."""

    spans: int
    """That were looked at."""
    changed: int
    """That came out otherwise."""


class _Mark(msgspec.Struct, frozen=True):
    """How far a renewal is. Traces that are renewed get numbers beyond its end, and are not met again."""

    stamp: str
    done: int
    end: int


class _Stored(NamedTuple):
    """A stored span, and what its store knows of it besides."""

    span: Span
    is_erased: bool
    repeats: int


def renew(folder: Path, derive: Derive, stamp: str, progress: Progress) -> Renewed:
    """Derive all spans of a store anew. `stamp` names what `derive` goes by: only with the same one is it resumed."""
    indexer, readers = Indexer(folder), Readers(folder)
    looked = changed = 0
    try:
        with indexer.exclusively() as connection, writing(connection, folder):
            mark = _begin(connection, stamp)
            total: int = connection.execute(_SQL["count_in_traces"], (mark.done, mark.end)).get
        while mark.done < mark.end:
            with indexer.exclusively() as connection, writing(connection, folder):
                renewal = _Renewal(connection, readers, derive)
                mark = renewal.go_on(mark)
            looked, changed = looked + renewal.looked, changed + renewal.changed
            progress(min(looked, total), total)
    finally:
        readers.close()
        indexer.close()
    return Renewed(spans=looked, changed=changed)


def _begin(connection: apsw.Connection, stamp: str) -> _Mark:
    """Where to go on, or to begin."""
    found = connection.execute(_SQL["mark"], (_MARK,)).get
    if found is not None:
        mark = msgspec.json.decode(found, type=_Mark)
        if mark.stamp == stamp:
            return mark
    return _Mark(stamp, 0, Counter.read(connection, "trace"))


class _Renewal:
    """One transaction of it."""

    def __init__(self, connection: apsw.Connection, readers: Readers, derive: Derive) -> None:
        self._connection = connection
        self._names = Names(lambda: connection)
        self._contents = SqliteContents(readers)
        self._contexts = SqliteContexts(readers)
        self._applier = Applier(connection)
        self._derive = derive
        self._unused = Suspects()
        self.looked = self.changed = 0

    def go_on(self, mark: _Mark) -> _Mark:
        """Take the next traces; returns how far it is then."""
        done = mark.end
        for (number,) in list(self._connection.execute(_SQL["traces"], (mark.done, mark.end))):
            self._renew(number)
            if self.looked >= _AT_ONCE:
                done = number
                break
        self._unused.forget(self._connection)
        mark = _Mark(mark.stamp, done, mark.end)
        if done < mark.end:
            self._connection.execute(_SQL["put_mark"], (_MARK, msgspec.json.encode(mark).decode()))
        else:
            self._connection.execute(_SQL["drop_mark"], (_MARK,))
        return mark

    def _renew(self, trace: int) -> None:
        stored = list(self._stored(trace))
        self.looked += len(stored)
        batches = [None if one.is_erased else self._derive(one.span) for one in stored]
        pairs = list(zip(stored, batches, strict=True))
        changed = sum(batch is not None and _differs(one, batch.spans[0]) for one, batch in pairs)
        if not changed:
            return
        kept = [self._as_it_is(one.span) if batch is None else batch for one, batch in pairs]
        if any(batch is None for batch in kept):
            return
        self.changed += changed
        first = stored[0].span
        left = [number for (number,) in list(self._connection.execute(_SQL["sessions_of_trace"], (trace,)))]
        target = Target(tenant=first.tenant, project=first.project, trace_id=first.trace_id)
        remove(self._connection, target, self._unused)
        prepared = prepare([batch for batch in kept if batch is not None], thorough=True)
        as_they_are = {span_number(one.span.span_id): one for one, batch in pairs if batch is None}
        prepared.spans = [_restored(row, as_they_are.get(row.span_id)) for row in prepared.spans]
        self._applier.apply(prepared)
        self._applier.finish()
        self._leave(left)

    def _stored(self, trace: int) -> Iterator[_Stored]:
        """The spans of a trace as they were told, in the order of arrival."""
        query = _SQL["whole_spans"].replace(":columns", COLUMNS)
        for told_seq, follows, repeats, *columns in list(self._connection.execute(query, (trace,))):
            span = whole_span(self._names, columns)
            session = SessionId(span.trace_id) if follows else span.session
            span = msgspec.structs.replace(span, session=session, seq=told_seq)
            yield _Stored(span, unpack_body(columns[-1]).erased, repeats)

    def _as_it_is(self, span: Span) -> Batch | None:
        """A span that stays, with all it holds; None where a part of its context is still to come."""
        contents: list[Content] = []
        links: Sequence[ContextLink] = ()
        if span.context is not None:
            links = self._contexts.read(span.tenant, span.context.id)
            if not links:
                return None
        for content in dict.fromkeys([*(kept.hash for kept in span.kept), *(link.message for link in links)]):
            found = self._contents.get(span.tenant, content)
            if found is not None:
                contents.append(found)
        return Batch(tenant=span.tenant, spans=(span,), contents=tuple(contents), links=tuple(links))

    def _leave(self, sessions: Sequence[int]) -> None:
        """Let go of sessions that only these spans told of, and that are empty now."""
        for number in sessions:
            row = self._connection.execute(_SQL["empty_session"], (number,)).fetchone()
            if row is None:
                continue
            session: Session = decode(row[0], Session)
            bare = Session(tenant=session.tenant, project=session.project, id=session.id, source=session.source)
            if session == bare:
                target = Target(tenant=session.tenant, project=session.project, session=session.id)
                remove(self._connection, target, self._unused)


def _differs(stored: _Stored, fresh: Span) -> bool:
    """Whether a span came out otherwise. What it repeats of another one is not kept, only that it does."""
    tells = (0 if fresh.usage == NO_USAGE else USAGE) | (0 if fresh.cost is None else COST)
    if tells & stored.repeats != stored.repeats:
        return True
    usage = NO_USAGE if stored.repeats & USAGE else fresh.usage
    cost = None if stored.repeats & COST else fresh.cost
    return msgspec.structs.replace(fresh, usage=usage, cost=cost) != stored.span


def _restored(row: PreparedSpan, stored: _Stored | None) -> PreparedSpan:
    """A row with what a span that stays cannot say of itself."""
    if stored is None:
        return row
    if stored.is_erased:
        row = row._replace(body=pack_body(unpack_body(row.body).without_payload()))
    return row._replace(repeats=row.repeats | stored.repeats)
