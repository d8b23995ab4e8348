"""Compares two sessions: aligns their calls, and tells what differs between those that belong together."""

import difflib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import islice, starmap
from types import MappingProxyType
from typing import Literal, NamedTuple

import msgspec

from agentreplay.core.understanding import asked_by
from agentreplay.intake import providers
from agentreplay.model.call import Answer, Call, Request
from agentreplay.model.ids import SessionId, SpanId, TraceId
from agentreplay.model.session import SessionKey
from agentreplay.model.values import Value
from agentreplay.playback.canonical import answer_digest, canonical, parse_json
from agentreplay.playback.difference import Difference, compare
from agentreplay.playback.tape import Outputs, Tape, lineage, read_tape
from agentreplay.store.protocol import Store

__all__ = ["Comparison", "Kind", "Pair", "Told", "Where", "align", "compare_sessions", "differing_outputs", "tell"]

Kind = Literal["same", "changed", "removed", "added"]

_MOST = 20


class _Keyed(NamedTuple):
    """A call, and what is the same of calls that are: operation, request and answer."""

    call: Call
    key: tuple[str, str, str]


class Pair(NamedTuple):
    """A call of one session and the one that stands for it in the other."""

    kind: Kind
    before: Call | None
    after: Call | None
    request: tuple[Difference, ...] = ()
    answer: tuple[Difference, ...] = ()

    @property
    def call(self) -> Call:
        """The call, of whichever session has it."""
        found = self.after or self.before
        if found is None:
            raise AssertionError("a pair of nothing")
        return found


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """The span of a call, which for the shared past of a fork is one of the session it was forked from."""

    session: SessionId
    trace_id: TraceId
    span_id: SpanId


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A pair as it is told: the steps of both calls, and where they differ."""

    kind: Kind
    operation: str
    label: str
    """How people know the call: `llm gpt-5-mini`, `tool lookup_order`."""
    before: int | None
    after: int | None
    before_span: Where | None
    after_span: Where | None
    request: tuple[dict[str, Value], ...]
    """Each difference is a `path`, what was `expected` there (before) and what one `got` (after)."""
    answer: tuple[dict[str, Value], ...]


_NOWHERE: Mapping[SpanId, Where] = MappingProxyType({})


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two sessions, call by call."""

    same: bool
    items: tuple[Told, ...]
    outputs: tuple[str, ...]
    """What the programs put out differently: `stdout`, `stderr`, `exit_code`, `returned`."""


def compare_sessions(store: Store, before: SessionKey, after: SessionKey) -> Comparison:
    """Compare two sessions. Raises SessionMissing, and OriginMissing when the past of a fork is gone."""
    tapes = [read_tape(store, key) for key in (before, after)]
    places = {**_places(store, before), **_places(store, after)}
    return tell(list(align(*tapes)), differing_outputs(tapes[0].outputs, tapes[1].outputs), places)


def tell(pairs: Sequence[Pair], outputs: Sequence[str], places: Mapping[SpanId, Where] = _NOWHERE) -> Comparison:
    """What was found out about two sessions, as it is told; the spans of calls where they are known."""
    same = not outputs and all(pair.kind == "same" for pair in pairs)
    return Comparison(same=same, items=tuple(_told(pair, places) for pair in pairs), outputs=tuple(outputs))


def _places(store: Store, key: SessionKey) -> dict[SpanId, Where]:
    """Where each span is, of a session and of those whose past it shares."""
    sessions = [key._replace(session=row.session.id) for row in lineage(store.sessions, key)]
    return {
        row.span_id: Where(session=row.session, trace_id=row.trace_id, span_id=row.span_id)
        for session in sessions
        for row in store.spans.read(session)
    }


def _told(pair: Pair, places: Mapping[SpanId, Where]) -> Told:
    return Told(
        kind=pair.kind,
        operation=pair.call.request.operation,
        label=pair.call.label,
        before=pair.before.seq if pair.before else None,
        after=pair.after.seq if pair.after else None,
        before_span=_where(pair.before, places),
        after_span=_where(pair.after, places),
        request=tuple(difference.told for difference in pair.request),
        answer=tuple(difference.told for difference in pair.answer),
    )


def _where(call: Call | None, places: Mapping[SpanId, Where]) -> Where | None:
    return None if call is None or call.span_id is None else places.get(call.span_id)


def align(before: Tape, after: Tape) -> Iterator[Pair]:
    """The calls of both, in the order of the first. The first pair that is not `same` is where they part.

    Threads and tasks that run side by side may take turns otherwise each time, which is no difference: calls are
    paired within their path, and what then is left over with calls of paths that only one of the two has.
    """
    left, right = _outer(before), _outer(after)
    ours, theirs = _by_path(left), _by_path(right)
    found: dict[int, int] = {}
    for path in ours.keys() & theirs.keys():
        found.update(_belonging(left, right, ours[path], theirs[path]))
    new = [place for place, keyed in enumerate(right) if keyed.call.address.path not in ours]
    found.update(_belonging(left, right, [place for place in range(len(left)) if place not in found], new))
    gone = [place for place, keyed in enumerate(left) if keyed.call.address.path not in theirs and place not in found]
    taken = set(found.values())
    found.update(_belonging(left, right, gone, [place for place in range(len(right)) if place not in taken]))
    return starmap(_pair, _in_order(left, right, found))


def differing_outputs(before: Outputs, after: Outputs) -> list[str]:
    """The names of what the programs put out differently."""
    names = ("stdout", "stderr", "exit_code", "returned")
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def _by_path(calls: Sequence[_Keyed]) -> dict[str, list[int]]:
    """The places of the calls of each thread and task."""
    found: dict[str, list[int]] = {}
    for place, (call, _) in enumerate(calls):
        found.setdefault(call.address.path, []).append(place)
    return found


def _belonging(
    left: Sequence[_Keyed], right: Sequence[_Keyed], ours: Sequence[int], theirs: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """The places of calls that belong together: equal ones, and between them those of the same operation."""
    one, other = [left[place].key for place in ours], [right[place].key for place in theirs]
    for is_equal, (a, b), (c, d) in _stretches(one, other):
        if is_equal:
            yield from zip(ours[a:b], theirs[c:d], strict=True)
            continue
        for is_named, (e, f), (g, h) in _stretches([key[0] for key in one[a:b]], [key[0] for key in other[c:d]]):
            if is_named:
                yield from zip(ours[a + e : a + f], theirs[c + g : c + h], strict=True)


def _stretches(
    one: Sequence[Hashable], other: Sequence[Hashable]
) -> Iterator[tuple[bool, tuple[int, int], tuple[int, int]]]:
    """The parts of both from front to back, and whether they are equal."""
    for what, a, b, c, d in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        yield what == "equal", (a, b), (c, d)


def _in_order(
    left: Sequence[_Keyed], right: Sequence[_Keyed], found: Mapping[int, int]
) -> Iterator[tuple[_Keyed | None, _Keyed | None]]:
    """What is paired or only before, in order; what is only after stands behind all that came before it."""
    paired = {other: one for one, other in found.items()}
    added: dict[int, list[_Keyed]] = {}
    behind = -1
    for place, call in enumerate(right):
        if place in paired:
            behind = max(behind, paired[place])
        else:
            added.setdefault(behind, []).append(call)
    waiting = added.get(-1, [])
    for place, call in enumerate(left):
        if place in found:
            yield from ((None, other) for other in waiting)
            waiting = added.get(place, [])
        yield call, right[found[place]] if place in found else None
    yield from ((None, other) for other in waiting)


def _pair(before: _Keyed | None, after: _Keyed | None) -> Pair:
    if before is None or after is None:
        return Pair("removed" if before else "added", before and before.call, after and after.call)
    one, other = before.call, after.call
    if before.key == after.key:
        return Pair("same", one, other)
    request = tuple(islice(compare(canonical(one.request), canonical(other.request)), _MOST))
    answer = tuple(islice(compare(_seen(one), _seen(other)), _MOST))
    return Pair("changed" if request or answer else "same", one, other, request, answer)


def _outer(tape: Tape) -> list[_Keyed]:
    return [_Keyed(call, _key(call)) for call in tape.calls if not call.inner]


def _key(call: Call) -> tuple[str, str, str]:
    return call.request.operation, call.digest, "" if call.answer is None else answer_digest(call.answer)


def _seen(call: Call) -> Value:
    """What the program saw of an answer; of a model what it said, however it was spread over a stream."""
    answer = call.answer
    if answer is None:
        return None
    raised = answer.raised
    error = None if raised is None else f"{raised.name}: {raised.message}"
    return {"status": answer.head.get("status"), "error": error, **_body(call.request, answer)}


def _body(request: Request, answer: Answer) -> dict[str, Value]:
    asked = asked_by(request)
    if asked is not None:
        message = providers.answer(asked, int(answer.head.get("status") or 0), [answer.body]).message
        if message is not None:
            return {"message": message}
    body = parse_json(answer.body, answer.media)
    return {"body": answer.body.decode("utf-8", "replace") if body is None else body}
