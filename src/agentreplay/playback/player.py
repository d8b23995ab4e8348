"""Serves a tape to a program: finds the call at an address, compares it, and says what to do.

Nothing is ever performed live unless the plan or the one who divergences are put to says so.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Literal, cast

from agentreplay.model.call import Address, Answer, Call, Request, Site
from agentreplay.model.values import Value
from agentreplay.playback import canonical
from agentreplay.playback import divergence as divergences
from agentreplay.playback.canonical import answer_digest
from agentreplay.playback.cause import Evidence
from agentreplay.playback.divergence import Divergence
from agentreplay.playback.order import Order
from agentreplay.playback.parting import Parting
from agentreplay.playback.patch import Patch, patch_answer
from agentreplay.playback.tape import SLEEP, Tape, is_within, process_of, served_places
from agentreplay.playback.verdict import Met, Report

__all__ = ["LIVE", "OnDivergence", "Outcome", "Plan", "Player", "Tail"]

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
    is_new: bool = False
    """Whether the answer was never recorded, because a fork puts it in: it has to be kept like one that came."""
    is_late: bool = False
    """Whether it is served behind the beginning of a fork: it waits for no turn, and comes back in a new one."""
    patches: tuple[Patch, ...] = ()
    """What to change in what is asked before it is performed."""
    divergence: Divergence | None = None
    scripted: bool = False
    turn: int = 0
    """When it came back, of a call that is performed again because its answer is no plain value."""


LIVE = Outcome()
_SHOWN = 12


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
    speak: Callable[[Request, str], Answer | None] = lambda _, __: None
    """A text as the answer of the model that is asked; None when no model is asked."""
    process: str = "main"
    """The path of the process that is served."""
    tell: Callable[[], None] = lambda: None
    """Called for each call the program makes."""

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._calls: Mapping[Address, Call] = {call.address: call for call in self.tape.calls}
        self._reads = {place: _Reads(values) for place, values in self.tape.readings.items()}
        self._served: set[Address] = set()
        self._read_more: Counter[tuple[str, str]] = Counter()
        self._turned: dict[int, int] = {}
        self._passed: Counter[tuple[str, str]] = Counter()
        at = self.plan.at
        self._tool = None if at is None else self.tape.tools.get(at)
        self._own = [call for call in self.tape.calls if process_of(call.address.path) == self.process]
        before = [call for call in self._own if (at is None or call.seq < at) and not call.inner]
        # What came by a script came at once, and has no turn.
        self.order = Order(turn for turn in self._turns(before) if turn)
        slept = {path: turns for (path, place), turns in self.tape.readings.items() if place == SLEEP}
        self._parting = Parting(before if self.plan.is_fork else (), cast("Mapping[str, list[int]]", slept), self.order)
        self._may_be_new = not self._is_before_fork(at)
        self.report = Report()

    def _turns(self, calls: Sequence[Call]) -> Iterable[int]:
        """The turns that this process will take: of these calls, which are served, and of its sleeps in between."""
        for call in calls:
            if call.answer is not None:
                yield from call.answer.turns
        last = max((call.answer.last_turn for call in calls if call.answer is not None), default=0)
        # Whoever sleeps inside of a call that is served does not sleep again.
        yield from (turn for turn in self._slept(served_places(calls)) if self.plan.at is None or turn < last)

    def _slept(self, served: set[str]) -> list[int]:
        """The turns of the sleeps of this process, but for those below what is served."""
        return [
            turn
            for (path, place), turns in self.tape.readings.items()
            if place == SLEEP and process_of(path) == self.process and not is_within(path, served)
            for turn in turns
        ]

    @property
    def last_turn(self) -> int:
        """The highest turn on the tape; what happens live comes after it."""
        turns = [call.answer.last_turn for call in self._own if call.answer is not None]
        return max([*turns, *self._slept(set())], default=0)

    def _is_before_fork(self, at: int | None) -> bool:
        """Whether a call that is not on the tape would come before the step at which this process parts from it.

        The tape of a session that was killed lacks calls that were under way, so there nothing can be said.
        """
        if at is None:
            return True
        tool = self._tool
        is_here = any(call.seq == at for call in self._own)
        is_here = is_here or (tool is not None and process_of(tool.address.partition("#")[0]) == self.process)
        return self.tape.is_finished and is_here

    def meet(self, address: Address, request: Request, digest: str, site: Site) -> Outcome:
        """Say what becomes of the call the program makes at this address."""
        with self._lock:
            self.tell()
            call = self._calls.get(address)
            at = self.plan.at
            if call is None:
                if self._parting.has_begun or self._may_be_new:
                    return self._beyond()
                return self._settle(divergences.new(address, request, site, self.tape.calls, self._served), None)
            if at is not None and (call.seq >= at or call.answer is None):
                return self._from_fork(call, request, digest)
            if not _is_same(call, digest):
                files = frozenset(name.rpartition(":")[0] for name in self.tape.sources)
                evidence = Evidence(self.tape.calls, tuple(self.edited()), files)
                found = divergences.changed(call, request, site, self._served, evidence)
                return self._settle(found, call, digest)
            if call.answer is None:
                return self._settle(divergences.unanswered(call, site), None)
            return self._serve(call, call.answer, call.digest)

    def _from_fork(self, call: Call, request: Request, digest: str) -> Outcome:
        """A recorded call from the fork on, or one the recording broke off at."""
        if call.seq == self.plan.at and not self._parting.has_begun:
            self._parting.begin(call.address.path)
            return self._patched(call, request)
        self._parting.go_on(call.address.path)
        if self.plan.tail == "hybrid" and call.answer is not None and _is_same(call, digest):
            outcome = self._serve(call, call.answer, call.digest)
            return replace(outcome, is_late=True)
        return self._beyond()

    def _beyond(self) -> Outcome:
        return Outcome(scripted=self.plan.tail == "script")

    def _patched(self, call: Call, request: Request) -> Outcome:
        """The call that the patches are for."""
        patches = self.plan.patches
        asked = tuple(patch for patch in patches if patch.touches_request)
        if asked or not patches or call.answer is None:
            return Outcome(patches=asked, scripted=self.plan.tail == "script")
        answer = call.answer
        for patch in patches:
            spoken = self.speak(request, str(patch.value)) if patch.is_speech else None
            answer = spoken or patch_answer(answer, (patch,), request.seam)
        return Outcome(answer=answer, is_new=True)

    def _settle(self, found: Divergence, call: Call | None, digest: str = "") -> Outcome:
        self.report.divergences.append(found)
        chosen = self.plan.on_divergence
        if chosen == "ask":
            chosen = self.ask(found)
        if chosen == "live":
            return LIVE
        if chosen == "serve" and call is not None and call.answer is not None:
            return self._serve(call, call.answer, digest)
        self.report.stopped = True
        return Outcome(divergence=found)

    def _serve(self, call: Call, answer: Answer, digest: str) -> Outcome:
        self._served.add(call.address)
        self._parting.serve(call)
        self.report.met.append(Met(call.address.path, call.address.ordinal, digest, answer_digest(answer)))
        if answer.is_live:
            return Outcome(turn=answer.turn)
        return Outcome(answer=answer)

    def begins_at(self, tool: str) -> bool:
        """Whether the fork begins at the tool that a framework runs here; then everything behind it is anew."""
        with self._lock:
            if self._parting.has_begun or self._tool is None or tool != self._tool.address:
                return False
            self._parting.begin(tool.rpartition("#")[0])
            self.report.is_revised = not self.plan.patches
            return True

    def came_back(self, turn: int, now: int) -> None:
        """What came back in this turn once came back in that one now."""
        self._turned[turn] = now

    def passed(self, path: str, name: str, digest: str) -> None:
        """The program passes a checkpoint with this state. Where a fork goes its own way, it may be another one."""
        with self._lock:
            place = path, name
            recorded = self.tape.checkpoints.get(place, [])
            number = self._passed[place]
            self._passed[place] += 1
            if self.plan.is_fork or number >= len(recorded) or recorded[number] == digest:
                return
            before, now = recorded[number][:_SHOWN], digest[:_SHOWN]
            self.report.notes.append(f"the state at the checkpoint {name!r} is {now}…, and was {before}…")

    def read(self, path: str, place: str) -> tuple[bool, Value]:
        """The next value read at this place, and whether there is one."""
        reads = self._reads.get((path, place))
        if reads is None or reads.next >= len(reads.values) or self._parting.is_behind(path):
            self._read_more[path, place] += 1
            return False, None
        reads.next += 1
        return True, reads.values[reads.next - 1]

    def finish(self) -> Report:
        """The report, when the process ends."""
        if skipped := self.order.skipped:
            self.report.notes.append(f"{skipped} answers were not waited for, because nobody asked for them in time")
        counts = self._read_more + Counter({place: reads.next for place, reads in self._reads.items()})
        self.report.read = [(*place, count) for place, count in sorted(counts.items())]
        if not self.report.divergences and not self.plan.is_fork:
            self.report.remarks += [f"edited since the recording, with no effect: {name}" for name in self.edited()]
        return self.report

    def served_steps(self) -> dict[str, Value]:
        """What a fork shares with its past: steps, how much was read at each place, and turns that are others now."""
        return {
            "steps": sorted(self._calls[address].seq for address in self._served),
            "process": self.process,
            "turns": [[turn, now] for turn, now in self._turned_into() if turn != now],
            "read": [[*place, reads.next] for place, reads in self._reads.items() if reads.next],
        }

    def _turned_into(self) -> Iterable[tuple[int, int]]:
        """The turns of what was served, and those in which it came back to the fork: 0 for what it took no more of."""
        answers = (self._calls[address].answer for address in self._served)
        turns = {turn for answer in answers if answer is not None for turn in answer.turns}
        for (_, place), reads in self._reads.items():
            if place == SLEEP:
                turns.update(reads.values[: reads.next])
        return [(turn, self._turned.get(turn, 0)) for turn in sorted(turns)]


def _is_same(call: Call, digest: str) -> bool:
    """Whether the call asks for this. A tape may have digests of another form: its requests are what counts."""
    return digest == call.digest or digest == canonical.digest(call.request)
