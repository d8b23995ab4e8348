"""Reads what can still be read of a damaged store, and writes it to a new one.

Tables are read in stretches; a stretch that cannot be read is halved until only what is lost is left out.
Everything goes through the vocabulary, so that the new store is as good as any.
"""

import contextlib
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw
import msgspec

from agentreplay.errors import AgentReplayError, InputInvalid, ValueInvalid
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content
from agentreplay.model.context import ContextLink
from agentreplay.model.ids import ContentHash, ContextId, TenantId
from agentreplay.model.session import Session
from agentreplay.model.values import decode
from agentreplay.store.journal.reader import journals_in, read_frames
from agentreplay.store.sqlite.blocks import cut
from agentreplay.store.sqlite.chunks import batch_of
from agentreplay.store.sqlite.connection import connect
from agentreplay.store.sqlite.facts_commit import POSITION
from agentreplay.store.sqlite.facts_rescue import TRANSACTIONS, put_back, read_parts, repaint_all
from agentreplay.store.sqlite.indexer import Progress, offsets_of
from agentreplay.store.sqlite.reading import COLUMNS, Names
from agentreplay.store.sqlite.rows import ERROR_MEDIA
from agentreplay.store.sqlite.spans import whole_span
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.store.sqlite.transactions import database_of, translated, writing

__all__ = ["Salvaged", "salvage"]

_STEP = 1_000
_EMPTY_STEPS = 50


class Salvaged(msgspec.Struct, frozen=True, kw_only=True):
    """What was saved, and how many rows were not."""

    spans: int
    sessions: int
    contents: int
    lost: int


def salvage(folder: Path, target: Path, progress: Progress) -> Salvaged:
    """Write what is readable of a store to a new one in `target`, which must be empty. The old one stays as it is."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ValueInvalid(what=f"the folder {str(target)!r}", problem="it is not empty; name a new one")
    store = SqliteStore(target)
    try:
        rescue = _Rescue(folder, store, progress)
        with translated(folder):
            old = apsw.Connection(str(database_of(folder)), flags=apsw.SQLITE_OPEN_READONLY)
        with contextlib.closing(old):
            rescue.read(old)
        rescue.read_journals()
        store.drain()
        found = store.statistics()
        return Salvaged(spans=found.spans, sessions=found.sessions, contents=found.contents, lost=rescue.lost)
    finally:
        store.close()


class _Rescue:
    def __init__(self, folder: Path, store: SqliteStore, progress: Progress) -> None:
        self._folder = folder
        self._store = store
        self._progress = progress
        self._offsets: dict[str, int] = {}
        self.lost = 0

    def read(self, old: apsw.Connection) -> None:
        """Read the database: contents, links, sessions, spans, facts."""
        names = Names(lambda: old)
        with contextlib.suppress(apsw.Error):
            self._offsets = offsets_of(old)
        for step, part in enumerate((self._contents, self._links, self._sessions, self._spans)):
            for batch in part(old, names):
                self._append(batch)
            self._progress(step + 1, 6)
        self._read_facts(old)
        self._progress(5, 6)

    def read_journals(self) -> None:
        """Read the journals from their beginning: what is stored already changes nothing.

        And from where they are drained, because a deletion erases what lies before that.
        """
        for path in journals_in(self._folder):
            for offset in sorted({0, self._offsets.get(path.name, 0)}):
                with contextlib.suppress(AgentReplayError):
                    for frame in read_frames(path, offset):
                        with contextlib.suppress(AgentReplayError):
                            self._append(batch_of(frame, self._folder))
        self._progress(6, 6)

    def _append(self, batch: Batch) -> None:
        try:
            self._store.append(batch)
        except InputInvalid:
            self.lost += 1

    def _contents(self, old: apsw.Connection, names: Names) -> Iterator[Batch]:
        query = (
            "SELECT tenant, hash, media, block.codec, block.data, start, size "
            "FROM content JOIN block ON block.id = content.block WHERE content.id BETWEEN ? AND ?"
        )
        for tenant, digest, media, *place in self._rows(old, "content", query):
            with self._counted():
                if names.words[media] == ERROR_MEDIA:
                    continue
                content = Content(hash=ContentHash(digest.hex()), data=cut(*place), media=names.words[media])
                if not content.is_whole:
                    raise ValueInvalid(what="a content", problem="it does not have its hash")
                yield Batch(tenant=TenantId(names.words[tenant]), contents=(content,))

    def _links(self, old: apsw.Connection, names: Names) -> Iterator[Batch]:
        query = (
            "SELECT link.tenant, link.key, p.key, content.hash FROM link JOIN content ON content.id = link.message "
            "LEFT JOIN link AS p ON p.id = link.previous WHERE link.id BETWEEN ? AND ?"
        )
        for tenant, key, previous, message in self._rows(old, "link", query):
            with self._counted():
                link = ContextLink(
                    id=ContextId(key.hex()),
                    message=ContentHash(message.hex()),
                    previous=ContextId(previous.hex()) if previous is not None else None,
                )
                yield Batch(tenant=TenantId(names.words[tenant]), links=(link,))

    def _sessions(self, old: apsw.Connection, _names: Names) -> Iterator[Batch]:
        query = "SELECT told FROM session WHERE told IS NOT NULL AND id BETWEEN ? AND ?"
        for (told,) in self._rows(old, "session", query):
            with self._counted():
                yield Batch(sessions=(decode(told, Session),))

    def _spans(self, old: apsw.Connection, names: Names) -> Iterator[Batch]:
        query = (
            f"SELECT {COLUMNS}, span.resource, span.scope, span.shape, span.held, span.context, link.key, "  # noqa: S608 - our own text
            "body.data, span.told_seq FROM span JOIN body ON body.id = span.id "
            "LEFT JOIN link ON link.id = span.context WHERE span.id BETWEEN ? AND ?"
        )
        for *columns, told_seq in self._rows(old, "span", query):
            with self._counted():
                span = whole_span(names, columns)
                yield Batch(spans=(msgspec.structs.replace(span, seq=told_seq),))

    def _read_facts(self, old: apsw.Connection) -> None:
        folder = self._store.folder
        with contextlib.closing(connect(folder)) as connection:
            for row in self._rows(old, "fact_transaction", TRANSACTIONS):
                with self._counted(), writing(connection, folder):
                    put_back(connection, read_parts(old, row))
            with writing(connection, folder):
                repaint_all(connection)

    @contextlib.contextmanager
    def _counted(self) -> Generator[None]:
        """A row that makes no sense is counted, and the next one is read."""
        try:
            yield
        except (AgentReplayError, apsw.Error, TypeError, AttributeError, ValueError, msgspec.ValidationError):
            self.lost += 1

    def _rows(self, old: apsw.Connection, table: str, query: str) -> Iterator[Sequence[Any]]:
        """The rows of a table by stretches of its ids."""
        last = self._highest(old, table)
        first, empty = 1, 0
        while (last is None and empty < _EMPTY_STEPS) or (last is not None and first <= last):
            rows = list(self._stretch(old, query, first, first + _STEP - 1))
            empty = 0 if rows else empty + 1
            yield from rows
            first += _STEP

    def _stretch(self, old: apsw.Connection, query: str, first: int, last: int) -> Iterator[Sequence[Any]]:
        try:
            yield from list(old.execute(query, (first, last)))
        except (apsw.NotADBError, apsw.SQLError):
            return  # no database, or no such table in it: nobody knows what there was
        except apsw.Error:
            if first == last:
                self.lost += 1
                return
            middle = (first + last) // 2
            yield from self._stretch(old, query, first, middle)
            yield from self._stretch(old, query, middle + 1, last)

    @staticmethod
    def _highest(old: apsw.Connection, table: str) -> int | None:
        """The highest id, from the counter or the table; None when neither can be read."""
        counter = {"span": "position", "fact_transaction": POSITION}.get(table, table)
        for query in (f"SELECT value FROM meta WHERE key = '{counter}'", f"SELECT max(id) FROM {table}"):  # noqa: S608
            with contextlib.suppress(apsw.Error):
                found = old.execute(query).get
                if isinstance(found, int):
                    return found
        return None
