"""Serves a tape to a program: finds the call at an address, compares it, and says what to do.

Nothing is ever performed live unless the plan or the one who divergences are put to says so.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

from agentreplay.model.call import Address, Answer, Call, Request, Site
from agentreplay.model.values import Value
from agentreplay.replay import divergence as divergences
from agentreplay.replay.canonical import answer_digest, canonical
from agentreplay.replay.divergence import Divergence
from agentreplay.replay.order import Order
from agentreplay.replay.patch import Patch, patch_answer, patch_request
from agentreplay.replay.tape import Tape
from agentreplay.replay.verdict import Met, Report

__all__ = ["LIVE", "SLEEP", "OnDivergence", "Outcome", "Plan", "Player"]

OnDivergence = Literal["stop", "serve", "live", "ask"]
Tail = Literal["live", "script", "hybrid"]

SLEEP = "sleep"
"""The place under which turns of sleeps are read."""


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
    request: Request | None = None
    """What to perform instead of what was asked."""
    divergence: Divergence | None = None
    scripted: bool = False
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

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._calls: Mapping[Address, Call] = {call.address: call for call in self.tape.calls}
        self._reads = {place: _Reads(values) for place, values in self.tape.readings.items()}
        self._served: set[Address] = set()
        self._parted = False
        at = self.plan.at
        self.order = Order(self._turns([call for call in self.tape.calls if at is None or call.seq < at]))
        self.report = Report()

    def _turns(self, calls: list[Call]) -> Iterable[int]:
        for call in calls:
            if call.answer is not None:
                yield call.answer.turn
                yield from (chunk.turn for chunk in call.answer.chunks)
        last = max((call.answer.last_turn for call in calls if call.answer is not None), default=0)
        for (_, place), reads in self.tape.readings.items():
            if place == SLEEP:
                yield from (turn for turn in reads if self.plan.at is None or turn < last)

    @property
    def last_turn(self) -> int:
        """The highest turn on the tape; what happens live comes after it."""
        turns = [call.answer.last_turn for call in self.tape.calls if call.answer is not None]
        slept = [turn for (_, place), values in self.tape.readings.items() if place == SLEEP for turn in values]
        return max([*turns, *slept], default=0)

    def meet(self, address: Address, request: Request, digest: str, site: Site) -> Outcome:
        """Say what becomes of the call the program makes at this address."""
        with self._lock:
            call = self._calls.get(address)
            plan = self.plan
            if plan.is_fork and (call is None or call.seq >= (plan.at or 0)):
                return self._beyond(call, request, digest, address)
            if call is None:
                return self._settle(divergences.new(address, request, site, self.tape.calls, self._served), None)
            if call.digest != digest and canonical(call.request) != canonical(request):
                found = divergences.changed(call, request, site, self.tape.calls, self.edited())
                return self._settle(found, call)
            return self._serve(call, digest)

    def _beyond(self, call: Call | None, request: Request, digest: str, address: Address) -> Outcome:
        """A call from the fork on."""
        plan = self.plan
        if call is not None and call.seq == plan.at and not self._parted:
            self._parted = True
            changed = patch_request(request, plan.patches)
            if any(patch.touches_request for patch in plan.patches) or not plan.patches or call.answer is None:
                return Outcome(request=changed, scripted=plan.tail == "script")
            patched = patch_answer(call.answer, plan.patches)
            return Outcome(answer=patched, seq=call.seq)
        if plan.tail == "hybrid" and call is not None and call.answer is not None and call.digest == digest:
            self.report.shared.append(call.seq)
            return self._serve(call, digest)
        del address
        return Outcome(scripted=plan.tail == "script")

    def _settle(self, found: Divergence, call: Call | None) -> Outcome:
        self.report.divergences.append(found)
        chosen = self.plan.on_divergence
        if chosen == "ask":
            chosen = self.ask(found)
        if chosen == "live":
            return LIVE
        if chosen == "serve" and call is not None and call.answer is not None:
            return self._serve(call, call.digest)
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
        if call.answer.is_live:
            return Outcome(request=call.request, seq=call.seq, turn=call.answer.turn)
        self._served.add(call.address)
        self.report.met.append(Met(call.address.path, call.address.ordinal, digest, answer_digest(call.answer)))
        return Outcome(answer=call.answer, seq=call.seq)

    def read(self, path: str, place: str) -> tuple[bool, Value]:
        """The next value read at this place, and whether there is one."""
        reads = self._reads.get((path, place))
        if reads is None or reads.next >= len(reads.values):
            return False, None
        reads.next += 1
        return True, reads.values[reads.next - 1]
