"""What is asked below `/gateway/`: passed on and recorded, or answered from a recording."""

import asyncio
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from agentreplay.errors import AgentReplayError
from agentreplay.model.batch import Batch
from agentreplay.model.call import Answer, Request
from agentreplay.model.session import SessionKey
from agentreplay.model.time import Clock
from agentreplay.model.values import encode
from agentreplay.playback.patch import patch_request
from agentreplay.server.asgi import Gone, Receive, Scope, Send, headers_of, read_body, staying
from agentreplay.server.figures import Figures
from agentreplay.server.gateway import playing
from agentreplay.server.gateway.arrived import Arrived, place_of
from agentreplay.server.gateway.client import Client
from agentreplay.server.gateway.complaints import complaint
from agentreplay.server.gateway.keeping import IN_A_THREAD, KeptCall
from agentreplay.server.gateway.passing import Connection, Passing, abort, tell
from agentreplay.server.gateway.replays import Replay, Replays
from agentreplay.server.gateway.sessions import GatewaySession, GatewaySessions
from agentreplay.server.gateway.upstreams import PROVIDERS, Upstream
from agentreplay.server.gateway.whose import Whose, whose
from agentreplay.server.keeper import Keeper
from agentreplay.server.reply import status_of
from agentreplay.settings import Settings
from agentreplay.store.journal.frame import BATCH, CALL, CALL_VERSION
from agentreplay.store.journal.writer import BATCH_VERSION
from agentreplay.store.protocol import Store

__all__ = ["DIVERGED", "Gateway"]

DIVERGED = 422
"""The status of an answer where a replay stopped: libraries give up on it at once, as they should."""


class Gateway:
    """Answers requests; an ASGI application. Belongs to one event loop."""

    def __init__(  # noqa: PLR0913  # everything it works with
        self,
        *,
        settings: Settings,
        store: Store,
        keeper: Keeper,
        figures: Figures,
        upstreams: dict[str, Upstream],
        max_body: int,
        session_idle: float,
        now: Clock = time.time_ns,
    ) -> None:
        self._settings = settings
        self._keeper = keeper
        self._figures = figures
        self._max_body = max_body
        self._now = now
        self._client = Client()
        self._passing = Passing(self._client, figures)
        self.upstreams = upstreams
        self.sessions = GatewaySessions(settings, self._append, _counting(store), now, session_idle)
        self.replays = Replays(settings, store, self.sessions, upstreams)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. What is wrong with it is told in the words of whom it was meant for."""
        connection = Connection(scope, receive, send)
        name = next((name for name in PROVIDERS if f"/{name}" in scope["path"]), "")
        try:
            place = place_of(scope["raw_path"], self.upstreams)
            name = place.upstream.name
            headers = headers_of(scope)
            arrived = Arrived.of(scope, place, await read_body(receive, headers, self._max_body))
            client = str((scope.get("client") or ("",))[0])
            who = whose(self._settings, headers, client, place.session)
            if place.replay:
                await self._replay(connection, arrived, who, self.replays.get(place.replay))
            else:
                await self._record(connection, arrived, who)
        except AgentReplayError as error:
            said = f"{error.message}; {error.advice}" if error.advice else error.message
            await tell(connection, complaint(name, status_of(error), said))

    async def close(self) -> None:
        """End all sessions, and let go of the upstreams."""
        await self.sessions.end_all()
        self._client.close()

    async def _record(self, connection: Connection, arrived: Arrived, who: Whose) -> None:
        request = arrived.request(self._max_body)
        session = await self.sessions.of(who)
        try:
            call = self._call(session, who, arrived, request)
            await self._passing.pass_on(connection, arrived, call, arrived.asking())
        finally:
            self.sessions.done(session)

    async def _replay(self, connection: Connection, arrived: Arrived, who: Whose, replay: Replay) -> None:
        served = replay.playing
        name = arrived.place.upstream.name
        request = arrived.request(self._max_body, served.base(name))
        large = len(request.body) > IN_A_THREAD
        met = served.meet(await asyncio.to_thread(served.prepared, request) if large else served.prepared(request))
        outcome = met.outcome
        if outcome.divergence is not None:
            await tell(connection, complaint(name, DIVERGED, served.why(outcome.divergence)))
        elif outcome.answer is not None and not outcome.is_new:
            await self._serve(connection, name, outcome.answer, replay)
        else:
            asked = patch_request(request, outcome.patches) if outcome.patches else request
            await self._go_on(connection, arrived, who, replay, met, asked)

    async def _go_on(  # noqa: PLR0913, PLR0917  # all that is known of a call comes together here
        self, connection: Connection, arrived: Arrived, who: Whose, replay: Replay, met: playing.Met, asked: Request
    ) -> None:
        """Answer what the tape has no answer for: performed, or put in by a fork. A fork records it."""
        found = await self.replays.session_of(replay, who)
        session = call = None
        try:
            if found is not None:
                session, own = found
                call = self._call(session, own, arrived, asked)
                if met.outcome.patches:
                    call.asks(met.digest)
            if met.outcome.answer is not None:
                if call is not None:
                    await call.answered(met.outcome.answer)
                await self._serve(connection, arrived.place.upstream.name, met.outcome.answer, replay)
            else:
                changed = asked.body if met.outcome.patches else None
                asking = arrived.asking(changed)
                if met.outcome.patches:
                    asking = asking._replace(target=_target(asking.target, asked, replay, arrived))
                await self._passing.pass_on(connection, arrived, call, asking)
        finally:
            if session is not None:
                self.sessions.done(session)

    async def _serve(self, connection: Connection, name: str, answer: Answer, replay: Replay) -> None:
        self._figures.add("agentreplay_gateway_served_total", upstream=name)
        if "status" not in answer.head and answer.raised is not None:
            await abort(connection)  # as the agent left it, or was left
            return
        headers = playing.headers_of(answer)
        is_whole = not answer.chunks
        if is_whole:
            headers.append((b"content-length", b"%d" % len(answer.body)))
        status = int(answer.head.get("status", 200))
        pieces = playing.pieces_of(answer, at_recorded_speed=replay.playing.manner.at_recorded_speed)
        try:
            async with staying(connection.receive) as watching:
                await connection.send({"type": "http.response.start", "status": status, "headers": headers})
                async for piece in pieces:
                    await connection.send({"type": "http.response.body", "body": piece, "more_body": not is_whole})
                watching.cancel()
        except Gone:
            return
        if answer.raised is not None or not answer.complete:
            await abort(connection)
        elif not is_whole or not answer.body:
            await connection.send({"type": "http.response.body", "body": b""})

    def _call(self, session: GatewaySession, who: Whose, arrived: Arrived, request: Request) -> KeptCall:
        return KeptCall(session, who, arrived.place.upstream.name, request, self._keep_call, self._now)

    async def _keep_call(self, payload: bytes) -> None:
        await self._keeper.keep(payload, CALL, CALL_VERSION)

    async def _append(self, batch: Batch) -> None:
        await self._keeper.keep(encode(batch), BATCH, BATCH_VERSION)


def _counting(store: Store) -> Callable[[SessionKey], int]:
    """How many spans a session has, so that the calls that follow are counted on behind them."""

    def spans_of(key: SessionKey) -> int:
        row = store.sessions.get(key)
        return row.summary.spans if row is not None else 0

    return spans_of


def _target(target: str, asked: Request, replay: Replay, arrived: Arrived) -> str:
    """The path to ask where a fork changed the address: Gemini has the model in it. The query stays as it came."""
    upstream = arrived.place.upstream
    base = urlsplit(replay.playing.base(upstream.name)).path
    path = urlsplit(str(asked.head["url"])).path.removeprefix(base)
    _, mark, query = target.partition("?")
    return f"{upstream.path}{path}{mark}{query}"
