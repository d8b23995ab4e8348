"""One replay through the gateway: what was recorded is served to whoever asks with its token."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from agentreplay.core.fork import check_patches, step_of
from agentreplay.core.speech import say
from agentreplay.intake.providers import Reply
from agentreplay.model.call import NOWHERE, Answer, Request
from agentreplay.model.session import SessionKey
from agentreplay.playback.canonical import digest
from agentreplay.playback.divergence import Divergence, describe
from agentreplay.playback.patch import parse
from agentreplay.playback.player import Outcome, Plan, Player
from agentreplay.playback.tape import Tape
from agentreplay.playback.verdict import Verdict, judge
from agentreplay.server.gateway.matching import Matching, bases_of, through_gateway
from agentreplay.server.gateway.sessions import HeadRedactor
from agentreplay.server.gateway.upstreams import Upstream

__all__ = ["Manner", "Met", "OnDivergence", "Playing", "headers_of", "pieces_of"]

OnDivergence = Literal["stop", "serve", "live"]


@dataclass(frozen=True)
class Manner:
    """How to replay. Raises nothing; what does not fit the tape is told when a replay begins."""

    on_divergence: OnDivergence = "stop"
    at: str = ""
    """The step a fork begins at, or `last`; empty for none."""
    patches: tuple[str, ...] = ()
    at_recorded_speed: bool = False


@dataclass(frozen=True)
class Met:
    """What becomes of a request."""

    outcome: Outcome
    digest: str
    """Of what was asked."""


class Playing:
    """A tape that is being served. Belongs to one event loop."""

    def __init__(self, tape: Tape, manner: Manner, upstreams: dict[str, Upstream], redactor: HeadRedactor) -> None:
        """Raises StepMissing and ValueInvalid where a fork does not fit the tape."""
        self._bases = bases_of(tape, upstreams)
        self.tape = through_gateway(tape, self._bases)
        patches = tuple(parse(text) for text in manner.patches)
        self.at = step_of(self.tape, manner.at) if manner.at else None
        if self.at is not None:
            check_patches(self.tape, self.at, patches)
        self.manner = manner
        plan = Plan(at=self.at, patches=patches, on_divergence=manner.on_divergence)
        self._player = Player(self.tape, plan, speak=_speak)
        self._matching = Matching(self.tape)
        self._redactor = redactor
        self._stopped: Divergence | None = None

    @property
    def key(self) -> SessionKey:
        """The session that is replayed."""
        return self.tape.session.key

    def base(self, name: str) -> str:
        """Where the upstream of this name was when the tape was recorded."""
        return self._bases[name]

    def prepared(self, request: Request) -> Request:
        """The request in the form in which it was kept: without secrets. May be called from any thread."""
        return self._redactor.request(request)

    def meet(self, kept: Request) -> Met:
        """Say what becomes of a request. Where the replay stopped, all that comes later is stopped there too."""
        kept = self._matching.asked_as_before(kept)
        wanted = digest(kept)
        if self._stopped is not None:
            return Met(Outcome(divergence=self._stopped), wanted)
        address = self._matching.address(kept, wanted)
        outcome = self._player.meet(address, kept, wanted, NOWHERE)
        self._stopped = outcome.divergence
        if outcome.answer is None and outcome.divergence is None:
            self._player.report.live += 1
        return Met(outcome, wanted)

    def verdict(self) -> Verdict:
        """How it has come out so far."""
        return judge(self.tape, [self._player.finish()], self.tape.outputs)

    def why(self, divergence: Divergence) -> str:
        """The divergence in words, for the agent that asked."""
        return "the replay stopped here: " + "\n  ".join(describe(divergence))


def headers_of(answer: Answer) -> list[tuple[bytes, bytes]]:
    """The headers of a served answer. Its length is left to whoever sends it."""
    told = cast("Sequence[Sequence[str]]", answer.head.get("headers", [["content-type", answer.media]]))
    pairs = [(name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in told]
    gone = {b"content-length", b"transfer-encoding", b"connection", b"keep-alive", b"date"}
    return [pair for pair in pairs if pair[0] not in gone]


async def pieces_of(answer: Answer, *, at_recorded_speed: bool) -> AsyncGenerator[bytes]:
    """The body of a served answer as it arrived."""
    place = 0
    for chunk in answer.chunks:
        if at_recorded_speed:
            await asyncio.sleep(chunk.after / 1e9)
        yield answer.body[place : place + chunk.size]
        place += chunk.size
    if not answer.chunks and answer.body:
        yield answer.body


def _speak(request: Request, text: str) -> Answer | None:
    return say(request, Reply(text=text), 0)
