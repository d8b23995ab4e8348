"""The replays that are going on, each under a token nobody can guess. They live in memory, and end when left alone."""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from agentreplay.core.redact import read_rules
from agentreplay.core.sessions import resolve
from agentreplay.errors import ReplayUnknown
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.session import Origin, SessionKey
from agentreplay.playback.tape import Tape, read_tape
from agentreplay.server.gateway.playing import Manner, Playing
from agentreplay.server.gateway.sessions import Fork, GatewaySession, GatewaySessions, redactor_of
from agentreplay.server.gateway.upstreams import Upstream
from agentreplay.server.gateway.whose import Whose
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store

__all__ = ["KEPT_SECONDS", "Replay", "Replays"]

KEPT_SECONDS = 3600.0
"""So long a replay is kept that nobody asks."""
_MOST = 100


@dataclass
class Replay:
    """One that is going on."""

    token: str
    playing: Playing
    used: float
    forked: GatewaySession | None = None
    """The session that a fork is recorded in, once it parted from its past."""

    @property
    def fork(self) -> Fork | None:
        """What the session of the fork begins with; None where nothing goes its own way."""
        tape, at = self.playing.tape, self.playing.at
        if at is None:
            return None
        name = f"{tape.session.name or tape.session.id} (fork at {at})"
        return Fork(Origin(session=tape.session.id, seq=at), name, tape.salt.hex(), len(tape.calls))


class Replays:
    """Those that are going on. Belongs to one event loop."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        sessions: GatewaySessions,
        upstreams: dict[str, Upstream],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._store = store
        self._sessions = sessions
        self._upstreams = upstreams
        self._clock = clock
        self._rules = read_rules(settings.redact) if settings.redact else ()
        self._kept: dict[str, Replay] = {}

    async def begin(self, project: str, session: str, manner: Manner) -> Replay:
        """Begin one of a session, given by its id or the beginning of it.

        Raises SessionMissing, and where a fork does not fit the session StepMissing or ValueInvalid.
        """
        tenant = TenantId(self._settings.tenant)
        key = await asyncio.to_thread(self._key, tenant, ProjectId(project or self._settings.project), session)
        await self._sessions.end(key)
        tape = await asyncio.to_thread(self._tape, key)
        redactor = redactor_of(self._settings, self._rules, tape.salt.hex())
        # Of hexadecimal digits, because on a command line what begins with a hyphen is taken for an option.
        token = secrets.token_hex(24)
        replay = Replay(token, Playing(tape, manner, self._upstreams, redactor), self._clock())
        self._forget_old()
        self._kept[token] = replay
        return replay

    def get(self, token: str) -> Replay:
        """The replay of this token. Raises ReplayUnknown."""
        self._forget_old()
        replay = self._kept.get(token)
        if replay is None:
            raise ReplayUnknown
        replay.used = self._clock()
        return replay

    async def session_of(self, replay: Replay, whose: Whose) -> tuple[GatewaySession, Whose] | None:
        """The session a fork is recorded in, and whose its calls are; None where nothing is recorded."""
        fork = replay.fork
        if fork is None:
            return None
        key = replay.playing.key
        own = whose._replace(project=key.project, session=None, caller=f"fork {replay.token}", trace_id=None)
        own = own._replace(parent_id=None)
        replay.forked = await self._sessions.of(own, fork)
        return replay.forked, own

    def _key(self, tenant: TenantId, project: ProjectId, session: str) -> SessionKey:
        self._store.drain()
        return resolve(self._store.sessions, tenant, project, session).session.key

    def _tape(self, key: SessionKey) -> Tape:
        self._store.drain()
        return read_tape(self._store, key)

    def _forget_old(self) -> None:
        until = self._clock() - KEPT_SECONDS
        # In the order in which they were begun; of too many the first go.
        for token, replay in list(self._kept.items()):
            if replay.used < until or len(self._kept) >= _MOST + 1:
                del self._kept[token]
