"""The tape of a session: its calls in order, what was read from clock and chance, and what the program put out."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

import msgspec

from agentreplay.errors import ContentMissing, SessionMissing
from agentreplay.model.call import Address, Call
from agentreplay.model.ids import ContentHash
from agentreplay.model.session import Session, SessionKey
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value, decode
from agentreplay.playback.folding import Library, is_call, unfold
from agentreplay.store.protocol import Store

__all__ = [
    "ARGUMENTS",
    "ENVIRONMENT",
    "EXIT_CODE",
    "FUNCTION",
    "READINGS",
    "RETURNED",
    "SALT",
    "SERVED",
    "SLEEP",
    "SOURCES",
    "STDERR",
    "STDIN",
    "STDOUT",
    "TROUBLES",
    "UNRECORDED",
    "Outputs",
    "Tape",
    "library",
    "read_tape",
    "whole_spans",
]

READINGS, SOURCES, SERVED = "readings", "sources", "served"
STDIN, STDOUT, STDERR, RETURNED = "stdin", "stdout", "stderr", "returned"
FUNCTION, ARGUMENTS = "agentreplay.function", "arguments"
"""The attribute that names the function a session is a call of, `module:name`; and what it was given."""
SLEEP = "sleep"
"""The place under which turns of sleeps are read."""
EXIT_CODE, SALT = "agentreplay.exit_code", "agentreplay.salt"
ENVIRONMENT = "agentreplay.environment"
"""The attribute that holds the variables of the environment, and the values that were kept."""
TROUBLES = "agentreplay.troubles"
"""The attribute of a process's span that counts errors of the recorder, which the program was spared."""
UNRECORDED = "agentreplay.unrecorded"
"""The attribute of a span that went through a boundary nobody recorded: what it was."""


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
    unrecorded: tuple[str, ...] = ()
    """What went through boundaries that nobody records, so that it cannot be served."""
    unpatched: Mapping[Address, Call] = field(default_factory=dict[Address, Call])
    """Of a fork that asked for something else at its first step: the call that the program itself makes there."""
    steps: int = 0
    """How many spans the session has, its past included."""

    def is_inner(self, path: str) -> bool:
        """Whether what runs at this path runs only where the call around it is performed and not served."""
        return _is_within(path, self._served_paths)

    @cached_property
    def _served_paths(self) -> set[str]:
        return _served_paths(self.calls)

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
        self.environment: dict[str, str | None] = {}
        self.unrecorded: list[str] = []
        self.written: list[tuple[Nanoseconds, bytes]] = []
        self.served: set[int] | None = None
        self.read: dict[tuple[str, str], int] | None = None


def library(store: Store, key: SessionKey) -> Library:
    """Where the contents and links of a session are found."""

    def content(digest: ContentHash) -> bytes:
        found = store.contents.get(key.tenant, digest)
        if found is None:
            raise ContentMissing(content=digest)
        return found.data

    return Library(content, lambda context: store.contexts.read(key.tenant, context))


def read_tape(store: Store, key: SessionKey) -> Tape:
    """The tape of a stored session; that of a fork begins with the past it shares. Raises SessionMissing."""
    row = store.sessions.get(key)
    if row is None:
        raise SessionMissing(session=key.session, project=key.project)
    found = _collect(store, key)
    steps = row.summary.spans
    unpatched: dict[Address, Call] = {}
    if row.session.origin is not None:
        past = read_tape(store, key._replace(session=row.session.origin.session))
        at = row.session.origin.seq
        served = found.served if found.served is not None else {call.seq for call in past.calls if call.seq < at}
        known = {call.address for call in found.calls}
        own_past = {call.address: call for call in past.calls if call.seq == at and call.address in known}
        unpatched = {**past.unpatched, **own_past}
        shared = [call for call in past.calls if call.seq in served and call.address not in known]
        # The steps of a fork are counted on behind those it shares.
        base = max([at, *(call.seq for call in shared)])
        own = [msgspec.structs.replace(call, seq=base + call.seq) for call in found.calls]
        found.calls = [*shared, *own]
        for place, values in past.readings.items():
            shown = values if found.read is None else values[: found.read.get(place, 0)]
            found.readings[place] = [*shown, *found.readings.get(place, [])]
        steps += len(shared)
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
        unrecorded=tuple(found.unrecorded),
        unpatched=unpatched,
        steps=steps,
    )


def _mark_inner(calls: list[Call]) -> tuple[Call, ...]:
    """Calls made inside a call that is served are not made again."""
    served = _served_paths(calls)
    return tuple(
        msgspec.structs.replace(call, inner=True) if _is_within(call.address.path, served) else call for call in calls
    )


def _served_paths(calls: Iterable[Call]) -> set[str]:
    """The paths of what is inside of calls that are served."""
    return {f"{call.address.path}:{call.address.ordinal}" for call in calls if call.answer and not call.answer.is_live}


def _is_within(path: str, outer: set[str]) -> bool:
    places = [number for number, sign in enumerate(path) if sign in "/:!"]
    return any(path[:end] in outer for end in [*places, len(path)])


def _collect(store: Store, key: SessionKey) -> _Collected:
    found = _Collected()
    shelf = library(store, key)
    for span in whole_spans(store, key):
        if is_call(span):
            found.calls.append(unfold(span, shelf))
        if UNRECORDED in span.attributes:
            found.unrecorded.append(str(span.attributes[UNRECORDED]))
        if SALT in span.attributes:
            found.salt = bytes.fromhex(span.attributes[SALT])
            found.environment = span.attributes.get(ENVIRONMENT, {})
            found.exit_code = span.attributes.get(EXIT_CODE, found.exit_code)
        for kept in span.kept:
            _collect_kept(found, span, kept.role, partial(shelf.content, kept.hash))
    # What a task read is written with its calls, and the rest when the process ends.
    for _, data in sorted(found.written, key=lambda item: item[0]):
        _add_readings(found.readings, decode(data))
    return found


def _collect_kept(found: _Collected, span: Span, role: str, read: Callable[[], bytes]) -> None:
    if role == READINGS:
        found.written.append((span.end or span.start, read()))
    elif role == SOURCES:
        found.sources.update(json.loads(read()))
    elif role == SERVED:
        told = json.loads(read())
        found.served = (found.served or set()) | set(told["steps"])
        found.read = {**(found.read or {}), **{(path, place): count for path, place, count in told["read"]}}
    elif role in {STDIN, STDOUT, STDERR, RETURNED} and SALT in span.attributes:
        found.roles[role] = read()


def whole_spans(store: Store, key: SessionKey) -> Iterator[Span]:
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
