"""Compares two sessions: aligns their calls, and tells what differs between those that belong together."""

import difflib
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from typing import Literal, NamedTuple

import msgspec

from agentreplay.intake import providers
from agentreplay.model.call import Answer, Call, Request
from agentreplay.model.session import SessionKey
from agentreplay.model.values import Value
from agentreplay.playback.canonical import answer_digest, canonical, parse_json
from agentreplay.playback.difference import Difference, compare
from agentreplay.playback.tape import Outputs, Tape, read_tape
from agentreplay.store.protocol import Store

__all__ = ["Comparison", "Kind", "Pair", "Told", "align", "compare_sessions", "differing_outputs", "tell"]

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


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A pair as it is told: the steps of both calls, and where they differ."""

    kind: Kind
    operation: str
    before: int | None
    after: int | None
    request: tuple[dict[str, Value], ...]
    """Each difference is a `path`, what was `expected` there (before) and what one `got` (after)."""
    answer: tuple[dict[str, Value], ...]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two sessions, call by call."""

    same: bool
    items: tuple[Told, ...]
    outputs: tuple[str, ...]
    """What the programs put out differently: `stdout`, `stderr`, `exit_code`, `returned`."""


def compare_sessions(store: Store, before: SessionKey, after: SessionKey) -> Comparison:
    """Compare two sessions. Raises SessionMissing, and OriginMissing when the past of a fork is gone."""
    tapes = [read_tape(store, key) for key in (before, after)]
    return tell(list(align(*tapes)), differing_outputs(tapes[0].outputs, tapes[1].outputs))


def tell(pairs: Sequence[Pair], outputs: Sequence[str]) -> Comparison:
    """What was found out about two sessions, as it is told."""
    same = not outputs and all(pair.kind == "same" for pair in pairs)
    return Comparison(same=same, items=tuple(map(_told, pairs)), outputs=tuple(outputs))


def _told(pair: Pair) -> Told:
    return Told(
        kind=pair.kind,
        operation=pair.call.request.operation,
        before=pair.before.seq if pair.before else None,
        after=pair.after.seq if pair.after else None,
        request=tuple(difference.told for difference in pair.request),
        answer=tuple(difference.told for difference in pair.answer),
    )


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
    asked = providers.ask(str(request.head.get("url", "")), parse_json(request.body, request.media))
    if asked is not None:
        message = providers.answer(asked, int(answer.head.get("status") or 0), [answer.body]).message
        if message is not None:
            return {"message": message}
    body = parse_json(answer.body, answer.media)
    return {"body": answer.body.decode("utf-8", "replace") if body is None else body}
