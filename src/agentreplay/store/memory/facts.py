"""The port `Facts` over lists: each state is a log, and every answer is what remains after running through it."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from agentreplay.errors import FactConflict, IdempotencyReused, StateForgotten
from agentreplay.model.fact import (
    NOTHING,
    Compacted,
    Draft,
    Edit,
    Fact,
    FactPosition,
    Operation,
    StateKey,
    Transaction,
    after_prefix,
)
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.memory import is_memory
from agentreplay.model.page import Cursor, Page, PageRequest
from agentreplay.model.receipt import Target
from agentreplay.model.score import is_of_agents, is_score
from agentreplay.model.time import Clock, Nanoseconds
from agentreplay.model.values import decode, encode
from agentreplay.store.cursors import check_limit, make_cursor, read_cursor
from agentreplay.store.memory.state import State

__all__ = ["MemoryFacts"]

T = TypeVar("T")

_FIRST_PAGE = PageRequest()
_START = FactPosition(0)


@dataclass
class _Log:
    """What is known of one state."""

    entries: list[Transaction] = field(default_factory=list[Transaction])
    highest: dict[str, int] = field(default_factory=dict[str, int])
    """The highest version each key ever had."""
    horizon: FactPosition = _START
    kept: frozenset[FactPosition] = frozenset()

    def facts(self, until: FactPosition | None) -> Iterator[Fact]:
        """Every version up to there, in order."""
        for entry in self.entries:
            if until is not None and entry.position > until:
                return
            for done in entry.operations:
                yield Fact(done.key, done.version, done.value, entry.position, entry.committed, done.is_deleted)

    def last(self, until: FactPosition | None) -> dict[str, Fact]:
        """The last version of each key, those that were deleted included."""
        return {fact.key: fact for fact in self.facts(until)}

    def keep(self, is_kept: Callable[[Transaction, Operation], bool]) -> int:
        """Leave out all other operations, and say how many went."""
        before = sum(len(entry.operations) for entry in self.entries)
        left = [
            msgspec.structs.replace(entry, operations=tuple(done for done in entry.operations if is_kept(entry, done)))
            for entry in self.entries
        ]
        self.entries = [entry for entry in left if entry.operations]
        return before - sum(len(entry.operations) for entry in self.entries)


class MemoryFacts:
    """See the protocol."""

    def __init__(self, state: State, clock: Clock = time.time_ns) -> None:
        self._lock = state.lock
        self._clock = clock
        self._logs: dict[StateKey, _Log] = {}
        self._position = _START
        self._committed = Nanoseconds(0)
        self._requests: dict[tuple[TenantId, ProjectId, str], tuple[bytes, FactPosition]] = {}

    def commit(self, draft: Draft, patience: Nanoseconds | None = None) -> Transaction:
        """See the protocol. Nobody else writes for long."""
        del patience
        with self._lock:
            request = (draft.tenant, draft.project, draft.idempotency)
            if draft.idempotency and request in self._requests:
                return self._repeated(draft, *self._requests[request])
            self._check_conditions(draft)
            entry = Transaction(draft.id, self._position, self._committed, (), draft.author)
            if not draft.edits:
                return entry
            self._position = FactPosition(self._position + 1)
            self._committed = Nanoseconds(max(self._committed, self._clock()))
            entry = Transaction(draft.id, self._position, self._committed, (), draft.author)
            if draft.idempotency:
                self._requests[request] = (draft.digest(), self._position)
            done = [done for state, edits in draft.by_state().items() for done in self._write(state, edits, entry)]
            return _own(msgspec.structs.replace(entry, operations=tuple(done)))

    def position(self, moment: Nanoseconds | None = None) -> FactPosition:
        """See the protocol."""
        with self._lock:
            if moment is None:
                return self._position
            return max((entry.position for entry in self._entries() if entry.committed <= moment), default=_START)

    def states(self, tenant: TenantId, project: ProjectId, session: SessionId | None = None) -> Sequence[StateKey]:
        """See the protocol."""
        with self._lock:
            return sorted(
                state
                for state, log in self._logs.items()
                if state[:2] == (tenant, project)
                and is_of_agents(state.namespace)
                and any(session is None or (entry.author and entry.author.session == session) for entry in log.entries)
            )

    def get(self, state: StateKey, key: str, at: FactPosition | None = None) -> Fact | None:
        """See the protocol."""
        with self._lock:
            return _own(self._log(state, at).last(at).get(key))

    def version(self, state: StateKey, key: str, version: int) -> Fact | None:
        """See the protocol."""
        with self._lock:
            return _own(next((fact for fact in self._versions(state, key) if fact.version == version), None))

    def history(self, state: StateKey, key: str, request: PageRequest = _FIRST_PAGE) -> Page[Fact]:
        """See the protocol."""
        limit = check_limit(request)
        (before,) = read_cursor(request.after, 1) if request.after else (None,)
        with self._lock:
            found = [fact for fact in self._versions(state, key)[::-1] if before is None or fact.version < before]
        items = tuple(map(_own, found[:limit]))
        return Page(items=items, next=make_cursor(items[-1].version) if len(found) > limit else None)

    def keys(self, state: StateKey, prefix: str = "", request: PageRequest = _FIRST_PAGE) -> Page[str]:
        """See the protocol."""
        found = self.find(state, prefix, request)
        return Page(items=tuple(fact.key for fact in found.items), next=found.next)

    def find(self, state: StateKey, prefix: str = "", request: PageRequest = _FIRST_PAGE) -> Page[Fact]:
        """See the protocol."""
        limit = check_limit(request)
        end = after_prefix(prefix)
        found = [
            fact
            for key, fact in self.whole(state).items()
            if key >= prefix and (end is None or key < end) and (request.after is None or key > request.after)
        ]
        items = tuple(found[:limit])
        return Page(items=items, next=Cursor(items[-1].key) if len(found) > limit else None)

    def whole(self, state: StateKey, at: FactPosition | None = None) -> Mapping[str, Fact]:
        """See the protocol."""
        with self._lock:
            facts = self._log(state, at).last(at)
            return {key: _own(facts[key]) for key in sorted(facts) if not facts[key].is_deleted}

    def read(
        self, state: StateKey, after: FactPosition = _START, until: FactPosition | None = None
    ) -> Iterator[Transaction]:
        """See the protocol."""
        with self._lock:
            end = self._position if until is None else until
            found = [entry for entry in self._log(state).entries if after < entry.position <= end]
        return map(_own, found)

    def compact(self, state: StateKey, before: FactPosition, keeping: Sequence[FactPosition] = ()) -> Compacted:
        """See the protocol."""
        with self._lock:
            log = self._log(state)
            available = {place for place in keeping if place >= log.horizon or place in log.kept}
            log.horizon = max(log.horizon, min(before, self._position))
            log.kept = frozenset(place for place in available if place < log.horizon)
            needed = {
                (fact.key, fact.version) for place in (*log.kept, log.horizon) for fact in log.last(place).values()
            }
            removed = log.keep(lambda entry, done: entry.position > log.horizon or (done.key, done.version) in needed)
            return Compacted(operations=removed, horizon=log.horizon)

    def everywhere(self) -> Sequence[StateKey]:
        """All states of all projects, in order. The caller holds the lock, here and below."""
        return sorted(self._logs)

    def versions(self, state: StateKey) -> Sequence[Fact]:
        """Every version of every key, in order."""
        return [_own(fact) for fact in self._log(state).facts(None)]

    def forget(self, state: StateKey, keys: Collection[str]) -> int:
        """Remove keys with all their versions, and say how many."""
        log = self._logs.get(state)
        if log is None:
            return 0
        removed = log.keep(lambda _, done: done.key not in keys)
        log.highest = {key: version for key, version in log.highest.items() if key not in keys}
        if not log.entries:
            del self._logs[state]
        return removed

    def delete(self, target: Target) -> tuple[int, int, int]:
        """Remove what was written in the target; how many versions of facts went, of records, and of scores."""
        if target.what == "payload":
            return 0, 0, 0
        removed = [0, 0, 0]
        for state in [state for state in self._logs if state[:2] == (target.tenant, target.project)]:
            log = self._logs[state]
            removed[is_memory(state.namespace) + 2 * is_score(state.namespace)] += log.keep(
                lambda entry, _: not _is_meant(entry, target)
            )
            left = log.last(None)
            log.highest = {key: version for key, version in log.highest.items() if key in left}
            if not left:
                del self._logs[state]
        positions = {entry.position for entry in self._entries()}
        self._requests = {request: told for request, told in self._requests.items() if told[1] in positions}
        return removed[0], removed[1], removed[2]

    def _check_conditions(self, draft: Draft) -> None:
        for condition in draft.conditions:
            state = StateKey(draft.tenant, draft.project, condition.namespace, condition.agent)
            fact = self._log(state).last(None).get(condition.key)
            found = NOTHING if fact is None or fact.is_deleted else fact.version
            if found != condition.version:
                raise FactConflict(key=condition.key, agent=condition.agent, found=found, expected=condition.version)

    def _repeated(self, draft: Draft, digest: bytes, position: FactPosition) -> Transaction:
        if digest != draft.digest():
            raise IdempotencyReused(key=draft.idempotency)
        found = [
            entry for state in draft.by_state() for entry in self._log(state).entries if entry.position == position
        ]
        operations = tuple(done for entry in found for done in entry.operations)
        return _own(msgspec.structs.replace(found[0], operations=operations))

    def _write(self, state: StateKey, edits: Sequence[Edit], entry: Transaction) -> tuple[Operation, ...]:
        log = self._logs.setdefault(state, _Log())
        operations: list[Operation] = []
        for edit in edits:
            version = log.highest[edit.key] = log.highest.get(edit.key, 0) + 1
            operations.append(Operation(edit.key, version, _own(edit).value, edit.is_deleted))
        log.entries.append(msgspec.structs.replace(entry, operations=tuple(operations)))
        return tuple(operations)

    def _entries(self) -> Iterator[Transaction]:
        return (entry for log in self._logs.values() for entry in log.entries)

    def _log(self, state: StateKey, at: FactPosition | None = None) -> _Log:
        log = self._logs.get(state) or _Log()
        if at is not None and at < log.horizon and at not in log.kept:
            kept = ", ".join(map(str, sorted(log.kept))) or "none"
            raise StateForgotten(agent=state.agent, position=at, horizon=log.horizon, kept=kept)
        return log

    def _versions(self, state: StateKey, key: str) -> list[Fact]:
        return [fact for fact in self._log(state).facts(None) if fact.key == key]


def _own(thing: T) -> T:
    """A copy, so that a mapping the caller changes later changes nothing here."""
    return thing if thing is None else decode(encode(thing), type(thing))


def _is_meant(entry: Transaction, target: Target) -> bool:
    if target.what == "project":
        return True
    author = entry.author
    return (
        author is not None and target.session in (None, author.session) and target.trace_id in (None, author.trace_id)
    )
