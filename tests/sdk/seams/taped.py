"""Programs recorded in memory and replayed from there, with the real seams in between."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from agentreplay.model.call import Answer, Call, Request
from agentreplay.model.values import Value, decode, encode
from agentreplay.playback.canonical import digest
from agentreplay.playback.folding import fold_answer
from agentreplay.playback.player import Plan, Player
from agentreplay.playback.tape import Tape
from agentreplay.sdk import scope, tasks
from agentreplay.sdk.boundary import Boundary, Pending
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.serving import Serving
from agentreplay.testing import Maker

T = TypeVar("T")
Install = Callable[[Patches], None]


class Memory:
    """A recording that is kept in memory."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.readings: dict[tuple[str, str], list[Value]] = {}
        self.gone_by: list[str] = []
        self._numbers = itertools.count(1)

    def prepare(self, request: Request) -> Request:
        return request

    def begin(self, pending: Pending) -> None:
        pending.note = next(self._numbers)

    def keep(self, pending: Pending, answer: Answer) -> None:
        fold_answer(answer)  # what cannot be kept is found here
        self.calls.append(
            Call(
                address=pending.address,
                site=pending.site,
                request=pending.request,
                digest=digest(pending.request),
                answer=answer,
                seq=len(self.calls) + 1,
            )
        )

    def read(self, path: str, place: str, value: Value) -> None:
        self.readings.setdefault((path, place), []).append(value)

    def unrecorded(self, what: str) -> None:
        self.gone_by.append(what)

    def tape(self) -> Tape:
        kept: Any = decode(encode(list(self.readings.values())))
        return Tape(
            session=Maker().session(),
            is_finished=True,
            calls=tuple(self.calls),
            readings=dict(zip(self.readings, kept, strict=True)),
        )


@contextmanager
def crossing(boundary: Boundary, *installs: Install) -> Iterator[None]:
    """What happens in here crosses the boundary, as the first thing this process does."""
    patches = Patches()
    tasks.start_at("main")
    scope.default_boundary(boundary)
    try:
        for install in installs:
            install(patches)
        yield
    finally:
        patches.undo()
        scope.default_boundary(None)


def record(program: Callable[[], T], *installs: Install) -> tuple[T, Memory]:
    """What the program returns, and what was recorded of it."""
    memory = Memory()
    with crossing(Boundary(memory), *installs):
        return program(), memory


def replay(program: Callable[[], T], memory: Memory, *installs: Install, plan: Plan | None = None) -> tuple[T, Player]:
    """What the program returns when the tape is served, and what was met."""
    player = Player(memory.tape(), plan or Plan())
    with crossing(Boundary(None, player, Serving(stop=_stop)), *installs):
        return program(), player


def twice(program: Callable[[], T], *installs: Install) -> tuple[T, T]:
    """What the program returns while it is recorded and while it is replayed, without anything amiss."""
    recorded, memory = record(program, *installs)
    replayed, player = replay(program, memory, *installs)
    assert player.report.divergences == []
    assert player.report.notes == []
    assert player.order.skipped == 0
    assert len(player.report.met) == len(memory.calls)
    return recorded, replayed


def _stop(divergence: Any) -> None:
    raise AssertionError(f"the replay diverged: {divergence}")
