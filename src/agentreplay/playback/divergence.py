"""Where a program parted from its tape, explained as a good colleague would."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from agentreplay.model.call import Address, Call, Request, Site
from agentreplay.model.values import Value
from agentreplay.playback.canonical import canonical, digest
from agentreplay.playback.cause import Evidence, find_cause
from agentreplay.playback.difference import Difference, compare, shown

__all__ = ["Candidate", "Divergence", "changed", "describe", "missing", "nearest", "new", "output", "unanswered"]

_TOLD = 5
_CANDIDATES = 3
_COMPARED = 20
"""So many calls are compared in full; with long conversations that takes its time."""
_WIDE = 72


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded call that might have been meant, and why it is not the one."""

    seq: int
    label: str
    address: str
    reason: str


class Divergence(msgspec.Struct, frozen=True, kw_only=True):
    """One place where the program and the tape part."""

    kind: str
    """`changed`: another request than recorded; `new`: a call that is not on the tape; `missing`: one not made;
    `unanswered`: the recording broke off before its answer; `output`: the calls were the same, and what the program
    put out is not."""
    seq: int
    """The step of the call; of a new one the step before it, and 0 before the first."""
    operation: str
    label: str
    """How people know the call: `llm gpt-5-mini`, `tool lookup_order`."""
    address: str = ""
    site: str = ""
    differences: tuple[tuple[str, str, str], ...] = ()
    """Path, expected and got."""
    has_more: bool = False
    """Whether there are further differences."""
    candidates: tuple[Candidate, ...] = ()
    cause: str = ""
    fork_at: str | None = None
    """The step at which a fork would go on with today's code."""

    @property
    def place(self) -> tuple[int, bool]:
        """By which the first of several is found."""
        return self.seq, self.kind in {"new", "output"}


def changed(expected: Call, request: Request, site: Site, served: set[Address], evidence: Evidence) -> Divergence:
    """The call at this address asks for something else than recorded."""
    others = [call for call in evidence.tape if call is not expected]
    if (expected.request.seam, expected.request.operation) != (request.seam, request.operation):
        differences = [Difference("", _brief(expected.request), _brief(request))]
        cause, suspect = _of_another(expected, request, others, served), None
    else:
        differences = list(islice(compare(canonical(expected.request), canonical(request)), _TOLD + 1))
        cause, suspect = find_cause(expected, request, site, differences, evidence)
    return Divergence(
        kind="changed",
        seq=expected.seq,
        operation=expected.request.operation,
        label=expected.label or expected.request.operation,
        address=str(expected.address),
        site=str(site),
        differences=tuple(_told(item) for item in differences[:_TOLD]),
        has_more=len(differences) > _TOLD,
        candidates=nearest(request, others, served, expected.seq),
        cause=cause,
        fork_at=str(expected.seq if suspect is None else suspect),
    )


def new(address: Address, request: Request, site: Site, tape: Sequence[Call], served: set[Address]) -> Divergence:
    """The program makes a call that the tape does not have."""
    before = [call for call in tape if call.address in served]
    same_path = [call for call in before if call.address.path == address.path]
    last = max((call.seq for call in same_path or before), default=0)
    behind = (call.seq for call in tape if call.seq > last and not call.inner)
    return Divergence(
        kind="new",
        seq=last,
        operation=request.operation,
        label=f"{request.seam} {request.operation}",
        address=str(address),
        site=str(site),
        candidates=nearest(request, tape, served, last),
        fork_at=str(min(behind, default="last")),
    )


def missing(call: Call) -> Divergence:
    """The program ended without making a call that the tape has."""
    return Divergence(
        kind="missing",
        seq=call.seq,
        operation=call.request.operation,
        label=call.label or call.request.operation,
        address=str(call.address),
        site=str(call.site),
        fork_at=str(call.seq),
    )


def unanswered(call: Call, site: Site) -> Divergence:
    """The program was killed while it waited for this answer, so there is none to serve."""
    return Divergence(
        kind="unanswered",
        seq=call.seq,
        operation=call.request.operation,
        label=call.label or call.request.operation,
        address=str(call.address),
        site=str(site),
        cause="the recording broke off before this call was answered",
        fork_at="last",
    )


def output(name: str, expected: str, got: str, seq: int) -> Divergence:
    """All calls were the same, and something the program put out is not."""
    return Divergence(kind="output", seq=seq, operation=name, label=name, differences=(("", expected, got),))


def nearest(request: Request, tape: Iterable[Call], served: set[Address], seq: int) -> tuple[Candidate, ...]:
    """The recorded calls that come nearest, each with the reason it was not taken."""
    asked, wanted = digest(request), canonical(request)
    calls = [call for call in tape if call.request.seam == request.seam and not call.inner]
    same = [call for call in calls if call.digest == asked]
    alike = [call for call in calls if call.digest != asked and call.request.operation == request.operation]
    rated = [(0, abs(call.seq - seq), call, _reason(call, (), served)) for call in same]
    for call in sorted(alike, key=lambda call: abs(call.seq - seq))[:_COMPARED]:
        found = list(islice(compare(canonical(call.request), wanted), _TOLD))
        rated.append((1 + len(found), abs(call.seq - seq), call, _reason(call, found, served)))
    rated.sort(key=lambda item: item[:2])
    return tuple(
        Candidate(seq=call.seq, label=call.label or call.request.operation, address=str(call.address), reason=reason)
        for _, _, call, reason in rated[:_CANDIDATES]
    )


def describe(divergence: Divergence) -> list[str]:
    """The lines that explain it; the first says which call, and what about it."""
    lines = [_headline(divergence)]
    if divergence.site:
        made = "recorded at" if divergence.kind == "missing" else "at"
        lines.append(f"{made} {divergence.site} ({divergence.address})")
    lines += _difference_lines(divergence)
    if divergence.cause:
        lines.append(divergence.cause)
    lines += [f"not taken: call {near.seq} ({near.label}) {near.reason}" for near in divergence.candidates]
    return lines


def _headline(divergence: Divergence) -> str:
    label, seq = divergence.label, divergence.seq
    match divergence.kind:
        case "changed":
            return f"call {seq} ({label}) asks for something else than recorded"
        case "new":
            return f"a call ({label}) is not on the tape; it comes " + (f"after call {seq}" if seq else "first")
        case "missing":
            return f"call {seq} ({label}) was recorded, and is not made any more"
        case "unanswered":
            return f"call {seq} ({label}) has no answer on the tape"
        case _:
            return f"every call was the same, and the {label} came out otherwise"


def _difference_lines(divergence: Divergence) -> Iterator[str]:
    # A digest of code tells people nothing; the cause says that it was edited.
    told = [(path.removeprefix("body."), *sides) for path, *sides in divergence.differences if path != "code"]
    wide = max((len(path) for path, *_ in told), default=0)
    for path, expected, got in told:
        where = f"{path:<{wide}}  " if wide else ""
        yield f"expected  {where}{expected}"
        yield f"got       {where}{got}"
    if divergence.has_more:
        yield "and more behind these"


def _told(difference: Difference) -> tuple[str, str, str]:
    if difference.path:
        return (difference.path, *shown(difference))
    return ("", str(difference.expected), str(difference.got))


def _reason(call: Call, differences: Sequence[Difference], served: set[Address]) -> str:
    if call.address in served:
        return "was served already" + ("" if differences else " for the same request")
    if not differences:
        return f"asks for the same, but stands at {call.address}"
    if differences[0].path == "code":
        return f"is made by {call.request.operation}() as it was before it was edited"
    first = differences[0].path.removeprefix("body.")
    more = len(differences) - 1
    return f"differs in {first}" + (f" and {more} more place{'s' if more > 1 else ''}" if more else "")


def _of_another(expected: Call, request: Request, others: Iterable[Call], served: set[Address]) -> str:
    """Why another operation stands here than recorded."""
    asked = digest(request)
    later = next((call for call in others if call.digest == asked and call.address not in served), None)
    label = expected.label or expected.request.operation
    if later is None:
        return f"no call on the tape that is left asks for this: it is new here, or replaces call {expected.seq}"
    return (
        f"this is what call {later.seq} asked for: call {expected.seq} ({label}) is not made any more, or they have"
        " changed places"
    )


def _brief(request: Request) -> str:
    fields: dict[str, Value] = canonical(request)
    body = next((fields[name] for name in ("body", "text", "bytes") if name in fields), None)
    text = "" if body is None else json.dumps(body, ensure_ascii=False, default=repr)
    return f"{request.operation} {text if len(text) <= _WIDE else text[:_WIDE] + '…'}".rstrip()
