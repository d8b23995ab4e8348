"""The tape of a session: its calls in order, what was read from clock and chance, and what the program put out."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from agentreplay.errors import ContentMissing, OriginMissing, SessionMissing
from agentreplay.model.call import Answer, Call
from agentreplay.model.checkpoint import DIGEST, TASK
from agentreplay.model.ids import ContentHash, SessionId
from agentreplay.model.session import Session, SessionKey, SessionRow
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value, decode
from agentreplay.playback.folding import Library, is_call, unfold
from agentreplay.settings import ContentPolicy

if TYPE_CHECKING:
    # Whoever records needs the names here and no store.
    from agentreplay.store.protocol import Sessions, Store

__all__ = [
    "ARGUMENTS",
    "CONTENT",
    "ENVIRONMENT",
    "EXIT_CODE",
    "FUNCTION",
    "HASH_SEED",
    "READINGS",
    "RETURNED",
    "SALT",
    "SERVED",
    "SLEEP",
    "SOURCES",
    "STDERR",
    "STDIN",
    "STDOUT",
    "TERMINALS",
    "TOOL",
    "TROUBLES",
    "UNRECORDED",
    "Outputs",
    "Size",
    "Tape",
    "Tool",
    "is_within",
    "library",
    "lineage",
    "outwards",
    "process_of",
    "read_tape",
    "served_places",
    "whole_spans",
]

READINGS, SOURCES, SERVED = "readings", "sources", "served"
STDIN, STDOUT, STDERR, RETURNED = "stdin", "stdout", "stderr", "returned"
FUNCTION, ARGUMENTS = "agentreplay.function", "arguments"
"""The attribute that names the function a session is a call of, `module:name`; and what it was given."""
SLEEP = "sleep"
"""The place under which turns of sleeps are read."""
EXIT_CODE, SALT = "agentreplay.exit_code", "agentreplay.salt"
HASH_SEED, TERMINALS = "agentreplay.hash_seed", "agentreplay.terminals"
CONTENT = "agentreplay.content"
"""The attribute that tells what was kept of contents; without it that is all but secrets."""
ENVIRONMENT = "agentreplay.environment"
"""The attribute that holds the variables of the environment, and the values that were kept."""
TROUBLES = "agentreplay.troubles"
"""The attribute of a process's span that counts errors of the recorder, which the program was spared."""
TOOL = "agentreplay.tool"
"""The attribute of a tool that a framework runs: where, as the task path and how many tools that path has run."""
UNRECORDED = "agentreplay.unrecorded"
"""The attribute of a span that went through a boundary nobody recorded: what it was."""


class Size(NamedTuple):
    """How large a terminal is."""

    rows: int
    columns: int


class Tool(NamedTuple):
    """A tool that a framework ran: no call, for it runs again in a replay, but a fork can begin at it."""

    address: str
    given: Value = None
    """What it was given, as far as the framework told."""


@dataclass(frozen=True)
class Outputs:
    """What the program gave to the world; None where it was not captured."""

    stdout: bytes | None = None
    stderr: bytes | None = None
    exit_code: int | None = None
    returned: bytes | None = None
    """What the program returned, as JSON."""


@dataclass(frozen=True)
class Tape:
    """Everything a replay needs beside the program."""

    session: Session
    is_finished: bool
    calls: tuple[Call, ...]
    readings: Mapping[tuple[str, str], list[Value]] = field(default_factory=dict[tuple[str, str], list[Value]])
    """What was read, by task path and place in the source, in order."""
    outputs: Outputs = Outputs()
    stdin: bytes | None = None
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    """Digests of the program's functions, as `file:function`."""
    environment: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    salt: bytes = b""
    hash_seed: str = ""
    """The seed of Python's hashes, which decides the order of sets."""
    content: ContentPolicy = "redacted"
    """What was kept of contents."""
    terminals: Mapping[str, Size] = field(default_factory=dict[str, Size])
    """Which streams were a terminal, and how large it was."""
    unrecorded: tuple[str, ...] = ()
    """What went through boundaries that nobody records, so that it cannot be served."""
    checkpoints: Mapping[tuple[str, str], list[str]] = field(default_factory=dict[tuple[str, str], list[str]])
    """The hashes of the states at checkpoints, by task path and name, in order."""
    tools: Mapping[int, Tool] = field(default_factory=dict[int, Tool])
    """What tools frameworks ran, by step."""
    steps: int = 0
    """How many spans the session has, its past included."""

    @property
    def last_call(self) -> Call | None:
        """The last call that has an answer."""
        return next((call for call in reversed(self.calls) if call.answer is not None), None)


class _Collected:
    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.readings: dict[tuple[str, str], list[Value]] = {}
        self.sources: dict[str, str] = {}
        self.roles: dict[str, bytes] = {}
        self.exit_code: int | None = None
        self.salt = b""
        self.hash_seed = ""
        self.content: ContentPolicy = "redacted"
        self.terminals: dict[str, Size] = {}
        self.environment: dict[str, str | None] = {}
        self.unrecorded: list[str] = []
        self.checkpoints: dict[tuple[str, str], list[str]] = {}
        self.tools: dict[int, Tool] = {}
        self.served: set[int] | None = None
        self.turns: dict[tuple[str, int], int] = {}
        self.read: dict[tuple[str, str], int] | None = None


def library(store: "Store", key: SessionKey) -> Library:
    """Where the contents and links of a session are found."""

    def content(digest: ContentHash) -> bytes:
        found = store.contents.get(key.tenant, digest)
        if found is None:
            raise ContentMissing(content=digest)
        return found.data

    return Library(content, lambda context: store.contexts.read(key.tenant, context))


def read_tape(store: "Store", key: SessionKey) -> Tape:
    """The tape of a stored session; that of a fork begins with the past it shares.

    Raises SessionMissing, and OriginMissing when what a fork shares is gone.
    """
    tape: Tape | None = None
    for row in reversed(list(lineage(store.sessions, key))):
        tape = _on_top(tape, row, _collect(store, row.session.key))
    if tape is None:
        raise AssertionError("a lineage holds the session itself")
    return tape


def lineage(sessions: "Sessions", key: SessionKey) -> Iterator[SessionRow]:
    """A session, the one it was forked from, and so on up to the first.

    Raises SessionMissing, and OriginMissing when one of the others is gone.
    """
    seen: set[SessionId] = set()
    row = sessions.get(key)
    if row is None:
        raise SessionMissing(session=key.session, project=key.project)
    while True:
        yield row
        seen.add(row.session.id)
        origin = row.session.origin
        if origin is None:
            return
        above = sessions.get(key._replace(session=origin.session))
        # A circle is nothing that a recorder makes; a tape of a stranger may hold one.
        if above is None or above.session.id in seen:
            raise OriginMissing(session=row.session.id, origin=origin.session)
        row = above


def _on_top(past: Tape | None, row: SessionRow, found: _Collected) -> Tape:
    """The tape of a session on that of the one it was forked from."""
    base = 0
    if past is not None and row.session.origin is not None:
        at = row.session.origin.seq
        served = found.served if found.served is not None else {call.seq for call in past.calls if call.seq < at}
        known = {call.address for call in found.calls}
        shared = [
            msgspec.structs.replace(call, answer=_in_turns(call.answer, process_of(call.address.path), found.turns))
            for call in past.calls
            if call.seq in served and call.address not in known and call.answer is not None
        ]
        # The steps of a fork are counted on behind those it shares.
        base = max([at, *(call.seq for call in shared)])
        found.calls = [*shared, *(msgspec.structs.replace(call, seq=base + call.seq) for call in found.calls)]
        for place, values in past.readings.items():
            read = values if found.read is None else values[: found.read.get(place, 0)]
            if place[1] == SLEEP:
                process = process_of(place[0])
                read = [found.turns.get((process, turn), turn) for turn in read]
            found.readings[place] = [*read, *found.readings.get(place, [])]
        found.unrecorded = [*past.unrecorded, *found.unrecorded]
        # What came before the fork has run again in it, and is one step.
        before = {step: tool for step, tool in past.tools.items() if step < at}
        again = {tool.address for tool in before.values()}
        own = {base + step: tool for step, tool in found.tools.items() if tool.address not in again}
        found.tools = {**before, **own}
    return Tape(
        session=row.session,
        is_finished=row.status in {"completed", "failed"},
        calls=_mark_inner(found.calls),
        readings=found.readings,
        outputs=_outputs(found),
        stdin=found.roles.get(STDIN),
        sources=found.sources,
        environment=found.environment,
        salt=found.salt,
        hash_seed=found.hash_seed,
        content=found.content,
        terminals=found.terminals,
        unrecorded=tuple(dict.fromkeys(found.unrecorded)),
        checkpoints=found.checkpoints,
        tools=found.tools,
        steps=base + row.summary.spans,
    )


def _in_turns(answer: Answer, process: str, turns: Mapping[tuple[str, int], int]) -> Answer:
    """The answer in the turns in which it came back to the fork, where these are others."""
    if not turns:
        return answer
    chunks = tuple(chunk._replace(turn=turns.get((process, chunk.turn), chunk.turn)) for chunk in answer.chunks)
    return msgspec.structs.replace(answer, turn=turns.get((process, answer.turn), answer.turn), chunks=chunks)


def _mark_inner(calls: list[Call]) -> tuple[Call, ...]:
    """Calls made inside a call that is served are not made again."""
    served = served_places(calls)
    return tuple(
        msgspec.structs.replace(call, inner=True) if is_within(call.address.path, served) else call for call in calls
    )


def served_places(calls: Iterable[Call]) -> set[str]:
    """The paths below the calls that are served: what happened there does not happen again."""
    return {f"{call.address.path}:{call.address.ordinal}" for call in calls if call.answer and not call.answer.is_live}


def is_within(path: str, outer: set[str]) -> bool:
    """Whether a task belongs to what happened below one of these paths."""
    return any(place in outer for place in outwards(path))


def outwards(path: str) -> list[str]:
    """The paths a task belongs to, from the outermost to its own."""
    places = [number for number, sign in enumerate(path) if sign in "/:!~"]
    return [path[:end] for end in [*places, len(path)]]


def process_of(path: str) -> str:
    """The process a task belongs to: the path up to the end of its last process."""
    head, sign, tail = path.rpartition("!")
    if not sign:
        return "main" if path.startswith("main") else path
    number = next((place for place, letter in enumerate(tail) if letter in "/:~"), len(tail))
    return head + sign + tail[:number]


def _collect(store: "Store", key: SessionKey) -> _Collected:
    found = _Collected()
    written: list[tuple[Nanoseconds, Value]] = []
    shelf = library(store, key)
    for span in whole_spans(store, key):
        if is_call(span):
            found.calls.append(unfold(span, shelf))
        _collect_marks(found, span)
        if SALT in span.attributes:
            _collect_root(found, span, shelf)
        for kept in span.kept:
            if kept.role == READINGS:
                written.append((span.end or span.start, decode(shelf.content(kept.hash))))
            elif kept.role == SOURCES:
                found.sources.update(json.loads(shelf.content(kept.hash)))
            elif kept.role == SERVED:
                _collect_served(found, json.loads(shelf.content(kept.hash)))
    # What a task read is written with its calls, and the rest when the process ends.
    for _, told in sorted(written, key=lambda item: item[0]):
        _add_readings(found.readings, told)
    return found


def _collect_marks(found: _Collected, span: Span) -> None:
    attributes = span.attributes
    if UNRECORDED in attributes:
        found.unrecorded.append(str(attributes[UNRECORDED]))
    if TOOL in attributes:
        found.tools[span.seq] = Tool(str(attributes[TOOL]), attributes.get("input"))
    if TASK in attributes:
        found.checkpoints.setdefault((str(attributes[TASK]), span.name), []).append(str(attributes.get(DIGEST)))


def _collect_root(found: _Collected, span: Span, shelf: Library) -> None:
    attributes = span.attributes
    found.salt = bytes.fromhex(attributes[SALT])
    found.environment = attributes.get(ENVIRONMENT, {})
    found.exit_code = attributes.get(EXIT_CODE, found.exit_code)
    found.hash_seed = attributes.get(HASH_SEED, "")
    found.content = attributes.get(CONTENT, "redacted")
    found.terminals = {name: Size(*size) for name, size in attributes.get(TERMINALS, {}).items()}
    for kept in span.kept:
        if kept.role in {STDIN, STDOUT, STDERR, RETURNED}:
            found.roles[kept.role] = shelf.content(kept.hash)


def _collect_served(found: _Collected, told: Mapping[str, Value]) -> None:
    found.served = (found.served or set()) | set(told["steps"])
    found.turns |= {(told["process"], before): now for before, now in told["turns"]}
    found.read = {**(found.read or {}), **{(path, place): count for path, place, count in told["read"]}}


def whole_spans(store: "Store", key: SessionKey) -> Iterator[Span]:
    """The spans of a session in order, each with its place."""
    for row in store.spans.read(key):
        span = store.spans.get(row.key)
        if span is not None:
            yield span if span.seq == row.seq else msgspec.structs.replace(span, seq=row.seq)


def _add_readings(into: dict[tuple[str, str], list[Value]], told: Value) -> None:
    for path, sites in told.items():
        for site, values in sites.items():
            into.setdefault((path, site), []).extend(values)


def _outputs(found: _Collected) -> Outputs:
    return Outputs(
        stdout=found.roles.get(STDOUT),
        stderr=found.roles.get(STDERR),
        exit_code=found.exit_code,
        returned=found.roles.get(RETURNED),
    )
