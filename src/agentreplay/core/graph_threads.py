"""The threads of graphs, kept as facts: what a graph held at each of its steps, and what its tasks wrote meanwhile.

A thread is a state, so that it has what every state has: all or nothing, and any number of processes. Its keys are
`checkpoint/NAMESPACE/ID`, `write/NAMESPACE/ID/TASK`, `latest/NAMESPACE`, `part/NUMBER`, and `removals`, which changes
whenever parts go and holds the first number that none of them had: no number is given twice.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import msgspec

from agentreplay.core.graph_values import Part, Parts, numbers_in, renumbered
from agentreplay.core.state import each
from agentreplay.core.state_transaction import OpenTransaction
from agentreplay.errors import FactConflict, GraphPartMissing
from agentreplay.model.fact import NOTHING, StateKey, state_key
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.page import PageRequest
from agentreplay.model.values import Value
from agentreplay.store.protocol import Facts

__all__ = ["GraphThreads", "Step", "StepKey", "Stored", "Writes"]

_MOST_TRIES = 16
_MOST_REMEMBERED = 64
"""Threads whose parts are known without asking the store."""
_MANY = 32
"""From so many parts on, reading all of a thread is faster than one after the other."""
_AT_ONCE = 1_000
_REMOVALS = "removals"
_CHECKPOINT, _WRITE, _LATEST, _PART = "checkpoint/", "write/", "latest/", "part/"


class StepKey(NamedTuple):
    """Names a checkpoint of a graph: the thread, the namespace of the graph or subgraph, and the id, which sorts."""

    thread: str
    namespace: str
    id: str


class Step(msgspec.Struct, frozen=True, array_like=True):
    """A checkpoint as it is kept."""

    parent: str | None
    checkpoint: tuple[str, bytes]
    """Without what the channels hold."""
    metadata: tuple[str, bytes]
    channels: dict[str, Value]
    """The outline of what each channel holds."""


class Writes(msgspec.Struct, frozen=True, array_like=True):
    """What one task wrote, by the places its writes have in order: the channel, and the outline of the value."""

    path: str
    writes: dict[int, tuple[str, Value]]


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint, what was written behind it, task by task, and all the parts that these two name."""

    key: StepKey
    step: Step
    writes: dict[str, Writes] = {}
    parts: dict[int, Part] = {}


class _Known(NamedTuple):
    """What is known of the parts of a thread."""

    removals: int
    """The version of `removals` for which this holds."""
    numbers: dict[bytes, int]
    """By their digests."""


class GraphThreads:
    """The threads of one project in one namespace of facts. Safe to share between threads of a process."""

    def __init__(
        self,
        facts: Callable[[], Facts],
        begin: Callable[[], OpenTransaction],
        place: tuple[TenantId, ProjectId, str],
    ) -> None:
        self._facts = facts
        self._begin = begin
        self._place = place
        self._known: OrderedDict[StateKey, _Known] = OrderedDict()
        self._turn = threading.Lock()

    def put(self, key: StepKey, step: Step, parts: Parts) -> None:
        """Keep a checkpoint. When this returns, it survives a crash of the process."""
        state = self._state(key.thread)

        def change(work: OpenTransaction) -> dict[bytes, int]:
            numbers, new = self._place_parts(work, state, parts)
            channels = {name: renumbered(outline, numbers.__getitem__) for name, outline in step.channels.items()}
            _write(work, state, _step_key(key), _plain(msgspec.structs.replace(step, channels=channels)))
            latest = work.get(state.namespace, state.agent, _latest_key(key.namespace))
            if latest is None or str(latest.value) < key.id:
                _write(work, state, _latest_key(key.namespace), key.id)
            return new

        self._change(state, change)

    def put_writes(self, key: StepKey, task: str, writes: Writes, parts: Parts) -> None:
        """Keep what a task wrote behind a checkpoint. What it had written stays, but for what has a place below 0."""
        state, place = self._state(key.thread), _write_key(key, task)

        def change(work: OpenTransaction) -> dict[bytes, int]:
            before = work.get(state.namespace, state.agent, place)
            kept = {} if before is None else dict(_writes(before.value).writes)
            numbers, new = self._place_parts(work, state, parts)
            for number, (channel, outline) in writes.writes.items():
                if number < 0 or number not in kept:
                    kept[number] = (channel, renumbered(outline, numbers.__getitem__))
            told = [[number, *kept[number]] for number in sorted(kept)]
            _write(work, state, place, [writes.path, told])
            return new

        self._change(state, change)

    def get(self, thread: str, namespace: str, step: str | None = None) -> Stored | None:
        """A checkpoint, or the latest one; None when there is none."""
        for left in reversed(range(_MOST_TRIES)):
            try:
                return self._read(thread, namespace, step)
            except GraphPartMissing:
                # Another process may have removed it in between; then the checkpoint is gone as well.
                if not left:
                    raise
        return None

    def keys(self, thread: str | None = None, namespace: str | None = None) -> list[StepKey]:
        """The checkpoints there are, of one thread or all, of one namespace or all; the newest first."""
        prefix = _CHECKPOINT if namespace is None else f"{_CHECKPOINT}{_quoted(namespace)}/"
        found = [
            _step_named(one, key)
            for one in (self.threads() if thread is None else [thread])
            for key in self._keys(self._state(one), prefix)
        ]
        return sorted(found, key=lambda key: (key.id, key.thread, key.namespace), reverse=True)

    def steps(self, thread: str | None = None, namespace: str | None = None) -> dict[StepKey, Step]:
        """The checkpoints that `keys` tells, in its order, without what the parts hold."""
        found: dict[StepKey, Step] = {}
        for key in self.keys(thread, namespace):
            fact = self._facts().get(self._state(key.thread), _step_key(key))
            if fact is not None and not fact.is_deleted:
                found[key] = msgspec.convert(fact.value, Step)
        return found

    def threads(self) -> list[str]:
        """The threads of which there is a checkpoint, in order."""
        facts, (tenant, project, namespace) = self._facts(), self._place
        states = [state for state in facts.states(tenant, project) if state.namespace == namespace]
        return sorted(unquote(state.agent) for state in states if next(self._keys(state, _CHECKPOINT, 1), None))

    def retain(self, thread: str, is_kept: Callable[[StepKey], bool]) -> None:
        """Delete the other checkpoints of a thread and what was written behind them, and their past with them."""
        state = self._state(thread)

        def change(work: OpenTransaction) -> dict[bytes, int]:
            facts = work.scan(state.namespace, state.agent)
            stays = {key: fact.value for key, fact in facts.items() if _stays(thread, key, is_kept)}
            named = {_part_key(number) for key, value in stays.items() for number in _named(key, value)}
            latest = {_latest_key(key.namespace): key.id for key in sorted(_steps_among(thread, stays))}
            for key, fact in facts.items():
                if key.startswith(_LATEST) and key in latest and latest[key] != fact.value:
                    _write(work, state, key, latest[key])
                elif key not in stays and key not in named and key not in latest and key != _REMOVALS:
                    work.delete(state.namespace, state.agent, key)
            beyond = [1 + int(key.removeprefix(_PART), 16) for key in facts if key.startswith(_PART)]
            before = facts.get(_REMOVALS)
            _write(work, state, _REMOVALS, max([*beyond, 0 if before is None else before.value]))
            return {}

        if next(self._keys(state, ""), None) is None:
            return
        self._change(state, change)
        facts = self._facts()
        facts.compact(state, facts.position())

    def copy(self, source: str, target: str) -> None:
        """Copy all checkpoints of a thread into another, with what was written behind them."""
        for key in reversed(self.keys(source)):
            stored = self.get(*key)
            if stored is None:
                continue
            there, held, parts = key._replace(thread=target), stored.parts, Parts()

            def number(place: int, held: dict[int, Part] = held, parts: Parts = parts) -> int:
                return parts.number_of(held[place])

            channels = {name: renumbered(outline, number) for name, outline in stored.step.channels.items()}
            self.put(there, msgspec.structs.replace(stored.step, channels=channels), parts)
            for task, of_task in stored.writes.items():
                moved = {place: (name, renumbered(it, number)) for place, (name, it) in of_task.writes.items()}
                self.put_writes(there, task, Writes(of_task.path, moved), parts)

    def _change(self, state: StateKey, change: Callable[[OpenTransaction], dict[bytes, int]]) -> None:
        """Do it in one transaction, again where another process was faster; it says which parts are new."""
        with self._turn:
            for left in reversed(range(_MOST_TRIES)):
                work = self._begin()
                try:
                    new = change(work)
                    work.commit()
                except FactConflict:
                    self._known.pop(state, None)
                    if not left:
                        raise
                    continue
                if (known := self._known.get(state)) is not None:
                    known.numbers.update(new)
                return

    def _place_parts(self, work: OpenTransaction, state: StateKey, parts: Parts) -> tuple[list[int], dict[bytes, int]]:
        """The numbers that the parts have in the thread, and those of them that are new, which are written."""
        removals = work.get(state.namespace, state.agent, _REMOVALS)
        known = self._parts_known(state, NOTHING if removals is None else removals.version)
        following = max(0 if removals is None else removals.value, 1 + max(known.numbers.values(), default=-1))
        numbers: list[int] = []
        new: dict[bytes, int] = {}
        for digest, part in parts:
            number = known.numbers.get(digest)
            if number is None:
                number = new[digest] = following + len(new)
                work.write(state.namespace, state.agent, _part_key(number), list(part), expected=NOTHING)
            numbers.append(number)
        return numbers, new

    def _parts_known(self, state: StateKey, removals: int) -> _Known:
        known = self._known.get(state)
        if known is None or known.removals != removals:
            known = _Known(removals, {part.digest: number for number, part in self._all_parts(state)})
            self._known[state] = known
        self._known.move_to_end(state)
        while len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)
        return known

    def _read(self, thread: str, namespace: str, step: str | None) -> Stored | None:
        facts, state = self._facts(), self._state(thread)
        if step is None:
            latest = facts.get(state, _latest_key(namespace))
            if latest is None or latest.is_deleted:
                return None
            step = str(latest.value)
        key = StepKey(thread, namespace, step)
        fact = facts.get(state, _step_key(key))
        if fact is None or fact.is_deleted:
            return None
        kept = msgspec.convert(fact.value, Step)
        beginning = _write_key(key, "")
        written = each(lambda request: facts.find(state, beginning, request))
        writes = {unquote(one.key.removeprefix(beginning)): _writes(one.value) for one in written}
        outlines = [
            *kept.channels.values(),
            *(outline for task in writes.values() for _, outline in task.writes.values()),
        ]
        numbers = {number for outline in outlines for number in numbers_in(outline)}
        return Stored(key=key, step=kept, writes=writes, parts=self._parts(state, numbers))

    def _parts(self, state: StateKey, numbers: set[int]) -> dict[int, Part]:
        if len(numbers) >= _MANY:
            found = {number: part for number, part in self._all_parts(state) if number in numbers}
        else:
            facts = [(number, self._facts().get(state, _part_key(number))) for number in numbers]
            found = {number: Part(*fact.value) for number, fact in facts if fact is not None and not fact.is_deleted}
        if missing := numbers - found.keys():
            raise GraphPartMissing(thread=unquote(state.agent), part=min(missing))
        return found

    def _all_parts(self, state: StateKey) -> Iterator[tuple[int, Part]]:
        for fact in each(lambda request: self._facts().find(state, _PART, request)):
            yield int(fact.key.removeprefix(_PART), 16), Part(*fact.value)

    def _keys(self, state: StateKey, prefix: str, most: int | None = None) -> Iterator[str]:
        request: PageRequest | None = PageRequest(limit=most or _AT_ONCE)
        while request is not None:
            page = self._facts().keys(state, prefix, request)
            yield from islice(page.items, most)
            request = PageRequest(limit=_AT_ONCE, after=page.next) if page.next is not None and most is None else None

    def _state(self, thread: str) -> StateKey:
        return state_key(*self._place, _quoted(thread))


def _write(work: OpenTransaction, state: StateKey, key: str, value: Value) -> None:
    work.write(state.namespace, state.agent, key, value)


def _plain(step: Step) -> Value:
    return msgspec.to_builtins(step, builtin_types=(bytes,))


def _writes(value: Value) -> Writes:
    path, told = value
    return Writes(path, {number: (channel, outline) for number, channel, outline in told})


def _named(key: str, value: Value) -> Iterator[int]:
    """The parts that a checkpoint or writes name."""
    if key.startswith(_CHECKPOINT):
        outlines: list[Value] = list(msgspec.convert(value, Step).channels.values())
    else:
        outlines = [outline for _, outline in _writes(value).writes.values()]
    for outline in outlines:
        yield from numbers_in(outline)


def _stays(thread: str, key: str, is_kept: Callable[[StepKey], bool]) -> bool:
    return key.startswith((_CHECKPOINT, _WRITE)) and is_kept(_step_named(thread, key))


def _steps_among(thread: str, keys: Any) -> Iterator[StepKey]:
    return (_step_named(thread, key) for key in keys if key.startswith(_CHECKPOINT))


def _step_named(thread: str, key: str) -> StepKey:
    """The checkpoint that a key of a fact is of."""
    _, namespace, step, *_ = key.split("/")
    return StepKey(thread, unquote(namespace), unquote(step))


def _step_key(key: StepKey) -> str:
    return f"{_CHECKPOINT}{_quoted(key.namespace)}/{_quoted(key.id)}"


def _write_key(key: StepKey, task: str) -> str:
    return f"{_WRITE}{_quoted(key.namespace)}/{_quoted(key.id)}/{_quoted(task)}"


def _latest_key(namespace: str) -> str:
    return f"{_LATEST}{_quoted(namespace)}"


def _part_key(number: int) -> str:
    return f"{_PART}{number:08x}"


def _quoted(name: str) -> str:
    """As part of a key or the name of a state: what is usual in ids and names of nodes stays as it is."""
    return quote(name, safe=" !$&'()*+,;=:@|")
