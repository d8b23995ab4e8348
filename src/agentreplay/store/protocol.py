"""What every store promises.

The promises are written here once and checked once, in tests/store/contract, against every
adapter. Adapters raise only `agentreplay.errors`, and are safe to share between threads; those that keep
something on disk are safe to share between processes too. What is returned is immutable and the caller's.

A page is taken with a `PageRequest`; a cursor belongs to the question it came from, and asking with it MUST
go on right behind the last item of the page before, whatever was appended in between.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from agentreplay.model.batch import Batch
from agentreplay.model.change import Changes
from agentreplay.model.columns import Columns
from agentreplay.model.content import Content
from agentreplay.model.context import ContextLink
from agentreplay.model.fact import Compacted, Draft, Fact, FactPosition, StateKey, Transaction
from agentreplay.model.ids import ContentHash, ContextId, Position, ProjectId, SessionId, TenantId
from agentreplay.model.measure import Measure, MeasureQuery
from agentreplay.model.memory import CollectionKey, Forgotten, Held, MemoryFilter, RecordId, RecordNumber, WordHit
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.query import SessionFilter, SpanFilter
from agentreplay.model.receipt import Lag, Receipt, Statistics, Target
from agentreplay.model.search import Hit
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.model.span import Span, SpanKey, SpanRow
from agentreplay.model.time import Nanoseconds

__all__ = ["Contents", "Contexts", "Facts", "Memories", "Sessions", "Spans", "Store", "Writer"]


class Writer(Protocol):
    """Where batches go."""

    def append(self, batch: Batch) -> None:
        """Add what is in the batch, all or none.

        When this returns, the batch survives a crash of the process; and of the machine where the writer
        was opened with durability `power`. Order is free: a parent may come after its children, a content
        after the span that holds it. Adding a thing again is harmless, so callers may retry. A span with an
        end fills the end of the same span stored open. A span that contradicts a closed one changes
        nothing and is counted in `Statistics.conflicts`. Of a session the highest revision counts.

        A span with the attribute PROVISIONAL is told for the time being. The same span closed without it takes
        its place even when it is closed, and it contradicts nobody. Where one that is closed for the time being and an
        open one tell of a span, in either order, it is closed, began when the open one did, and holds what that holds
        too unless that is told for the time being itself.

        A span whose session bears the id of its trace names no session: it belongs to the one that other spans
        of its trace name, the first by its id where they name several, and moves there when that is told
        later. The session it leaves behind empty is gone, with what was told of it.

        Where several layers report one call, as `model.charging` says, it is charged once: the outer spans are
        stored without the usage and the cost that the innermost tells, whichever comes first. Likewise where several
        witnesses tell of one, as `model.witness` says: then without what the nearest tells.
        """
        ...


class Spans(Protocol):
    """The spans, one by one and as trees. Lists hold light rows; `get` gives the whole."""

    def get(self, key: SpanKey) -> Span | None:
        """The whole span with all that was appended, or None."""
        ...

    def rows(self, keys: Sequence[SpanKey]) -> Sequence[SpanRow]:
        """The light rows of these spans, in this order; those that are not stored are left out."""
        ...

    def read(self, session: SessionKey, start: int = 1, limit: int | None = None) -> Sequence[SpanRow]:
        """The spans of a session in order, from the place `start` on.

        The order is (start, the writer's own seq, trace id, span id), independent of arrival; `seq` in what
        is returned counts it from 1 without gaps.
        """
        ...

    def columns(self, session: SessionKey, start: int = 1, limit: int | None = None) -> Columns:
        """The same spans as `read` gives, as columns: `columns_of` its rows, from the same place on."""
        ...

    def children(self, key: SpanKey, request: PageRequest = ...) -> Page[SpanRow]:
        """The spans whose parent this is, in the order of the session. The span itself need not be stored."""
        ...

    def ancestors(self, key: SpanKey) -> Sequence[SpanRow]:
        """The parent, its parent, and so on up to the root, or to the first that is not stored.

        A cycle, which a broken emitter can make, ends the walk before anything comes twice.
        """
        ...

    def descendants(self, key: SpanKey, request: PageRequest = ...) -> Page[SpanRow]:
        """All spans below this one, in the order of the session, each once."""
        ...

    def find(self, where: SpanFilter, request: PageRequest = ...) -> Page[SpanRow]:
        """The spans that satisfy the filter, newest start first."""
        ...

    def search(self, text: str, where: SpanFilter, request: PageRequest = ...) -> Page[Hit]:
        """The spans whose messages, calls, results, names or errors hold every word of `text`, best first.

        A part in double quotes must stand there as a phrase; a word that ends in `*` is a beginning.
        Letter case and accents do not matter.
        """
        ...


class Sessions(Protocol):
    """The sessions with their summaries."""

    def get(self, key: SessionKey) -> SessionRow | None:
        """The session, or None. A session nobody announced exists as soon as it has a span."""
        ...

    def find(self, where: SessionFilter, request: PageRequest = ...) -> Page[SessionRow]:
        """The sessions that satisfy the filter, newest first."""
        ...

    def projects(self, tenant: TenantId) -> Sequence[ProjectId]:
        """The projects in which the tenant has anything, be it only facts or memories; by name."""
        ...


class Contents(Protocol):
    """Contents by hash. A tenant sees only what it stored itself."""

    def get(self, tenant: TenantId, content: ContentHash) -> Content | None:
        """The content, whole and verified, or None. Raises ChecksumMismatch when it is damaged."""
        ...


class Contexts(Protocol):
    """Contexts as chains of messages."""

    def read(self, tenant: TenantId, context: ContextId) -> Sequence[ContextLink]:
        """The links from the first message to the last; empty when the context is not stored."""
        ...


class Facts(Protocol):
    """The states of agents: facts, each with all its versions, and the log of the transactions that wrote them.

    Everything is read as of a position: the last one, unless `at` names another. What is read at a position is the
    same for ever, whatever is committed, until it is deleted or compacted away; then `at` raises StateForgotten.
    Keys are ordered by code points. A state nobody wrote to is an empty one.
    """

    def commit(self, draft: Draft, patience: Nanoseconds | None = None) -> Transaction:
        """Do all that is in the draft, or nothing, and say what was done: an operation for each key, state by state.

        When this returns, it survives a crash of the process; and of the machine where the store was opened with
        durability `power`. All commits of all processes have one order; positions and commit times follow it.
        The versions of a key count up from 1 by one, deletions included, and none is given twice. A draft without edits
        writes nothing; its conditions are checked.
        Raises FactConflict when a condition does not hold. A draft whose idempotency key is that of a stored
        transaction of the project is not done again: that transaction is returned, or IdempotencyReused raised when
        its edits were others. Waits for other writers as long as `patience`, then raises StoreBusy.
        """
        ...

    def position(self, moment: Nanoseconds | None = None) -> FactPosition:
        """The position of the last transaction, or of the last one committed at that moment or before it."""
        ...

    def states(self, tenant: TenantId, project: ProjectId, session: SessionId | None = None) -> Sequence[StateKey]:
        """The states of a project that were written to, or those in which the session wrote; in order.

        Collections of records are none of them.
        """
        ...

    def get(self, state: StateKey, key: str, at: FactPosition | None = None) -> Fact | None:
        """What the key holds, or None when it never held anything. A deleted fact is returned as such."""
        ...

    def version(self, state: StateKey, key: str, version: int) -> Fact | None:
        """This version of the fact, or None."""
        ...

    def history(self, state: StateKey, key: str, request: PageRequest = ...) -> Page[Fact]:
        """All versions of the fact, newest first, deletions among them."""
        ...

    def keys(self, state: StateKey, prefix: str = "", request: PageRequest = ...) -> Page[str]:
        """The keys that hold something now and begin with the prefix, in order."""
        ...

    def find(self, state: StateKey, prefix: str = "", request: PageRequest = ...) -> Page[Fact]:
        """The facts under those keys."""
        ...

    def whole(self, state: StateKey, at: FactPosition | None = None) -> Mapping[str, Fact]:
        """The whole state: what each key holds, in the order of keys. The cost follows the size of that state."""
        ...

    def read(
        self, state: StateKey, after: FactPosition = ..., until: FactPosition | None = None
    ) -> Iterator[Transaction]:
        """Yields the transactions behind `after` up to `until` that wrote to the state, in order.

        Each has the operations on this state only. Takes constant memory however long the log is, holds nothing
        open between two items, and may be left at any of them; the position of the last one seen goes on from
        there. What is committed while it is read is not part of it. What compaction left out is not there.
        """
        ...

    def compact(self, state: StateKey, before: FactPosition, keeping: Sequence[FactPosition] = ()) -> Compacted:
        """Leave out of the log what only states before that position need, except for those at the kept positions.

        States from there on and at the kept positions stay exactly as they were; those that earlier compactions kept
        and this one does not are given up. All or nothing; harmless when repeated.
        """
        ...


class Memories(Protocol):
    """The collections of records. They lie in the same ledger as facts, and a record is a fact of its collection.

    So `Facts.commit` writes them, in one order with all others, and `Facts` tells what they were at any position. Here
    is what that asks of a collection as it is now; it holds as soon as a commit returns.
    """

    def collections(self, tenant: TenantId, project: ProjectId | None = None) -> Sequence[CollectionKey]:
        """The collections of a project, or of all, that were written to; in order."""
        ...

    def count(self, collection: CollectionKey, where: MemoryFilter = ...) -> int:
        """How many records of a collection are meant."""
        ...

    def get(self, collection: CollectionKey, record: RecordId) -> Held | None:
        """The record, or None when the collection holds none of that id now."""
        ...

    def held(self, numbers: Sequence[RecordNumber]) -> Sequence[Held]:
        """The records whose texts have these numbers, in this order; those that are not held any more are left out."""
        ...

    def find(self, collection: CollectionKey, where: MemoryFilter = ..., request: PageRequest = ...) -> Page[Held]:
        """The records that are meant, those that changed last first."""
        ...

    def numbers(self, collection: CollectionKey, where: MemoryFilter = ...) -> Sequence[RecordNumber]:
        """The numbers of all texts that are meant, ascending."""
        ...

    def search(
        self,
        collections: Sequence[CollectionKey],
        text: str,
        where: MemoryFilter,
        count: int,
        also: Sequence[RecordNumber] = (),
    ) -> Sequence[WordHit]:
        """The records that hold any word of the text, best first; the filter is applied before they are counted.

        A word stands for all of its stem; words of grammar count only where there are no others. A part in double
        quotes counts where it stands as a phrase; a word that ends in `*` is a beginning. Scores come from these
        collections alone: what others hold changes none of them.

        Records of the numbers `also`, which must be of these collections, are among the answer too where they hold any
        word, however many are better.
        """
        ...

    def embed(self, collection: CollectionKey, model: str, vectors: Mapping[RecordNumber, bytes]) -> int:
        """Keep what a model made of texts, and say of how many: of those that are gone it is not kept."""
        ...

    def unembedded(self, collection: CollectionKey, model: str, count: int) -> Sequence[Held]:
        """So many records at most of which nothing is kept that this model made."""
        ...

    def embeddings(
        self, collection: CollectionKey, model: str, after: RecordNumber = ..., count: int = ...
    ) -> Sequence[tuple[RecordNumber, bytes]]:
        """What the model made of the texts behind a number, ascending, so many at most."""
        ...

    def models(self, collection: CollectionKey) -> Mapping[str, int]:
        """The models that made something of texts of the collection, and of how many."""
        ...

    def drop_embeddings(self, collection: CollectionKey, model: str) -> int:
        """Forget all that a model made, and say of how many texts."""
        ...

    def forget(self, collection: CollectionKey, records: Sequence[RecordId]) -> Forgotten:
        """Remove records for good: all their versions, their words, and what models made of them.

        All or nothing. When this returns no read finds any of it, at no position, and no file of the store has it.
        Forgetting what is not there is harmless. An id that is written again counts its versions from 1.
        """
        ...


@runtime_checkable
class Store(Writer, Protocol):
    """Sessions, spans and their contents, with the few questions we ask of them."""

    @property
    def spans(self) -> Spans:
        """The spans."""
        ...

    @property
    def sessions(self) -> Sessions:
        """The sessions."""
        ...

    @property
    def contents(self) -> Contents:
        """The contents."""
        ...

    @property
    def contexts(self) -> Contexts:
        """The contexts."""
        ...

    @property
    def facts(self) -> Facts:
        """The states of agents."""
        ...

    @property
    def memories(self) -> Memories:
        """What agents remember."""
        ...

    def drain(self, *, patience: float = 0.0) -> Lag:
        """Make visible all that was acknowledged before this call, by whomever, and say what is left.

        For so many seconds it goes on with what comes meanwhile, where that is much.

        Raises IndexerBusy when another process is doing it and does not get there in time.
        """
        ...

    def lag(self) -> Lag:
        """How far the index is behind, without doing anything about it."""
        ...

    def position(self) -> Position:
        """The position of the last change; before the first one 0. Costs next to nothing."""
        ...

    def changes(self, after: Position, limit: int = 1000) -> Changes:
        """What happened after the position, in order.

        Never skips anything: when a position was returned, nothing will ever appear at or before it.
        """
        ...

    def measure(self, query: MeasureQuery) -> Sequence[Measure]:
        """Measures of finished spans, ordered by bucket and then by dimensions.

        Counts and sums are exact; percentiles lie within 1 % of the exact nearest-rank ones.
        """
        ...

    def delete(self, target: Target) -> Receipt:
        """Remove the target and all that is derived from it; contents and links go when nobody else holds them.

        Facts and records go with a project, and with the session or trace in which they were written: states are then
        as if that had never been written, and keys of which something is left go on counting their versions.

        All or nothing. When this returns, no read finds any of it. Deleting what is not there is harmless.
        """
        ...

    def delete_all(
        self, targets: Sequence[Target], told: Callable[[int, int], None] | None = None
    ) -> Sequence[Receipt]:
        """Remove each of these in turn, as `delete` does, all of them or none.

        `told` hears how many are gone, and of how many. What has to be asked of the whole store is asked once for
        all: this is the way to delete many.
        """
        ...

    def statistics(self, *, deep: bool = False) -> Statistics:
        """What the store says of itself; `deep` adds what takes a walk through the whole file."""
        ...

    def close(self) -> None:
        """Let go of files and threads. Nothing acknowledged is lost. Closing twice is harmless."""
        ...
