"""Compares two sessions: aligns their calls, and tells what differs between those that belong together."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, zip_longest
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
    """The calls of both, in order. The first pair that is not `same` is where they part."""
    left, right = _outer(before), _outer(after)
    whole = difflib.SequenceMatcher(None, [_key(call) for call in left], [_key(call) for call in right], autojunk=False)
    for what, a, b, c, d in whole.get_opcodes():
        if what == "equal":
            yield from (Pair("same", one, other) for one, other in zip(left[a:b], right[c:d], strict=True))
        else:
            yield from _part(left[a:b], right[c:d])


def differing_outputs(before: Outputs, after: Outputs) -> list[str]:
    """The names of what the programs put out differently."""
    names = ("stdout", "stderr", "exit_code", "returned")
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def _part(left: Sequence[Call], right: Sequence[Call]) -> Iterator[Pair]:
    """A stretch in which nothing is the same: calls of the same operation belong together, in order."""
    by_name = difflib.SequenceMatcher(
        None, [call.request.operation for call in left], [call.request.operation for call in right], autojunk=False
    )
    for what, a, b, c, d in by_name.get_opcodes():
        if what == "equal":
            yield from (_changed(one, other) for one, other in zip(left[a:b], right[c:d], strict=True))
        else:
            for one, other in zip_longest(left[a:b], right[c:d]):
                if one is not None:
                    yield Pair("removed", one, None)
                if other is not None:
                    yield Pair("added", None, other)


def _changed(before: Call, after: Call) -> Pair:
    request = tuple(islice(compare(canonical(before.request), canonical(after.request)), _MOST))
    answer = tuple(islice(compare(_seen(before), _seen(after)), _MOST))
    return Pair("changed" if request or answer else "same", before, after, request, answer)


def _outer(tape: Tape) -> list[Call]:
    return [call for call in tape.calls if not call.inner]


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
