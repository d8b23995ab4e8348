"""Compares two sessions: aligns their calls, and tells what differs between those that belong together."""

import difflib
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from typing import Literal, NamedTuple

from agentreplay.intake import providers
from agentreplay.model.call import Answer, Call, Request
from agentreplay.model.values import Value
from agentreplay.playback.canonical import answer_digest, canonical, parse_json
from agentreplay.playback.difference import Difference, compare
from agentreplay.playback.tape import Outputs, Tape

__all__ = ["Kind", "Pair", "align", "differing_outputs"]

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
