"""The boundary of the program: the one place that decides whether a call is performed, served or refused.

A seam asks `begin` for every call it sees. None means that it is none of our business: nobody records, or a
call further out is being performed. Otherwise the seam serves the answer it is given, or performs the call and
tells how it went.
"""

import itertools
import os
import threading
import time
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from types import CodeType
from typing import TYPE_CHECKING, Protocol, cast

from msgspec.structs import replace

from agentreplay.model.call import Address, Answer, Raised, Request, Site
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.playback.canonical import digest
from agentreplay.playback.tape import SLEEP
from agentreplay.sdk import places, tasks
from agentreplay.sdk.printing import Printing
from agentreplay.sdk.raising import revive, revive_async, told_of
from agentreplay.sdk.serving import Serving
from agentreplay.sdk.silence import is_silent, silence
from agentreplay.sdk.stream import Stream

if TYPE_CHECKING:
    # Who only records never loads what serves.
    from agentreplay.playback.divergence import Divergence
    from agentreplay.playback.player import Outcome, Player

__all__ = ["Boundary", "Pending", "Recording"]

_now, _sleep = cast("Callable[[], Nanoseconds]", time.time_ns), time.sleep
"""As they are before anything is patched."""


class Recording(Protocol):
    """Where calls are kept."""

    def prepare(self, request: Request) -> Request:
        """The request as it may be kept: without secrets."""
        ...

    def begin(self, pending: "Pending") -> None:
        """A call begins."""
        ...

    def keep(self, pending: "Pending", answer: Answer) -> None:
        """Keep a call with its answer. When this returns, the answer survives the death of the process."""
        ...

    def read(self, path: str, place: str, value: Value) -> None:
        """Keep what was read; it is on the tape no later than the next call of the same task."""
        ...

    def unrecorded(self, what: str) -> None:
        """Keep that something went by which cannot be served again."""
        ...


class Boundary:
    """One program's boundary, recording, serving a tape, or both."""

    def __init__(
        self, recorder: Recording | None = None, player: "Player | None" = None, serving: Serving | None = None
    ) -> None:
        serving = serving or Serving()
        self.recorder = recorder
        self.player = player
        self.at_recorded_speed = serving.at_recorded_speed
        self._prepare = serving.prepare or (_as_it_is if recorder is None else recorder.prepare)
        self._stop = serving.stop
        self._script = serving.script
        self._turns = itertools.count(player.last_turn + 1 if player is not None else 1)
        self._goes_on = False
        self._unrecorded: set[str] = set()
        self.begin_anew()
        _boundaries.add(self)

    def begin_anew(self) -> None:
        """No thread is in the middle of anything, as in a forked child."""
        # Taken again by a thread that has it, where a finalizer ends a call in the middle of our own work.
        self._returning = threading.RLock()

    def begin(self, request: Request) -> "Pending | None":
        """A call begins, from the running task. None: perform it and tell nobody."""
        if is_silent():
            return None
        pending = Pending(self, tasks.current(), request, places.caller(2))
        if self.player is None:
            if self.recorder is not None:
                self.recorder.begin(pending)
            return pending
        with silence():
            prepared = self._prepare(request)
            outcome = self.player.meet(pending.address, prepared, digest(prepared), pending.site)
        if outcome.divergence is not None:
            self.stop(outcome.divergence)
        pending.follow(outcome)
        if pending.is_patched:
            pending.asked = digest(prepared)
        if pending.answer is None:
            self._go_live(pending, outcome)
        elif outcome.is_new:
            self._keep_new(pending, pending.answer)
        return pending

    def _go_live(self, pending: "Pending", outcome: "Outcome") -> None:
        if outcome.scripted and self._script is not None:
            pending.scripted = self._script(pending.request)
        if self.player is not None:
            self.player.report.live += outcome.turn == 0
        if self.recorder is not None and outcome.turn == 0:
            self.recorder.begin(pending)

    def _keep_new(self, pending: "Pending", answer: Answer) -> None:
        """What a fork puts in becomes part of its own tape."""
        if self.recorder is not None:
            self.recorder.begin(pending)
            self.keep(pending, replace(answer, turn=0))

    def keep(self, pending: "Pending", answer: Answer) -> None:
        """Keep an answer before the program has it.

        One after the other: a thread that came back first, and waits for the disk, is not overtaken by one that came
        back behind it. So the program goes on in the order of the turns, when it is recorded as when it is replayed.
        """
        if self.recorder is not None:
            with self._returning:
                self.recorder.keep(pending, answer if answer.turn else replace(answer, turn=self.next_turn()))

    def stop(self, divergence: "Divergence") -> None:
        """End the replay here."""
        if self._stop is not None:
            self._stop(divergence)

    @property
    def may_go_live(self) -> bool:
        """Whether a call may ever be performed here."""
        player = self.player
        return player is None or player.plan.is_fork or player.plan.on_divergence in {"live", "ask"}

    def unrecorded(self, what: str) -> bool:
        """Tell, once, that something goes by which no seam records. False: a replay cannot let it."""
        if is_silent():
            return True
        if self.player is not None and not self.may_go_live:
            self.player.report.refused.append(what)
            return False
        if self.recorder is not None and what not in self._unrecorded:
            self._unrecorded.add(what)
            self.recorder.unrecorded(what)
        return True

    def next_turn(self) -> int:
        """The turn of what comes back now."""
        self._goes_on = True
        return next(self._turns)

    def came_back(self, turn: int, *, is_late: bool = False) -> None:
        """What is served came back. Behind something that came anew, it did so in a turn of its own."""
        player = self.player
        if turn and player is not None and player.plan.is_fork:
            with self._returning:
                is_late = is_late or self._goes_on or player.order.skipped > 0
                player.came_back(turn, self.next_turn() if is_late else turn)

    def read(self, place: str, code: CodeType, live: Callable[[], Value]) -> Value:
        """A value read from outside by this code, such as the time: served, or read and kept."""
        if is_silent() or not (where := places.reading(place, code)):
            return live()
        path = tasks.current().path
        if self.player is not None:
            found, value = self.player.read(path, where)
            if found:
                return value
            self._missed(where, code)
        value = live()
        if self.recorder is not None:
            self.recorder.read(path, where, value)
        return value

    def _missed(self, where: str, code: CodeType) -> None:
        player = self.player
        if player is not None and not player.plan.is_fork and places.is_own(code.co_filename):
            player.report.notes.append(f"{where} read more than was recorded")

    def sleep(self, seconds: float, live: Callable[[float], None]) -> None:
        """Sleep, or take the turn of a sleep that was recorded."""
        turn = self._sleep_turn()
        if turn is None or self.player is None:
            live(seconds)
            self._keep_sleep()
            return
        if self.at_recorded_speed:
            live(seconds)
        self.player.order.take(turn)
        self.came_back(turn)

    async def sleep_async(self, seconds: float, live: Callable[[float], Awaitable[None]]) -> None:
        """The same, for a task."""
        turn = self._sleep_turn()
        if turn is None or self.player is None:
            await live(seconds)
            self._keep_sleep()
            return
        await live(seconds if self.at_recorded_speed else 0)
        await self.player.order.take_async(turn)
        self.came_back(turn)

    def _sleep_turn(self) -> int | None:
        if self.player is None or is_silent():
            return None
        found, turn = self.player.read(tasks.current().path, SLEEP)
        return turn if found else None

    def _keep_sleep(self) -> None:
        if self.recorder is not None and not is_silent():
            self.recorder.read(tasks.current().path, SLEEP, self.next_turn())


_boundaries: weakref.WeakSet[Boundary] = weakref.WeakSet()


def _begin_anew() -> None:
    for boundary in list(_boundaries):
        boundary.begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


class Pending:
    """A call that has begun."""

    def __init__(self, boundary: Boundary, task: tasks.Task, request: Request, site: Site) -> None:
        self.boundary = boundary
        self.address = Address(task.path, task.next_call())
        self.site = site
        self.request = request
        """What is asked; where a fork patches it, what to ask instead."""
        self.is_patched = False
        self.asked = ""
        """The digest of what the program asked, where a fork asks something else."""
        self.answer: Answer | None = None
        """The answer to serve; None: perform the call."""
        self.scripted: Answer | None = None
        """The answer a script gives instead of performing; it is kept like one that was performed."""
        self.started = _now()
        self.note: object = None
        """What the recorder remembers of it."""
        self.origin: object = None
        """What a seam's reviver needs to make a recorded exception again, such as the connection it speaks of."""
        self.printing: Printing | None = None
        """What the program prints while it performs the call itself."""
        self.is_finished = False
        """Whether it was told how it went."""
        self._turn = 0
        self._is_late = False
        self._taken = 0

    def follow(self, outcome: "Outcome") -> None:
        """Do as the player says."""
        self.answer = outcome.answer
        self._turn = outcome.turn
        self._is_late = outcome.is_late
        if outcome.patches:
            # What the program asks is changed, and not what is kept of it: that lacks its secrets.
            self.is_patched = True
            from agentreplay.playback.patch import patch_request  # start-up

            self.request = patch_request(self.request, outcome.patches)

    def wait(self) -> None:
        """Return when the served answer came back in the recording; raise what was raised there."""
        answer, player = self.served, self.boundary.player
        if player is not None and answer.turn:
            if self.boundary.at_recorded_speed:
                _sleep(_took(answer) / 1e9)
            self._take(player, answer.turn)
        if (raised := _instead(answer)) is not None:
            raise revive(raised, self)

    async def wait_async(self) -> None:
        """The same, for a task."""
        answer, player = self.served, self.boundary.player
        if player is not None and answer.turn:
            await self._take_async(player, answer.turn, _took(answer))
        if (raised := _instead(answer)) is not None:
            raise await revive_async(raised, self)

    @property
    def served(self) -> Answer:
        """The answer to serve."""
        if self.answer is None:
            raise AssertionError("this call is to be performed")  # a seam is wrong
        return self.answer

    def leave(self) -> None:
        """The program takes no more of a served answer than it did: nobody has to wait for the rest of it."""
        answer, player = self.answer, self.boundary.player
        if answer is not None and player is not None:
            rest = answer.chunks[self._taken :]
            self._taken = len(answer.chunks)
            player.order.forget([answer.turn, *(chunk.turn for chunk in rest)])

    def finish(self, answer: Answer) -> None:
        """It was performed, and this came back."""
        self.is_finished = True
        player = self.boundary.player
        if self._turn and player is not None:
            self._take(player, self._turn)
            return
        self.boundary.keep(self, answer if self.printing is None else self.printing.join(answer))

    def fail(self, error: BaseException) -> None:
        """It was performed, and this was raised."""
        self.finish(Answer(raised=told_of(error), complete=isinstance(error, Exception)))

    def stream(self, head: dict[str, Value], media: str) -> Stream:
        """It was performed, and a body follows piece by piece."""
        return Stream(self.finish, self.boundary.next_turn, head, media)

    def pieces(self) -> Generator[bytes, None, None]:
        """The body of a served answer as it arrived."""
        answer, place = self.served, 0
        for chunk in answer.chunks:
            if self.boundary.at_recorded_speed:
                _sleep(chunk.after / 1e9)
            if self.boundary.player is not None:
                self._take(self.boundary.player, chunk.turn)
            self._taken += 1
            yield answer.body[place : place + chunk.size]
            place += chunk.size
        if not answer.chunks and answer.body:
            yield answer.body
        if answer.raised is not None:
            raise revive(answer.raised, self)

    async def pieces_async(self) -> AsyncGenerator[bytes, None]:
        """The same, for a task."""
        answer, place = self.served, 0
        for chunk in answer.chunks:
            if self.boundary.player is not None:
                await self._take_async(self.boundary.player, chunk.turn, chunk.after)
            self._taken += 1
            yield answer.body[place : place + chunk.size]
            place += chunk.size
        if not answer.chunks and answer.body:
            yield answer.body
        if answer.raised is not None:
            raise await revive_async(answer.raised, self)

    def _take(self, player: "Player", turn: int) -> None:
        if not self._is_late:
            player.order.take(turn)
        self.boundary.came_back(turn, is_late=self._is_late)

    async def _take_async(self, player: "Player", turn: int, after: int) -> None:
        try:
            if self.boundary.at_recorded_speed:
                await _pause_async(after)
            if not self._is_late:
                await player.order.take_async(turn)
        except BaseException:
            self.leave()  # it is cancelled
            raise
        self.boundary.came_back(turn, is_late=self._is_late)


def _instead(answer: Answer) -> Raised | None:
    """What was raised instead of an answer. With a head, it is the body that broke, if only before its first piece."""
    return None if answer.chunks or answer.head else answer.raised


def _as_it_is(request: Request) -> Request:
    return request


def _took(answer: Answer) -> int:
    """How long the answer took to come, in nanoseconds, where that is known."""
    took = answer.head.get("_took")
    return took if isinstance(took, int) else 0


async def _pause_async(nanoseconds: int) -> None:
    import asyncio  # start-up

    with silence():
        await asyncio.sleep(nanoseconds / 1e9)
