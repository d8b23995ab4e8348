"""Replays a session twice, and names what differs between the two runs: what varies although everything is served."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Literal

import msgspec

from agentreplay.core.replay import Manner, Played, play
from agentreplay.model.session import SessionKey
from agentreplay.playback.difference import ABSENT, Difference, shown
from agentreplay.playback.divergence import Divergence
from agentreplay.playback.verdict import Verdict
from agentreplay.store.protocol import Store

__all__ = ["Steadiness", "Wavering", "compare_runs", "examine"]

_Kind = Literal["call", "reading", "output"]

_HINTS = {
    "address": "an address in memory: the default repr of an object, or id(); give the class a __repr__",
    "order": "the same parts in another order: a set, a listing of files, or threads that race; sort them",
    "numbers": "only numbers differ: a counter, a process id or a duration that no seam reads; pass it in as a call",
    "race": "made in a thread or task of its own: those race for something they share; order them, or wait for each",
    "flow": "made in one run and not in the other: something that no seam records decides; call it through a seam",
    "reading": "the program asks until something has changed: wait for an event in place of a clock or a loop",
    "code": "the programs end otherwise: a race at the end, or a limit of the system; look at stderr",
    "text": "something that no seam records went into it: a file, a variable, a process id; pass it in as a call",
}
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"\w+|[^\w\s]")
_MOST_LINES = 5


class Wavering(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was not the same in both runs."""

    kind: _Kind
    what: str
    """The operation of a call, the place of a reading, the name of an output."""
    where: str = ""
    """The place in the source, as far as it is known."""
    path: str = ""
    """Where in it they differ."""
    first: str = ""
    second: str = ""
    hint: str


class Steadiness(msgspec.Struct, frozen=True, kw_only=True):
    """What two replays of one session have in common with the tape, and with each other."""

    verdicts: tuple[Verdict, Verdict]
    found: tuple[Wavering, ...]

    @property
    def why_unreplayable(self) -> str:
        """Why nothing can be said; empty where both runs were replays."""
        return next((verdict.why for verdict in self.verdicts if verdict.status == "unreplayable"), "")

    @property
    def exit_code(self) -> int:
        """What a process that looked exits with: 3 when something varies, 4 when nothing can be said."""
        return 4 if self.why_unreplayable else 3 if self.found else 0


def examine(store: Store, key: SessionKey, manner: Manner) -> Steadiness:
    """Run the program twice from its tape, serving it what was recorded whatever it asks."""
    first, second = play(store, key, manner), play(store, key, manner)
    return Steadiness(verdicts=(first.verdict, second.verdict), found=tuple(compare_runs(first, second)))


def compare_runs(first: Played, second: Played) -> Iterator[Wavering]:
    """What differs between two runs from the same tape: calls in order, then readings, then outputs."""
    yield from _calls(first, second)
    yield from _readings(_read(first), _read(second))
    yield from _outputs(first, second)


def _calls(first: Played, second: Played) -> Iterator[Wavering]:
    parted = _parted(first), _parted(second)
    asked = _asked(first), _asked(second)
    sites = {str(call.address): (call.request.operation, str(call.site)) for call in first.tape.calls}
    for address in sorted({*asked[0], *asked[1], *parted[0], *parted[1]}, key=_order):
        one, other = parted[0].get(address), parted[1].get(address)
        near = one or other
        operation, site = (near.operation, near.site) if near is not None else sites.get(address, (address, ""))
        digests = asked[0].get(address), asked[1].get(address)
        made = [digest is not None or found is not None for digest, found in zip(digests, (one, other), strict=True)]
        if made[0] != made[1]:
            texts = tuple("made" if was_made else "not made" for was_made in made)
            hint = _HINTS["race" if "/" in address else "flow"]
            yield Wavering(kind="call", what=operation, where=site, first=texts[0], second=texts[1], hint=hint)
        elif digests[0] != digests[1] or _got(one) != _got(other):
            yield _asked_otherwise(address, operation, site, (one, other))


def _asked_otherwise(
    address: str, operation: str, site: str, parted: tuple[Divergence | None, Divergence | None]
) -> Wavering:
    one, other = parted
    sides = dict(_got(one)), dict(_got(other))
    path = next((path for path in {**sides[0], **sides[1]} if sides[0].get(path) != sides[1].get(path)), "")
    # Where one run asked what was recorded, the other says what that was.
    expected = {found: text for item in (one, other) if item is not None for found, text, _ in item.differences}
    texts = [side.get(path, expected.get(path, "")) for side in sides]
    hint = _hint(*texts)
    if "/" in address and hint != _HINTS["address"]:
        hint = _HINTS["race"]
    return Wavering(kind="call", what=operation, where=site, path=path, first=texts[0], second=texts[1], hint=hint)


def _readings(first: Mapping[tuple[str, str], int], second: Mapping[tuple[str, str], int]) -> Iterator[Wavering]:
    for path, place in sorted({*first, *second}):
        one, other = first.get((path, place), 0), second.get((path, place), 0)
        if one != other:
            what, _, where = place.partition(" ")
            told = f"{where} [{path}]" if where else f"[{path}]"
            texts = f"{one} times", f"{other} times"
            yield Wavering(
                kind="reading", what=what, where=told, first=texts[0], second=texts[1], hint=_HINTS["reading"]
            )


def _outputs(first: Played, second: Played) -> Iterator[Wavering]:
    for name in ("stdout", "stderr"):
        one, other = (_lines(getattr(played.outputs, name)) for played in (first, second))
        yield from _differing_lines(name, one, other)
    codes = [str(played.outputs.exit_code) for played in (first, second)]
    if codes[0] != codes[1]:
        yield Wavering(kind="output", what="exit code", first=codes[0], second=codes[1], hint=_HINTS["code"])


def _differing_lines(name: str, one: Sequence[str], other: Sequence[str]) -> Iterator[Wavering]:
    pairs = [(number, *pair) for number, pair in enumerate(zip_longest(one, other), 1) if pair[0] != pair[1]]
    is_order = sorted(one) == sorted(other)
    for number, *texts in pairs[: 1 if is_order else _MOST_LINES]:
        said = ["" if text is None else text for text in texts]
        hint = _HINTS["order"] if is_order else _hint(*said)
        sides = shown(Difference("", *(ABSENT if text is None else text for text in texts)))
        yield Wavering(kind="output", what=name, path=f"line {number}", first=sides[0], second=sides[1], hint=hint)


def _hint(one: str, other: str) -> str:
    """What most likely makes two texts differ."""
    if _ADDRESS.sub("", one) == _ADDRESS.sub("", other):
        return _HINTS["address"]
    if sorted(_WORD.findall(one)) == sorted(_WORD.findall(other)):
        return _HINTS["order"]
    if _NUMBER.sub("", one) == _NUMBER.sub("", other):
        return _HINTS["numbers"]
    return _HINTS["text"]


def _parted(played: Played) -> dict[str, Divergence]:
    """The calls that were not as recorded, by address."""
    reports = played.reports
    return {item.address: item for report in reports for item in report.divergences if item.kind != "missing"}


def _asked(played: Played) -> dict[str, str]:
    """The digests of what was asked, by address."""
    return {f"{call[0]}#{call[1]}": call[2] for report in played.reports for call in report.met}


def _got(item: Divergence | None) -> tuple[tuple[str, str], ...]:
    return () if item is None else tuple((path, got) for path, _, got in item.differences)


def _read(played: Played) -> dict[tuple[str, str], int]:
    return {(path, place): count for report in played.reports for path, place, count in report.read}


def _lines(data: bytes | None) -> list[str]:
    return (data or b"").decode("utf-8", "replace").splitlines()


def _order(address: str) -> str:
    """Addresses by their numbers, so that the tenth call comes behind the ninth."""
    return _NUMBER.sub(lambda number: number[0].zfill(8), address)
