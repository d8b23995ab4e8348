"""Runs a small program twice: against a server while it is recorded, and without any network from its tape."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from agentreplay.model.call import Answer, Call, Request
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import Session
from agentreplay.playback.canonical import digest
from agentreplay.playback.folding import fold, fold_answer
from agentreplay.playback.player import Plan, Player
from agentreplay.playback.tape import Tape
from agentreplay.sdk import scope, tasks
from agentreplay.sdk.boundary import Boundary, Pending
from agentreplay.sdk.serving import Serving
from tests.sdk.seams.server import EVENTS, ZIPPED, requests_seen, serving

Program = Callable[[str], Any]

_connections: list[tuple[Any, ...]] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.getaddrinfo"}:
        _connections.append((event, *arguments))


sys.addaudithook(_watch)


@dataclass
class Memory:
    """Keeps calls in memory, and what was kept when."""

    begun: list[Pending] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def prepare(self, request: Request) -> Request:
        return request

    def begin(self, pending: Pending) -> None:
        self.begun.append(pending)

    def keep(self, pending: Pending, answer: Answer) -> None:
        fold(pending.request)
        fold_answer(answer)
        request = pending.request
        self.calls.append(
            Call(
                address=pending.address,
                site=pending.site,
                request=request,
                digest=digest(request),
                answer=answer,
                seq=len(self.calls) + 1,
            )
        )

    def read(self, path: str, place: str, value: object) -> None:
        raise AssertionError("nothing is read here")

    def unrecorded(self, what: str) -> None:
        raise AssertionError("everything is recorded here")

    @property
    def answers(self) -> list[Answer]:
        return [call.answer for call in self.calls if call.answer is not None]


def tape_of(memory: Memory) -> Tape:
    session = Session(tenant=TenantId("t"), project=ProjectId("p"), id=SessionId("s"))
    return Tape(session=session, is_finished=True, calls=tuple(memory.calls))


def run(boundary: Boundary, program: Program, url: str) -> Any:
    """Run a program from its beginning."""
    tasks.start_at("main")
    scope.default_boundary(boundary)
    try:
        return program(url)
    finally:
        scope.default_boundary(None)


@dataclass
class Played:
    """How it went, both times."""

    memory: Memory
    recorded: Any
    replayed: Any
    player: Player

    @property
    def answer(self) -> Answer:
        return self.memory.answers[-1]


def record(program: Program, url: str | None = None) -> tuple[Memory, Any, str]:
    memory = Memory()
    where: AbstractContextManager[str] = serving() if url is None else nullcontext(url)
    with where as address:
        result = run(Boundary(memory), program, address)
    return memory, result, address


def replay(memory: Memory, program: Program, url: str) -> tuple[Player, Any]:
    player = Player(tape_of(memory))
    before = len(_connections)
    result = run(Boundary(None, player, Serving(stop=_stop)), program, url)
    assert _connections[before:] == []
    return player, result


def play(program: Program, url: str | None = None) -> Played:
    """Record it, stop the server, replay it. Every call must be met, in its turn, and no other."""
    memory, recorded, address = record(program, url)
    player, replayed = replay(memory, program, address)
    assert player.report.divergences == []
    assert len(player.report.met) == len(memory.calls)
    assert player.order.skipped == 0
    return Played(memory, recorded, replayed, player)


def fork(memory: Memory, plan: Plan, program: Program, url: str, **named: Any) -> tuple[Memory, Any]:
    """Run it again with something changed; what is performed is kept."""
    kept = Memory()
    boundary = Boundary(kept, Player(tape_of(memory), plan), Serving(stop=_stop, **named))
    return kept, run(boundary, program, url)


def _stop(divergence: object) -> None:
    raise AssertionError(divergence)


def patience(path: str) -> float:
    """For how many seconds to wait for the server: long, unless it is the waiting that is tried."""
    return 0.4 if path in {"/slow", "/stalling"} else 20


def keeps_the_pieces_of_what_was_compressed(stream: Callable[..., Program]) -> None:
    """`stream` makes a program that returns a status and the pieces of an answer."""
    played = play(stream("/zipped"))

    assert played.recorded == [200, *ZIPPED]
    assert played.replayed == played.recorded


def is_not_complete_when_left_early(stream: Callable[..., Program]) -> None:
    """As above; `leave_after` says after how many things it is to stop."""
    played = play(stream("/stream", leave_after=2))

    assert played.recorded == [200, *EVENTS[:2]]
    assert played.replayed == played.recorded
    assert not played.answer.complete


def is_answered_by_a_script(stream: Callable[..., Program]) -> None:
    """As above."""
    memory, recorded, url = record(stream("/stream"))
    seen = len(requests_seen())

    kept, result = fork(memory, Plan(at=1, tail="script"), stream("/stream"), url, script=lambda _: memory.answers[0])

    assert result == recorded
    assert len(requests_seen()) == seen
    assert [chunk.size for chunk in kept.answers[0].chunks] == [chunk.size for chunk in memory.answers[0].chunks]
