"""The state of a session at each of its steps: what was open, what the models saw, what it came to so far."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice

import msgspec
from blake3 import blake3

from agentreplay.core.checkpoints import each_checkpoint
from agentreplay.core.known_facts import KnownFacts, known_facts
from agentreplay.core.known_memory import KnownMemory, collections_of, known_memories, used_collections
from agentreplay.core.sessions import get
from agentreplay.core.walk import Milestone, Walk, as_begun
from agentreplay.errors import PlaceMissing, ValueInvalid
from agentreplay.model.change import Change
from agentreplay.model.fact import FactPosition
from agentreplay.model.ids import ContextId, SessionId
from agentreplay.model.memory import CollectionKey
from agentreplay.model.session import SessionKey, Summary
from agentreplay.model.span import SpanRow
from agentreplay.model.time import Nanoseconds
from agentreplay.playback.canonical import dump
from agentreplay.store.protocol import Store

__all__ = ["END", "STATE_VERSION", "Seen", "State", "Timeline", "state_hash"]

END = "end"
"""The place behind the last step."""

STATE_VERSION = 1
"""Of what the hash of a state is made of; docs/format/state.md tells."""

_APART = 1000
"""Steps from one milestone to the next: as many are walked at most to get to a place."""
_AT_ONCE = 1000
_MOST_CHANGES = 1000
_NAMED = 12
_LONGEST = 18
"""Digits of a number that can be a step; more of them are a name."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent's model saw last."""

    agent: str | None
    span: SpanRow
    """The call, as far as it was known then."""
    context: ContextId | None
    """The messages; None where the call holds none."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """A session as it was when one of its steps began."""

    session: SessionId
    seq: int
    """The step; at the end of the session one more than there are."""
    at: Nanoseconds
    span: SpanRow | None
    """What begins there; None at the end."""
    summary: Summary
    """What had begun by then adds up to, as far as it was known: tokens and cost are those of what had ended."""
    open: tuple[SpanRow, ...]
    contexts: tuple[Seen, ...]
    """Of each agent that had called a model, in the order in which they first did."""
    checkpoint: SpanRow | None
    """The last one that was passed."""
    files: SpanRow | None = None
    """What told last how the files of the workspace are; None where none are kept."""
    facts: tuple[KnownFacts, ...] = ()
    """Of the states of agents that the session ever wrote to, what they held."""
    memory: tuple[KnownMemory, ...] = ()
    """Of the collections that the session ever remembered in or looked into, what they held."""
    position: FactPosition = FactPosition(0)
    """The place in the one order of transactions at which facts and memory are told: the version of both."""
    hash: str = ""
    """Of all this but money and the position: equal states have equal hashes, in whatever store they are."""


class Timeline:
    """The steps of a session, each with the state there.

    It remembers milestones on the way, so that after the first walk to a place each step near or before it costs
    a short one. What is recorded meanwhile is noticed. Not to be shared between threads.
    """

    def __init__(self, store: Store, key: SessionKey) -> None:
        """Raise SessionMissing when the session is not stored."""
        self._store = store
        self._key = key
        self._position = store.position()
        self._milestones = [Milestone()]
        self._count = get(store.sessions, key).summary.spans
        self._collections: frozenset[CollectionKey] | None = None

    def __len__(self) -> int:
        """How many steps there are."""
        self._look_again()
        return self._count

    @property
    def key(self) -> SessionKey:
        """Whose steps these are."""
        return self._key

    def at(self, place: int | str) -> State:
        """The state at a step, at a checkpoint by its name, or at the `end`. Raises as `find` does."""
        self._look_again()
        seq = self.find(place)
        walk = self._walk_to(min(seq, self._count))
        if seq > self._count:
            walk.pass_time(max([walk.at, *(row.end for row in walk.milestone.open if row.end is not None)]))
        return self._told(walk, seq, is_end=seq > self._count)

    def states(self, start: int = 1) -> Iterator[State]:
        """The states at the steps from this one on, one by one."""
        self._look_again()
        if self._count == 0 or start > self._count:
            return
        walk = self._walk_to(start)
        yield self._told(walk, start)
        for row in self._rows(start + 1, self._count):
            walk.step(row)
            yield self._told(walk, row.seq)

    @property
    def collections(self) -> frozenset[CollectionKey]:
        """The collections of records that the session ever used."""
        if self._collections is None:
            self._collections = used_collections(self._store.spans, self._key)
        return self._collections

    def find(self, place: int | str) -> int:
        """The step that a number, `end` or the name of a checkpoint stands for.

        Raises PlaceMissing, and ValueInvalid when several places have that name.
        """
        if place == END:
            return self._count + 1
        if isinstance(place, int) or (place.isascii() and place.isdigit() and len(place) <= _LONGEST):
            if not 1 <= int(place) <= self._count + 1:
                raise self._missing(place)
            return int(place)
        found = [row.seq for row in each_checkpoint(self._store, self._key, place)]
        if not found:
            raise self._missing(place)
        if len(found) > 1:
            steps = ", ".join(map(str, found[:_NAMED]))
            problem = f"{len(found)} places of the session have this name, so give a step: {steps}"
            raise ValueInvalid(what=f"the checkpoint {place!r}", problem=problem)
        return found[0]

    def _missing(self, place: int | str) -> PlaceMissing:
        names = dict.fromkeys(row.name for row in islice(each_checkpoint(self._store, self._key), _NAMED))
        return PlaceMissing(
            place=place, session=self._key.session, last=self._count, names=", ".join(names) or "it has none"
        )

    def _walk_to(self, seq: int) -> Walk:
        nearest = self._milestones[bisect_right(self._milestones, seq, key=lambda one: one.seq) - 1]
        walk = Walk(nearest)
        last = self._milestones[-1].seq
        for row in self._rows(nearest.seq + 1, seq):
            walk.step(row)
            if row.seq >= last + _APART:
                self._milestones.append(walk.milestone)
                last = row.seq
        return walk

    def _rows(self, first: int, last: int) -> Iterator[SpanRow]:
        while first <= last:
            rows = self._store.spans.read(self._key, first, min(_AT_ONCE, last - first + 1))
            if not rows:
                return
            yield from rows
            first += len(rows)

    def _told(self, walk: Walk, seq: int, *, is_end: bool = False) -> State:
        row = None if is_end else walk.row
        facts = self._store.facts
        position = facts.position(walk.at)
        state = State(
            session=self._key.session,
            seq=seq,
            at=walk.at,
            span=None if row is None else as_begun(row),
            summary=walk.summary,
            open=walk.open,
            contexts=tuple(self._seen(agent, row, walk.at) for agent, row in walk.speakers.items()),
            checkpoint=None if walk.checkpoint is None else _known(walk.checkpoint, walk.at),
            files=walk.files,
            facts=known_facts(facts, self._key, position),
            memory=known_memories(facts, self.collections, position),
            position=position,
        )
        return msgspec.structs.replace(state, hash=state_hash(state))

    def _seen(self, agent: str | None, row: SpanRow, now: Nanoseconds) -> Seen:
        span = self._store.spans.get(row.key)
        context = None if span is None or span.context is None else span.context.id
        return Seen(agent=agent, span=_known(row, now), context=context)

    def _look_again(self) -> None:
        """Forget the milestones behind the first change of what was stored meanwhile."""
        now = self._store.position()
        if now == self._position:
            return
        changes = self._store.changes(self._position, _MOST_CHANGES)
        count = get(self._store.sessions, self._key).summary.spans
        ours = [change for change in changes.items if self._concerns(change)]
        is_known = len(changes.items) < _MOST_CHANGES and count >= self._count
        if is_known and all(change.what in {"span", "session"} for change in ours):
            touched = self._store.spans.rows([change.span for change in ours if change.span is not None])
            first = min((row.start for row in touched), default=None)
            if self._collections is not None:
                self._collections |= set(collections_of(self._store.spans, touched))
            self._milestones = [one for one in self._milestones if one.seq == 0 or first is None or one.at < first]
        else:
            del self._milestones[1:]
            self._collections = None
        self._position = changes.position if is_known else now
        self._count = count

    def _concerns(self, change: Change) -> bool:
        return change.session == self._key or change.what == "project deleted"


def _known(row: SpanRow, now: Nanoseconds) -> SpanRow:
    """A span as far as it is known at a time."""
    return row if row.end is not None and row.end <= now else as_begun(row)


def state_hash(state: State) -> str:
    """The hash of a state: BLAKE3 over its canonical JSON. What it cost is no part of it: prices are learnt later."""
    summary, checkpoint = state.summary, state.checkpoint
    told = dump(
        {
            "version": STATE_VERSION,
            "seq": state.seq,
            "open": [[row.trace_id, row.span_id] for row in state.open],
            "contexts": [[seen.agent, seen.context] for seen in state.contexts],
            "checkpoint": None if checkpoint is None else [checkpoint.trace_id, checkpoint.span_id],
            "files": None if state.files is None else [state.files.trace_id, state.files.span_id],
            "facts": [[one.namespace, one.agent, one.hash] for one in state.facts],
            "memory": [[one.owner, one.collection, one.hash] for one in state.memory],
            "spans": summary.spans,
            "errors": summary.errors,
            "kinds": summary.kinds,
            "tools": summary.tools,
            "models": summary.models,
            "agents": summary.agents,
            "usage": list(summary.usage.counts),
        }
    )
    return blake3(told).hexdigest()
