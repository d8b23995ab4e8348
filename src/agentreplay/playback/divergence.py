"""Where a program parted from its tape, explained as a good colleague would."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import cast

import msgspec

from agentreplay.model.call import Address, Call, Request, Site
from agentreplay.model.values import Value
from agentreplay.playback.canonical import canonical
from agentreplay.playback.difference import Difference, compare, shown

__all__ = ["Candidate", "Divergence", "changed", "describe", "missing", "nearest", "new"]

_TOLD = 5
_CANDIDATES = 3


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded call that might have been meant, and why it is not the one."""

    seq: int
    operation: str
    address: str
    reason: str


class Divergence(msgspec.Struct, frozen=True, kw_only=True):
    """One place where the program and the tape part."""

    kind: str
    """`changed`: another request than recorded; `new`: a call that is not on the tape; `missing`: one not made;
    `output`: all calls were the same and what the program put out is not."""
    seq: int
    """The place in the session, as near as it is known; 0 before the first call."""
    operation: str
    address: str = ""
    site: str = ""
    differences: tuple[tuple[str, str, str], ...] = ()
    """Path, expected and got."""
    candidates: tuple[Candidate, ...] = ()
    cause: str = ""
    order: int = 0
    """The turn by which the first of several is found."""


def changed(expected: Call, request: Request, site: Site, tape: Sequence[Call], edited: Iterable[str]) -> Divergence:
    """The call at this address asks for something else than recorded."""
    differences = list(islice(compare(canonical(expected.request), canonical(request)), _TOLD))
    return Divergence(
        kind="changed",
        seq=expected.seq,
        operation=expected.request.operation,
        address=str(expected.address),
        site=str(site),
        differences=tuple((difference.path, *shown(difference)) for difference in differences),
        candidates=nearest(request, [call for call in tape if call is not expected], set()),
        cause=_cause(differences, request, expected, edited),
        order=_order(expected),
    )


def new(address: Address, request: Request, site: Site, tape: Sequence[Call], served: set[Address]) -> Divergence:
    """The program makes a call that the tape does not have."""
    before = [call for call in tape if call.address in served]
    last = max(before, key=_order, default=None)
    return Divergence(
        kind="new",
        seq=last.seq if last else 0,
        operation=request.operation,
        address=str(address),
        site=str(site),
        candidates=nearest(request, tape, served),
        order=_order(last) if last else 0,
    )


def missing(call: Call) -> Divergence:
    """The program ended without making a call that the tape has."""
    return Divergence(
        kind="missing",
        seq=call.seq,
        operation=call.request.operation,
        address=str(call.address),
        site=str(call.site),
        order=_order(call),
    )


def nearest(request: Request, tape: Iterable[Call], served: set[Address]) -> tuple[Candidate, ...]:
    """The recorded calls that come nearest, each with the reason it was not taken."""
    wanted = canonical(request)
    rated: list[tuple[int, int, Candidate]] = []
    for call in tape:
        if call.request.seam != request.seam or call.inner:
            continue
        same = call.request.operation == request.operation
        differences = list(islice(compare(canonical(call.request), wanted), _TOLD)) if same else []
        score = len(differences) if same else _TOLD + 1
        if call.address in served:
            reason = "was served already" + ("" if differences else ", and is the same")
        elif not same:
            reason = "is another operation"
        elif differences:
            reason = f"differs in {differences[0].path}" + (" and more" if len(differences) > 1 else "")
        else:
            reason = f"is the same, but stands at {call.address}"
        candidate = Candidate(seq=call.seq, operation=call.request.operation, address=str(call.address), reason=reason)
        rated.append((score, call.seq, candidate))
    rated.sort(key=lambda item: item[:2])
    return tuple(candidate for _, _, candidate in rated[:_CANDIDATES])


def describe(divergence: Divergence) -> list[str]:
    """The lines that explain it; the first says what, where and which call."""
    verb = {
        "changed": "asks for something else than recorded",
        "new": "is not on the tape",
        "missing": "was recorded and not made",
        "output": "came out otherwise",
    }[divergence.kind]
    place = f"call {divergence.seq}" if divergence.kind != "new" else f"after call {divergence.seq}, a call that"
    lines = [f"{place} ({divergence.operation}) {verb}"]
    if divergence.site:
        lines.append(f"at {divergence.site}" + (f" [{divergence.address}]" if divergence.address else ""))
    for path, expected, got in divergence.differences:
        lines += [f"expected  {path}  {expected}", f"got       {path}  {got}"]
    if divergence.cause:
        lines.append(divergence.cause)
    if divergence.kind != "missing":
        lines += [f"not call {near.seq} ({near.operation}): it {near.reason}" for near in divergence.candidates]
    return lines


def _order(call: Call) -> int:
    return call.answer.turn if call.answer is not None else 1 << 62


def _cause(differences: Sequence[Difference], request: Request, expected: Call, edited: Iterable[str]) -> str:
    """What most likely changed it: an edited function, or the tool whose result stands in the difference."""
    edits = list(edited)
    if request.seam == "tool" and differences and differences[0].path == "code":
        return f"{request.operation}() was edited since the recording"
    tool = next((name for item in differences if (name := _tool_of(item.path, expected))), None)
    if tool is not None:
        for edit in edits:
            if edit.rpartition(":")[2].rpartition(".")[2] == tool:
                return f"the result of the tool {tool} changed: {tool}() was edited since the recording"
        return f"the result of the tool {tool} changed"
    if edits:
        more = f" and {len(edits) - 1} more" if len(edits) > 1 else ""
        return f"edited since the recording: {edits[0]}{more}"
    return ""


def _tool_of(path: str, expected: Call) -> str | None:
    """The name of the tool whose result stands at this path of the request, where messages tell it."""
    field, bracket, rest = path.removeprefix("body.").partition("[")
    body = cast("Mapping[str, Value]", canonical(expected.request)).get("body")
    if not bracket or not isinstance(body, Mapping):
        return None
    messages = cast("Mapping[str, Value]", body).get(field)
    number = rest.partition("]")[0]
    if not isinstance(messages, list) or not number.isdigit() or int(number) >= len(messages):
        return None
    message = messages[int(number)]
    ids = set(_values(message, {"tool_call_id", "tool_use_id", "call_id"}))
    named = next(iter(_values(message, {"functionResponse", "function_response"})), None)
    if isinstance(named, Mapping):
        return str(cast("Mapping[str, Value]", named).get("name"))
    return next((name for item in messages if (name := _name_of(item, ids))), None) if ids else None


def _name_of(message: Value, ids: set[Value]) -> str | None:
    if isinstance(message, Mapping):
        fields = cast("Mapping[str, Value]", message)
        if fields.get("id") in ids or (fields.get("call_id") in ids and "name" in fields):
            function = fields.get("function", fields)
            return str(cast("Mapping[str, Value]", function).get("name")) if isinstance(function, Mapping) else None
        return next((name for item in fields.values() if (name := _name_of(item, ids))), None)
    if isinstance(message, list):
        return next((name for item in message if (name := _name_of(item, ids))), None)
    return None


def _values(value: Value, keys: set[str]) -> list[Value]:
    if isinstance(value, Mapping):
        found: list[Value] = []
        for key, item in cast("Mapping[str, Value]", value).items():
            found += [item] if key in keys else _values(item, keys)
        return found
    if isinstance(value, list):
        return [found for item in value for found in _values(item, keys)]
    return []
