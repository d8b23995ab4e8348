"""The states of agents: read as they are and as they were, written in transactions, followed as they change."""

import os
from collections.abc import AsyncGenerator
from itertools import islice
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from agentreplay.core import state as asking
from agentreplay.core.exact import read_exact
from agentreplay.core.inputs import whole_number
from agentreplay.core.plain import plain
from agentreplay.core.state import (
    ToldDifference,
    ToldFact,
    ToldTransaction,
    tell_difference,
    tell_fact,
    tell_transaction,
)
from agentreplay.core.state_transaction import new_transaction_id
from agentreplay.errors import ValueInvalid
from agentreplay.model.fact import (
    Compacted,
    Condition,
    Draft,
    Edit,
    FactPosition,
    StateKey,
    check_key,
)
from agentreplay.model.ids import SessionId
from agentreplay.model.page import Cursor, Page, PageRequest
from agentreplay.model.time import Nanoseconds
from agentreplay.server.asking import Count, Moment, Ordinal, Place
from agentreplay.server.reply import AS_IT_COMES, EVENTS, Stream
from agentreplay.server.routing import answers, reads, writes
from agentreplay.server.service import Service
from agentreplay.server.state.following import followed

__all__ = [
    "HANDLERS",
    "Compaction",
    "WholeState",
    "WishedOperation",
    "WishedTransaction",
    "commit_transaction",
    "compact_states",
    "diff_state",
    "find_facts",
    "find_keys",
    "find_states",
    "get_fact",
    "read_history",
    "read_log",
    "read_state",
    "watch_state",
]

_Key = Annotated[str, Meta(description="The key of the fact.")]
_Prefix = Annotated[str, Meta(description="How the keys begin.")]
_Session = Annotated[str | None, Meta(description="Only those that this session wrote to.")]
_Version = Annotated[Ordinal | None, Meta(description="In this version.")]
_Behind = Annotated[int, Meta(ge=0, le=1 << 62, description="Behind this position.")]
_Earlier = Annotated[int, Meta(ge=0, le=1 << 62, description="The position of the earlier state.")]
_Later = Annotated[Count | None, Meta(description="That of the later one; now by default.")]
_Until = Annotated[Count | None, Meta(description="Up to this position.")]
_random = os.urandom
_WATCHED = "The transactions on a state as they come, as server-sent events"


class WishedOperation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do to one key: give it a value, or delete it."""

    agent: str
    key: str
    namespace: str = "default"
    value: Any = None
    """As docs/state.md spells it: what JSON has no sign for is a map with one key, as in `{"$bytes": "…"}`."""
    is_deleted: bool = False
    expected: Count | None = None
    """The version it must have; 0 where it must hold nothing."""


class WishedTransaction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do at once."""

    operations: list[WishedOperation]
    idempotency: str = ""
    """Sent again with the same text, it is done once only."""


class Compaction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which past states have to go."""

    before: Count
    """Those before this position,"""
    keeping: list[Count] = []
    """except at these."""


class WholeState(msgspec.Struct, frozen=True, kw_only=True):
    """All facts of a state at one position."""

    position: FactPosition
    facts: tuple[ToldFact, ...]


@reads("/states", tag="state", summary="The states of a project")
def find_states(service: Service, place: Place, in_session: _Session = None) -> Page[StateKey]:
    """By namespace and agent; those that a session wrote to, where one is named."""
    session = None if in_session is None else SessionId(in_session)
    return Page(items=tuple(service.store.facts.states(place.tenant, place.one, session)))


@reads("/state/keys", tag="state", summary="The keys that hold something")
def find_keys(service: Service, whose: StateKey, page: PageRequest, prefix: _Prefix = "") -> Page[str]:
    """In the order of code points, in pages."""
    return service.store.facts.keys(whose, prefix, page)


@reads("/state/facts", tag="state", summary="The facts under the keys that begin so")
def find_facts(service: Service, whose: StateKey, page: PageRequest, prefix: _Prefix = "") -> Page[ToldFact]:
    """In the order of their keys, in pages."""
    found = service.store.facts.find(whose, prefix, page)
    return Page(items=tuple(map(tell_fact, found.items)), next=found.next)


@reads("/state/fact", tag="state", summary="What a key holds, or held")
def get_fact(service: Service, whose: StateKey, moment: Moment, key: _Key, version: _Version = None) -> ToldFact:
    """Now, in a version, at a position, at a time, or when a session began a step."""
    if version is not None:
        return tell_fact(asking.at_version(service.store.facts, whose, key, version))
    return tell_fact(asking.get(service.store.facts, whose, key, _at(service, whose, moment)))


@reads("/state/history", tag="state", summary="All versions of a fact")
def read_history(service: Service, whose: StateKey, page: PageRequest, key: _Key) -> Page[ToldFact]:
    """The newest first, deletions among them, in pages."""
    found = service.store.facts.history(whose, check_key(key), page)
    return Page(items=tuple(map(tell_fact, found.items)), next=found.next)


@reads("/state", tag="state", summary="The whole state of an agent, as it is or was")
def read_state(service: Service, whose: StateKey, moment: Moment) -> WholeState:
    """Now, at a position, at a time, or when a session began a step."""
    at = _at(service, whose, moment)
    at = service.store.facts.position() if at is None else at
    whole = service.store.facts.whole(whose, at)
    return WholeState(position=at, facts=tuple(map(tell_fact, whole.values())))


@reads("/state/log", tag="state", summary="The transactions on a state")
def read_log(
    service: Service, whose: StateKey, page: PageRequest, behind: _Behind = 0, up_to: _Until = None
) -> Page[ToldTransaction]:
    """In their one order, in pages; each with what it did to this state."""
    start = FactPosition(_number(page.after) if page.after is not None else behind)
    end = None if up_to is None else FactPosition(up_to)
    entries = service.store.facts.read(whose, start, end)
    found = tuple(map(tell_transaction, islice(entries, page.limit + 1)))
    items = found[: page.limit]
    return Page(items=items, next=Cursor(str(items[-1].position)) if len(found) > page.limit else None)


@reads("/state/diff", tag="state", summary="Which keys hold something else")
def diff_state(service: Service, whose: StateKey, earlier: _Earlier, later: _Later = None) -> Page[ToldDifference]:
    """At the position `later`, or now, than at `earlier`."""
    whole = service.store.facts.whole
    end = None if later is None else FactPosition(later)
    found = asking.diff(whole(whose, FactPosition(earlier)), whole(whose, end))
    return Page(items=tuple(map(tell_difference, found)))


@writes("POST", "/state/transactions", tag="state", summary="Commit a transaction")
def commit_transaction(service: Service, place: Place, data: WishedTransaction) -> ToldTransaction:
    """All of it or nothing. When this answers, it is kept. A version that is not as expected is answered with 409."""
    edits = [
        Edit(
            namespace=one.namespace,
            agent=one.agent,
            key=one.key,
            value=read_exact(one.value),
            is_deleted=one.is_deleted,
        )
        for one in data.operations
    ]
    conditions = [
        Condition(namespace=one.namespace, agent=one.agent, key=one.key, version=one.expected)
        for one in data.operations
        if one.expected is not None
    ]
    draft = Draft(
        tenant=place.tenant,
        project=place.one,
        id=new_transaction_id(Nanoseconds(service.now()), _random(10)),
        edits=tuple(edits),
        conditions=tuple(conditions),
        idempotency=data.idempotency,
    )
    return tell_transaction(service.store.facts.commit(draft))


@writes("POST", "/state/compact", tag="state", summary="Give up past states")
def compact_states(service: Service, place: Place, data: Compaction) -> Page[Compacted]:
    """Of all agents of a project; states from the position on, and at those that are kept, stay exactly as they are."""
    facts = service.store.facts
    states = facts.states(place.tenant, place.one)
    keeping = [FactPosition(one) for one in data.keeping]
    return Page(items=tuple(asking.compact(facts, states, FactPosition(data.before), keeping).values()))


@answers("GET", "/api/v1/state/watch", tag="state", summary=_WATCHED, media=EVENTS)
async def watch_state(service: Service, whose: StateKey, position: _Until = None) -> Stream:
    """Behind a position, or from now on. Whoever comes back with the position of the last one misses nothing."""
    start = None if position is None else FactPosition(position)
    return Stream(pieces=_events(service, whose, start), media=EVENTS, headers=AS_IT_COMES)


async def _events(service: Service, state: StateKey, after: FactPosition | None) -> AsyncGenerator[bytes]:
    # Headers go with the first bytes; whoever listens wants to know at once that it does.
    yield b": here\n\n"
    async for entry in followed(service.store.facts, state, after):
        data = msgspec.json.encode(plain(tell_transaction(entry)))
        yield b"event: transaction\nid: %d\ndata: %s\n\n" % (entry.position, data)


def _at(service: Service, state: StateKey, moment: Moment) -> FactPosition | None:
    """The position that is meant; None for now."""
    within = (state.tenant, state.project)
    told = {"position": moment.position, "time_ns": moment.time, "step": moment.step}
    return asking.place_of(service.store, within, session=moment.session, **told)


def _number(cursor: str) -> int:
    number = whole_number(cursor)
    if number is None:
        raise ValueInvalid(what="the cursor", problem=f"{cursor[:40]!r} is not the `next` of a page of this list")
    return number


HANDLERS = (
    find_states,
    find_keys,
    find_facts,
    get_fact,
    read_history,
    read_state,
    read_log,
    diff_state,
    commit_transaction,
    compact_states,
    watch_state,
)
