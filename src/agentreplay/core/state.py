"""The states of agents: what holds, what held at any place, how two states differ, and what comes next."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from agentreplay.core.exact import spell_exact
from agentreplay.errors import FactMissing, StepMissing, ValueInvalid, VersionMissing
from agentreplay.model.fact import (
    Author,
    Compacted,
    Fact,
    FactPosition,
    Operation,
    StateKey,
    Transaction,
    TransactionId,
    check_key,
)
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.session import SessionKey
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value, encode
from agentreplay.store.protocol import Facts, Store

__all__ = [
    "Difference",
    "ToldDifference",
    "ToldFact",
    "ToldOperation",
    "ToldTransaction",
    "at_step",
    "at_version",
    "compact",
    "diff",
    "each",
    "get",
    "latest",
    "place_of",
    "tell",
    "tell_difference",
    "tell_fact",
    "tell_transaction",
    "watch",
]

_AT_ONCE = 1_000
_PAUSE = 0.05
_WINDOW = 64


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A key that holds something else in one state than in another; None where it holds nothing."""

    key: str
    before: Fact | None
    after: Fact | None


class ToldFact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact for JSON: its value is spelled so that it can be read again exactly."""

    key: str
    version: int
    value: Value
    is_deleted: bool
    position: FactPosition
    committed: Nanoseconds


class ToldDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A key that holds something else, for JSON; null where it holds nothing."""

    key: str
    before: ToldFact | None
    after: ToldFact | None


class ToldOperation(msgspec.Struct, frozen=True, kw_only=True):
    """An operation for JSON."""

    key: str
    version: int
    value: Value
    is_deleted: bool


class ToldTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction for JSON."""

    id: TransactionId
    position: FactPosition
    committed: Nanoseconds
    operations: tuple[ToldOperation, ...]
    author: Author | None


def get(facts: Facts, state: StateKey, key: str, at: FactPosition | None = None) -> Fact:
    """What the key holds, or held at a position; raises FactMissing when that is nothing."""
    fact = facts.get(state, check_key(key), at)
    if fact is None or fact.is_deleted:
        raise FactMissing(key=key, agent=state.agent, namespace=state.namespace)
    return fact


def at_version(facts: Facts, state: StateKey, key: str, version: int) -> Fact:
    """This version of the fact; raises VersionMissing."""
    fact = facts.version(state, check_key(key), version)
    if fact is None:
        raise VersionMissing(key=key, agent=state.agent, version=version)
    return fact


def at_step(store: Store, session: SessionKey, step: int) -> FactPosition:
    """The position at which a session began a step: what was committed before is what the step could know.

    Raises StepMissing.
    """
    rows = store.spans.read(session, step, 1) if step > 0 else ()
    if not rows:
        row = store.sessions.get(session)
        steps = f"1 to {row.summary.spans}" if row is not None and row.summary.spans else "(none)"
        raise StepMissing(step=step, session=session.session, steps=steps)
    return store.facts.position(Nanoseconds(rows[0].start))


def place_of(  # noqa: PLR0913  # the ways to name a place
    store: Store,
    within: tuple[TenantId, ProjectId],
    *,
    position: int | None = None,
    time_ns: int | None = None,
    session: str | None = None,
    step: int | None = None,
) -> FactPosition | None:
    """The position in the ledger that is meant so; None for now. Raises ValueInvalid, and StepMissing."""
    match position, time_ns, session, step:
        case None, None, None, None:
            return None
        case int(), None, None, None:
            return FactPosition(position)
        case None, int(), None, None:
            return store.facts.position(Nanoseconds(time_ns))
        case None, None, str(), int():
            return at_step(store, SessionKey(*within, SessionId(session)), step)
        case _:
            raise ValueInvalid(what="the moment", problem="give a position, or a time, or a session and a step")


def each(find: Callable[[PageRequest], Page[Fact]]) -> Iterator[Fact]:
    """All facts of a question, one page after the other."""
    request: PageRequest | None = PageRequest(limit=_AT_ONCE)
    while request is not None:
        page = find(request)
        yield from page.items
        request = PageRequest(limit=_AT_ONCE, after=page.next) if page.next is not None else None


def diff(before: Mapping[str, Fact], after: Mapping[str, Fact]) -> Sequence[Difference]:
    """The keys that hold different values in two whole states, in order."""
    found: list[Difference] = []
    for key in sorted(before.keys() | after.keys()):
        one, other = before.get(key), after.get(key)
        # NaN is what it was, and 1 is not 1.0: as bytes they say so.
        if one is None or other is None or encode(one.value) != encode(other.value):
            found.append(Difference(key=key, before=one, after=other))
    return found


def latest(facts: Facts, state: StateKey, count: int, until: FactPosition | None = None) -> Sequence[Transaction]:
    """The last so many transactions on a state, up to a position, in order; looked for ever further back."""
    last = facts.position() if until is None else until
    window = _WINDOW
    while True:
        found = deque(facts.read(state, FactPosition(max(0, last - window)), last), maxlen=count)
        if len(found) == count or window >= last:
            return tuple(found)
        window *= 4


def watch(
    facts: Facts,
    state: StateKey,
    after: FactPosition | None = None,
    *,
    wait: Callable[[float], object] = time.sleep,
    is_over: Callable[[], bool] = lambda: False,
) -> Iterator[Transaction]:
    """Yields the transactions on a state behind a position, or from now on, as they come; without end.

    Nothing is skipped: whoever comes back with the position of the last one seen goes on behind it.
    """
    seen = facts.position() if after is None else after
    while not is_over():
        last = facts.position()
        if last <= seen:
            wait(_PAUSE)
            continue
        yield from facts.read(state, seen, last)
        seen = last


def compact(
    facts: Facts, states: Sequence[StateKey], before: FactPosition, keeping: Sequence[FactPosition] = ()
) -> Mapping[StateKey, Compacted]:
    """Compact these states: those from the position on and at the kept ones stay whole."""
    return {state: facts.compact(state, before, keeping) for state in states}


def tell(done: Operation) -> ToldOperation:
    """An operation for JSON."""
    return ToldOperation(key=done.key, version=done.version, value=spell_exact(done.value), is_deleted=done.is_deleted)


def tell_difference(one: Difference) -> ToldDifference:
    """A difference for JSON."""
    return ToldDifference(
        key=one.key,
        before=None if one.before is None else tell_fact(one.before),
        after=None if one.after is None else tell_fact(one.after),
    )


def tell_fact(fact: Fact) -> ToldFact:
    """A fact for JSON."""
    return ToldFact(
        key=fact.key,
        version=fact.version,
        value=spell_exact(fact.value),
        is_deleted=fact.is_deleted,
        position=fact.position,
        committed=fact.committed,
    )


def tell_transaction(entry: Transaction) -> ToldTransaction:
    """A transaction for JSON."""
    return ToldTransaction(
        id=entry.id,
        position=entry.position,
        committed=entry.committed,
        operations=tuple(map(tell, entry.operations)),
        author=entry.author,
    )
