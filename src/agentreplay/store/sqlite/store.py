"""The embedded store: one SQLite file, the journals beside it, and the ports over both."""

import contextlib
import threading
from collections.abc import Generator, Sequence
from pathlib import Path

import apsw
import msgspec

from agentreplay.errors import BatchInvalid, QueryInvalid
from agentreplay.model.batch import Batch
from agentreplay.model.change import Changes
from agentreplay.model.context import context_id
from agentreplay.model.ids import Position
from agentreplay.model.measure import Measure, MeasureQuery
from agentreplay.model.receipt import Lag, Receipt, Statistics, Target
from agentreplay.settings import Durability
from agentreplay.store.journal.deletions import Deletions
from agentreplay.store.journal.erase import erase_drained
from agentreplay.store.journal.packing import JOURNAL_FOLDER
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.sqlite.connection import create
from agentreplay.store.sqlite.contents import SqliteContents, SqliteContexts
from agentreplay.store.sqlite.facts import SqliteFacts
from agentreplay.store.sqlite.facts_remove import remove_facts
from agentreplay.store.sqlite.feed import changes
from agentreplay.store.sqlite.indexer import Indexer, Progress, lag_of, offsets_of
from agentreplay.store.sqlite.measures import measure
from agentreplay.store.sqlite.memories import SqliteMemories
from agentreplay.store.sqlite.numbering import Counter
from agentreplay.store.sqlite.readers import Readers
from agentreplay.store.sqlite.remove import remove
from agentreplay.store.sqlite.sessions import SqliteSessions
from agentreplay.store.sqlite.spans import SqliteSpans
from agentreplay.store.sqlite.statistics import statistics
from agentreplay.store.sqlite.transactions import writing
from agentreplay.store.sqlite.unused import Suspects

__all__ = ["SqliteStore", "open_folder"]


class SqliteStore:
    """See Store. The folder is made if it is not there."""

    def __init__(self, folder: Path, durability: Durability = "process") -> None:
        create(folder)
        self.folder = folder
        self._journal = JournalWriter(folder, durability)
        self._readers = Readers(folder)
        self._indexer = Indexer(folder)
        self._indexing = threading.Lock()
        self.spans = SqliteSpans(self._readers)
        self.sessions = SqliteSessions(self._readers)
        self.contents = SqliteContents(self._readers)
        self.contexts = SqliteContexts(self._readers)
        self.facts = SqliteFacts(self._readers, durability)
        self.memories = SqliteMemories(self._readers, self._erasing, durability)
        # What is damaged, or newer than we are, is said now and not at some later read.
        with self._readers.reading():
            pass

    def append(self, batch: Batch) -> None:
        """See Writer.append."""
        _check(batch)
        self._journal.append(batch)

    def drain(self, progress: Progress | None = None, *, patience: float = 0.0) -> Lag:
        """See Store.drain."""
        with self._indexing:
            self._indexer.drain(progress, patience)
        return self.lag()

    def lag(self) -> Lag:
        """See Store.lag."""
        with self._readers.reading() as reader:
            return lag_of(reader.connection, self.folder)

    def position(self) -> Position:
        """See Store.position."""
        with self._readers.reading() as reader:
            return Position(Counter.read(reader.connection, Counter.POSITION))

    def changes(self, after: Position, limit: int = 1000) -> Changes:
        """See Store.changes."""
        if limit < 1:
            raise QueryInvalid(problem=f"the limit {limit} is less than 1")
        with self._readers.reading(whole=True) as reader:
            return changes(reader, after, limit)

    def measure(self, query: MeasureQuery) -> Sequence[Measure]:
        """See Store.measure."""
        with self._readers.reading(whole=True) as reader:
            return measure(reader, query)

    def delete(self, target: Target) -> Receipt:
        """See Store.delete. The bytes are gone from the database, its log and the journals too."""
        [receipt] = self.delete_all((target,))
        return receipt

    def delete_all(self, targets: Sequence[Target], told: Progress | None = None) -> Sequence[Receipt]:
        """See Store.delete_all. Whether others use what these did is found out once, when all are gone."""
        if not targets:
            return ()
        Deletions(self.folder / JOURNAL_FOLDER).tell()
        receipts: list[Receipt] = []
        with self._erasing() as connection:
            unused = Suspects()
            for target in targets:
                receipt = remove(connection, target, unused)
                removed = remove_facts(connection, target)
                receipts.append(msgspec.structs.replace(receipt, **removed._asdict()))
                if told is not None:
                    told(len(receipts), len(targets))
            unused.forget(connection)
        return receipts

    def statistics(self, *, deep: bool = False) -> Statistics:
        """See Store.statistics."""
        with self._readers.reading(whole=True) as reader:
            return statistics(reader.connection, self.folder, deep=deep)

    @contextlib.contextmanager
    def _erasing(self) -> Generator[apsw.Connection]:
        """A transaction after which no file of the store has the bytes of what was deleted in it."""
        with self._indexing, self._indexer.exclusively() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            try:
                # Durable, because the journals are about to lose what the database has of them.
                with writing(connection, self.folder, durable=True):
                    yield connection
            finally:
                connection.execute("PRAGMA secure_delete = FAST")
            erase_drained(self.folder, offsets_of(connection))
            with contextlib.suppress(apsw.BusyError):
                # A reader at work keeps the log; its pages go with the next checkpoint.
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """See Store.close."""
        self._journal.close()
        self.facts.close()
        self.memories.close()
        self._readers.close()
        with self._indexing:
            self._indexer.close()


def _check(batch: Batch) -> None:
    for content in batch.contents:
        if not content.is_whole:
            raise BatchInvalid(problem=f"the content {content.hash} does not have the hash it claims")
    for link in batch.links:
        if link.id != context_id(link.previous, link.message):
            raise BatchInvalid(problem=f"the link {link.id} does not have the id of its messages")


def open_folder(address: str, durability: Durability) -> SqliteStore:
    """The store of a data folder, for the registry."""
    return SqliteStore(Path(address).expanduser(), durability)
