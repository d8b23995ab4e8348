"""The sessions that come through the gateway: each begins with a call, and ends when none has come for a while."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from blake3 import blake3
from msgspec.structs import replace as replaced

from agentreplay.core.live import Life
from agentreplay.core.outside import AGENT_SESSION, SOURCE
from agentreplay.core.redact import Redactor, Rule, read_rules
from agentreplay.core.redact_call import CallRedactor
from agentreplay.errors import AgentReplayError, StoreReadOnly
from agentreplay.model.batch import Batch
from agentreplay.model.call import Address, Answer, Request
from agentreplay.model.ids import SpanId, TraceId, new_session_id
from agentreplay.model.session import Origin, Session, SessionKey
from agentreplay.model.span import Span
from agentreplay.model.time import Clock, Nanoseconds
from agentreplay.model.values import Value
from agentreplay.playback.tape import SALT
from agentreplay.server.gateway.whose import Whose
from agentreplay.settings import Settings

__all__ = ["Fork", "GatewaySession", "GatewaySessions", "HeadRedactor", "redactor_of"]

_SECOND = 1_000_000_000
_MOST_OPEN = 200
_PATIENCE = 2.0


@dataclass(frozen=True)
class Fork:
    """What a session that goes on from a recorded one has to know."""

    origin: Origin
    name: str
    salt: str
    calls: int
    """How many calls of its past have an address."""


@dataclass
class GatewaySession:
    """One that is going on. It has an outermost span from its first call to its last."""

    key: SessionKey
    trace_id: TraceId
    root: Span
    redactor: "HeadRedactor"
    life: Life
    last: Nanoseconds
    """When its last call came to its end."""
    ordinals: "count[int]"
    turns: "count[int]" = field(default_factory=lambda: count(1))
    busy: int = 0
    """How many calls are under way."""
    agent_session: str = ""
    """What the agent calls its own session, as soon as it said so."""

    def next_address(self, upstream: str) -> Address:
        """The address of the next call. A name of an upstream has no sign in it that paths give a meaning."""
        return Address(f"main/{upstream}", next(self.ordinals))

    def next_turn(self) -> int:
        """The turn of what comes back now."""
        return next(self.turns)


class HeadRedactor:
    """Takes secrets out of calls. Keys in the heads of HTTP go whatever the policy for contents is."""

    def __init__(self, redactor: Redactor, salt: bytes) -> None:
        self._calls = CallRedactor(redactor)
        self._heads = CallRedactor(Redactor(salt=salt))

    def request(self, request: Request) -> Request:
        """The request as it may be kept."""
        head = self._heads.request(Request(seam=request.seam, operation="", head=request.head)).head
        return self._calls.request(replaced(request, head=head))

    def answer(self, answer: Answer) -> Answer:
        """The answer as it may be kept."""
        return self._calls.answer(replaced(answer, head=self._heads.answer(Answer(head=answer.head)).head))


def redactor_of(settings: Settings, rules: tuple[Rule, ...], salt: str) -> HeadRedactor:
    """What takes out secrets by these settings, with the placeholders of this salt."""
    data = bytes.fromhex(salt)
    return HeadRedactor(Redactor(settings.content, rules, data), data)


class GatewaySessions:
    """Those that are going on, by whose they are. Belongs to one event loop."""

    def __init__(
        self,
        settings: Settings,
        append: Callable[[Batch], Awaitable[None]],
        spans_of: Callable[[SessionKey], int],
        now: Clock,
        idle: float,
    ) -> None:
        self._settings = settings
        self._append = append
        self._spans_of = spans_of
        self._now = now
        self._idle = int(idle * _SECOND)
        self._rules = read_rules(settings.redact) if settings.redact else ()
        self._open: dict[tuple[str, ...], GatewaySession] = {}
        self._opening = asyncio.Lock()

    async def of(self, whose: Whose, fork: Fork | None = None) -> GatewaySession:
        """The session a call belongs to, begun if there is none. It is busy until `done` is told."""
        place = (whose.tenant, whose.project, whose.session or "", "" if whose.session else whose.caller)
        found = self._open.get(place)
        if found is None:
            await self._make_room()
            async with self._opening:
                found = self._open.get(place)
                if found is None:
                    found = self._open[place] = await self._begin(whose, fork)
        found.busy += 1
        found.agent_session = found.agent_session or whose.agent_session
        return found

    async def _make_room(self) -> None:
        """End the one that was idle for longest, where there are very many: each holds a file open."""
        if len(self._open) >= _MOST_OPEN:
            idle = [item for item in self._open.items() if not item[1].busy]
            if idle:
                await self._end(*min(idle, key=lambda item: item[1].last))

    def done(self, session: GatewaySession) -> None:
        """A call of it came to its end."""
        session.busy -= 1
        session.last = Nanoseconds(self._now())

    async def end_idle(self) -> None:
        """End those for which no call has come for a while."""
        until = self._now() - self._idle
        for place, session in list(self._open.items()):
            if not session.busy and session.last <= until:
                await self._end(place, session)

    async def end(self, key: SessionKey) -> None:
        """End this one, if it is going on and has no call under way."""
        for place, session in list(self._open.items()):
            if session.key == key and not session.busy:
                await self._end(place, session)

    async def end_all(self) -> None:
        """The server ends, and with it every session, once its last call is written down or patience is at its end."""
        for _ in range(100):
            if not any(session.busy for session in self._open.values()):
                break
            await asyncio.sleep(_PATIENCE / 100)
        for place, session in list(self._open.items()):
            with suppress(AgentReplayError):  # the next start finds it interrupted
                await self._end(place, session)

    async def run(self) -> None:
        """Look for idle ones again and again, until cancelled."""
        while True:
            await asyncio.sleep(max(0.05, self._idle / _SECOND / 10))
            with suppress(AgentReplayError):  # it is tried again
                await self.end_idle()

    async def _begin(self, whose: Whose, fork: Fork | None) -> GatewaySession:
        now = Nanoseconds(self._now())
        session = whose.session or new_session_id(now, secrets.token_bytes(10))
        key = SessionKey(whose.tenant, whose.project, session)
        seed = blake3("\0".join(("gateway", *key)).encode())
        # The same whenever a session of this name goes on, so that one secret has one placeholder in it.
        salt = fork.salt if fork else seed.hexdigest(16)
        trace_id = whose.trace_id or TraceId(seed.hexdigest(16, seek=16))
        told = Session(
            tenant=key.tenant,
            project=key.project,
            id=key.session,
            revision=now,
            name=fork.name if fork else whose.program,
            agent=whose.agent,
            source="fork" if fork else SOURCE,
            origin=fork.origin if fork else None,
        )
        attributes: dict[str, Value] = {SALT: salt}
        root = Span(
            tenant=key.tenant,
            project=key.project,
            session=key.session,
            trace_id=trace_id,
            span_id=SpanId(secrets.token_hex(8)),
            kind="session",
            name=told.name or SOURCE,
            start=now,
            agent=whose.agent,
            attributes=attributes,
        )
        before = fork.calls if fork else 0
        if whose.session and not fork:
            before = await asyncio.to_thread(self._spans_of, key)
        redactor = redactor_of(self._settings, self._rules, salt)
        await self._append(Batch(sessions=(told,), spans=(root,)))
        try:
            life = Life(self._settings.db_path, told)
        except OSError as error:
            raise StoreReadOnly(path=str(self._settings.db_path), problem=error.strerror or str(error)) from error
        return GatewaySession(key, trace_id, root, redactor, life, now, count(before + 1))

    async def _end(self, place: tuple[str, ...], session: GatewaySession) -> None:
        async with self._opening:  # whoever begins one of this name anew waits until this one is over
            if session.busy or self._open.get(place) is not session:
                return
            end = Nanoseconds(max(session.last, session.root.start))
            del self._open[place]
            root = session.root
            if session.agent_session:
                root = replaced(root, attributes={**root.attributes, AGENT_SESSION: session.agent_session})
            try:
                await self._append(Batch(spans=(root.close(end, "ok"),)))
            except AgentReplayError:
                self._open[place] = session
                raise
            session.life.end()
