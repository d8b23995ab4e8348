"""The verdict of a replay: whether it came out the same, and a digest chain that proves it."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Literal, NamedTuple

import msgspec
from blake3 import blake3

from agentreplay.playback.canonical import answer_digest
from agentreplay.playback.divergence import Divergence, describe, missing, output
from agentreplay.playback.tape import Outputs, Tape

__all__ = ["EXIT_CODES", "Met", "Report", "Status", "Verdict", "explain", "hung", "judge", "prove"]

Status = Literal["identical", "drift", "diverged", "hung", "unreplayable"]
EXIT_CODES: dict[Status, int] = {"identical": 0, "drift": 0, "diverged": 3, "hung": 3, "unreplayable": 4}
"""What a process that replayed exits with."""

_MOST_TOLD = 10
_WIDE = 72


class Met(NamedTuple):
    """A call that was served: its address, and the digests of what was asked and what was answered."""

    path: str
    ordinal: int
    request: str
    answer: str


class Report(msgspec.Struct, kw_only=True):
    """What one process of a replayed program met."""

    met: list[Met] = []
    divergences: list[Divergence] = []
    notes: list[str] = []
    """What was not as recorded and did no harm."""
    remarks: list[str] = []
    """What else is worth knowing."""
    live: int = 0
    """How many calls were performed."""
    stopped: bool = False
    """Whether a divergence ended it: what the program would have done behind that is not known."""
    refused: list[str] = []
    """Connections the program tried to open beside all seams."""
    is_revised: bool = False
    """Whether a tool that a fork begins at ran, and did so as the fork wants it."""
    read: list[tuple[str, str, int]] = []
    """How often something was read, by task path and place in the source."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How a replay came out."""

    status: Status
    session: str
    calls: int
    """How many calls the tape has."""
    served: int
    live: int = 0
    diverged_at: int | None = None
    why: str = ""
    divergences: tuple[Divergence, ...] = ()
    """In order; the first is where the program and the tape parted."""
    notes: tuple[str, ...] = ()
    recorded_proof: str = ""
    replayed_proof: str = ""

    @property
    def exit_code(self) -> int:
        """What a process that replayed exits with."""
        return EXIT_CODES[self.status]


def explain(verdict: Verdict) -> list[str]:
    """The verdict for a person: the first divergence in full, those behind it in a line each."""
    at = f" at {verdict.diverged_at}" if verdict.diverged_at is not None else ""
    why = f": {verdict.why}" if verdict.why else ""
    live = f", {verdict.live} performed" if verdict.live else ""
    lines = [f"{verdict.status}{at}{why}; {verdict.served} of {verdict.calls} calls served{live}"]
    for divergence in verdict.divergences[:1]:
        first, *rest = describe(divergence)
        lines += [first, *(f"  {line}" for line in rest)]
    for divergence in verdict.divergences[1:_MOST_TOLD]:
        first, *rest = describe(divergence)
        lines.append(f"{first} {rest[0]}" if divergence.site else first)
    if len(verdict.divergences) > _MOST_TOLD:
        lines.append(f"and {len(verdict.divergences) - _MOST_TOLD} more")
    return [*lines, *(f"note: {note}" for note in verdict.notes[:_MOST_TOLD])]


def prove(met: Iterable[Met], outputs: Outputs) -> str:
    """One digest over all requests, answers and outputs; equal only when everything is."""
    link = b""
    for call in sorted(met):
        link = blake3(link + "\0".join(map(str, call)).encode()).digest()
    for data in (outputs.stdout, repr(outputs.exit_code).encode(), outputs.returned):
        link = blake3(link + (b"-" if data is None else blake3(data).digest())).digest()
    return link.hex()


def judge(tape: Tape, reports: Sequence[Report], outputs: Outputs) -> Verdict:
    """Put together what all processes met, and what the program put out."""
    met = [Met(*call) for report in reports for call in report.met]
    expected = [call for call in tape.calls if not call.inner and call.answer is not None]
    found = _all_divergences(tape, reports, {(call.path, call.ordinal) for call in met}, outputs)
    drifts = [note for report in reports for note in report.notes]
    notes = drifts + [remark for report in reports for remark in report.remarks]
    if tape.outputs.stderr is not None and tape.outputs.stderr != outputs.stderr:
        # Logs tell of times and threads, so they are no part of the proof.
        notes.append("the program wrote something else to stderr")
    recorded = [Met(*call.address, call.digest, answer_digest(call.answer)) for call in expected if call.answer]
    # An inner call is met when the one around it is performed for its code; then it is part of the proof of neither.
    inner = {tuple(call.address) for call in tape.calls if call.inner}
    replayed = [call for call in met if (call.path, call.ordinal) not in inner]
    status, why = _status(tape, found, drifts, reports)
    return Verdict(
        status=status,
        why=why,
        diverged_at=found[0].seq if status == "diverged" else None,
        session=tape.session.id,
        calls=len(expected),
        served=len(replayed),
        live=sum(report.live for report in reports),
        divergences=tuple(found),
        notes=tuple(dict.fromkeys(notes)),
        recorded_proof=prove(recorded, tape.outputs),
        replayed_proof=prove(replayed, outputs),
    )


def hung(verdict: Verdict) -> Verdict:
    """The verdict on a program that was ended because it did not end by itself.

    What it had not done by then is no divergence; what it had done otherwise is one.
    """
    found = tuple(item for item in verdict.divergences if item.kind not in {"missing", "output"})
    at = found[0].seq if found else None
    why = "the program did not end in the time it was given"
    return msgspec.structs.replace(verdict, status="hung", why=why, divergences=found, diverged_at=at)


def _all_divergences(
    tape: Tape, reports: Sequence[Report], met: set[tuple[str, int]], outputs: Outputs
) -> list[Divergence]:
    """What the processes found, then calls nobody made, and only where all calls were the same the outputs."""
    found = [item for report in reports for item in report.divergences]
    if not any(report.stopped for report in reports):
        told = {item.address for item in found}
        found += [
            missing(call)
            for call in tape.calls
            if not call.inner
            and call.answer is not None
            and tuple(call.address) not in met
            and str(call.address) not in told
        ]
    found.sort(key=lambda item: item.place)
    return found or [output(*differing, tape.steps) for differing in _differing_outputs(tape.outputs, outputs)]


def _status(
    tape: Tape, found: Sequence[Divergence], drifts: Sequence[str], reports: Sequence[Report]
) -> tuple[Status, str]:
    refused = [name for report in reports for name in report.refused]
    if refused and tape.unrecorded:
        return "unreplayable", f"{tape.unrecorded[0]} was not recorded"
    if refused and not found:
        return "unreplayable", f"the program connects to {refused[0]} through no seam"
    if found and not tape.is_finished and found[0].kind in {"new", "unanswered"}:
        why = f"the recording was interrupted behind call {found[0].seq}; up to there it came out the same"
        return "unreplayable", why
    if found:
        return "diverged", ""
    return ("drift" if drifts else "identical"), ""


def _differing_outputs(recorded: Outputs, replayed: Outputs) -> list[tuple[str, str, str]]:
    """What was put out otherwise: its name, what was recorded, and what came."""
    found: list[tuple[str, str, str]] = []
    if recorded.stdout is not None and recorded.stdout != replayed.stdout:
        found.append(("output on stdout", *_first_line_apart(recorded.stdout, replayed.stdout or b"")))
    if recorded.exit_code is not None and recorded.exit_code != replayed.exit_code:
        found.append(("exit code", str(recorded.exit_code), str(replayed.exit_code)))
    if recorded.returned is not None and recorded.returned != replayed.returned:
        sides = (recorded.returned, replayed.returned or b"(nothing)")
        one, other = (side.decode("utf-8", "replace")[:_WIDE] for side in sides)
        found.append(("return value", one, other))
    return found


def _first_line_apart(recorded: bytes, replayed: bytes) -> tuple[str, str]:
    sides = [side.decode("utf-8", "replace").splitlines() for side in (recorded, replayed)]
    for number, (one, other) in enumerate(zip_longest(*sides, fillvalue="(nothing)"), start=1):
        if one != other:
            return f"line {number}: {one[:_WIDE]}", f"line {number}: {other[:_WIDE]}"
    return "another end of line", "another end of line"
