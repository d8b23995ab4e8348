"""Serves a tape to a program: finds the call at an address, compares it, and says what to do.

Nothing is ever performed live unless the plan or the one who divergences are put to says so.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

from agentreplay.model.call import Address, Answer, Call, Request, Site
from agentreplay.model.values import Value
from agentreplay.playback import divergence as divergences
from agentreplay.playback.canonical import answer_digest, canonical
from agentreplay.playback.divergence import Divergence
from agentreplay.playback.order import Order
from agentreplay.playback.patch import Patch, patch_answer
from agentreplay.playback.tape import SLEEP, Tape
from agentreplay.playback.verdict import Met, Report

__all__ = ["LIVE", "OnDivergence", "Outcome", "Plan", "Player"]

OnDivergence = Literal["stop", "serve", "live", "ask"]
Tail = Literal["live", "script", "hybrid"]


@dataclass(frozen=True)
class Plan:
    """What is served and what is not."""

    at: int | None = None
    """The step from which on the program goes its own way; None: never."""
    patches: tuple[Patch, ...] = ()
    """What is otherwise in that step."""
    tail: Tail = "live"
    """What answers after it: the world, a script, or the tape for as long as the requests still match."""
    on_divergence: OnDivergence = "stop"

    @property
    def is_fork(self) -> bool:
        """Whether the program goes its own way at some step."""
        return self.at is not None


@dataclass(frozen=True)
class Outcome:
    """What becomes of a call: it is served, or performed, or the replay stops here."""

    answer: Answer | None = None
    patches: tuple[Patch, ...] = ()
    """What to change in what is asked before it is performed."""
    divergence: Divergence | None = None
    scripted: bool = False
    is_new: bool = False
    """Whether the answer is on no tape yet: a fork put it in."""
    seq: int = 0
    turn: int = 0
    """When it came back, of a call that is performed again because its answer is no plain value."""


LIVE = Outcome()


@dataclass
class _Reads:
    values: list[Value]
    next: int = 0


@dataclass
class Player:
    """One process's view of a tape."""

    tape: Tape
    plan: Plan = field(default_factory=Plan)
    ask: Callable[[Divergence], OnDivergence] = lambda _: "stop"
    edited: Callable[[], Iterable[str]] = tuple[str, ...]
    """Which functions of the program are not what they were, found out when it matters."""
    process: str = "main"
    """The path of the process that is served."""

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._calls: Mapping[Address, Call] = {call.address: call for call in self.tape.calls}
        self._reads = {place: _Reads(values) for place, values in self.tape.readings.items()}
        self._served: set[Address] = set()
        self._read_more: Counter[tuple[str, str]] = Counter()
        self._parted = False
        at = self.plan.at
        self._own = [call for call in self.tape.calls if _process_of(call.address.path) == self.process]
        self.order = Order(self._turns([call for call in self._own if at is None or call.seq < at]))
        self.report = Report()

    def _turns(self, calls: list[Call]) -> Iterable[int]:
        """What is waited for. What happened inside of a call that is served does not happen again."""
        for call in calls:
            if call.answer is not None and not call.inner:
                yield call.answer.turn
                yield from (chunk.turn for chunk in call.answer.chunks)
        last = max((call.answer.last_turn for call in calls if call.answer is not None), default=0)
        yield from (turn for turn in self._slept() if self.plan.at is None or turn < last)

    def _slept(self) -> list[int]:
        """The turns of all sleeps of this process."""
        return [
            turn
            for (path, place), turns in self.tape.readings.items()
            if place == SLEEP and _process_of(path) == self.process and not self.tape.is_inner(path)
            for turn in turns
        ]

    @property
    def last_turn(self) -> int:
        """The highest turn on the tape; what happens live comes after it."""
        turns = [call.answer.last_turn for call in self._own if call.answer is not None]
        return max([*turns, *self._slept()], default=0)

    def meet(self, address: Address, request: Request, digest: str, site: Site) -> Outcome:
        """Say what becomes of the call the program makes at this address."""
        with self._lock:
            call = self._calls.get(address)
            plan = self.plan
            if plan.is_fork and (call is None or call.seq >= (plan.at or 0)):
                return self._beyond(call, digest)
            if call is None:
                return self._settle(divergences.new(address, request, site, self.tape.calls, self._served), None)
            if not _is_same(call, request, digest):
                asked = self.tape.unpatched.get(address)
                if asked is not None and _is_same(asked, request, digest):
                    # The program asks as ever; what was asked instead, when the fork was recorded, has its answer.
                    return self._serve(call, call.digest)
                found = divergences.changed(call, request, site, self.tape.calls, self.edited())
                return self._settle(found, call, digest)
            return self._serve(call, digest)

    def _beyond(self, call: Call | None, digest: str) -> Outcome:
        """A call from the fork on."""
        plan = self.plan
        if call is not None and call.seq == plan.at and not self._parted:
            self._parted = True
            asked = tuple(patch for patch in plan.patches if patch.touches_request)
            if asked or not plan.patches or call.answer is None:
                return Outcome(patches=asked, scripted=plan.tail == "script")
            patched = patch_answer(call.answer, plan.patches)
            return Outcome(answer=patched, seq=call.seq, is_new=True)
        if plan.tail == "hybrid" and call is not None and call.answer is not None and call.digest == digest:
            self.report.shared.append(call.seq)
            return self._serve(call, digest)
        return Outcome(scripted=plan.tail == "script")

    def _settle(self, found: Divergence, call: Call | None, digest: str = "") -> Outcome:
        self.report.divergences.append(found)
        chosen = self.plan.on_divergence
        if chosen == "ask":
            chosen = self.ask(found)
        if chosen == "live":
            return LIVE
        if chosen == "serve" and call is not None and call.answer is not None:
            return self._serve(call, digest)
        self.report.stopped = True
        return Outcome(divergence=found)

    def _serve(self, call: Call, digest: str) -> Outcome:
        if call.answer is None:
            # The program was killed while it waited for this answer.
            found = Divergence(
                kind="new",
                seq=call.seq,
                operation=call.request.operation,
                address=str(call.address),
                site=str(call.site),
                cause="the recording ended before this call was answered",
                order=self.last_turn,
            )
            return self._settle(found, None)
        self._served.add(call.address)
        self.report.met.append(Met(call.address.path, call.address.ordinal, digest, answer_digest(call.answer)))
        if call.answer.is_live:
            return Outcome(seq=call.seq, turn=call.answer.turn)
        return Outcome(answer=call.answer, seq=call.seq)

    def read(self, path: str, place: str) -> tuple[bool, Value]:
        """The next value read at this place, and whether there is one. From a fork on everything is read anew."""
        reads = self._reads.get((path, place))
        if reads is None or reads.next >= len(reads.values) or self._parted:
            self._read_more[path, place] += 1
            return False, None
        reads.next += 1
        return True, reads.values[reads.next - 1]

    def finish(self) -> Report:
        """The report, when the process ends."""
        if self.order.skipped:
            self.report.notes.append(f"{self.order.skipped} answers were not waited for, because nobody asked for them")
        counts = self._read_more + Counter({place: reads.next for place, reads in self._reads.items()})
        self.report.read = [(*place, count) for place, count in sorted(counts.items())]
        if not self.report.divergences and not self.plan.is_fork:
            self.report.remarks += [f"edited since the recording, with no effect: {name}" for name in self.edited()]
        return self.report

    def served_steps(self) -> dict[str, Value]:
        """What a fork shares with its past: steps, and how much was read at each place."""
        steps = sorted(self._calls[address].seq for address in self._served)
        return {"steps": steps, "read": [[*place, reads.next] for place, reads in self._reads.items() if reads.next]}


def _is_same(call: Call, request: Request, digest: str) -> bool:
    return call.digest == digest or canonical(call.request) == canonical(request)


def _process_of(path: str) -> str:
    """The process a task belongs to: the path up to the end of its last process."""
    head, sign, tail = path.rpartition("!")
    if not sign:
        return "main" if path.startswith("main") else path
    number = next((place for place, letter in enumerate(tail) if letter in "/:"), len(tail))
    return head + sign + tail[:number]
