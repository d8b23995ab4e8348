"""Writes down the calls that pass through the gateway: each is on the disk before the last of its answer goes out."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from agentreplay.core.endings import Ending
from agentreplay.errors import AgentReplayError
from agentreplay.model.call import NOWHERE, Answer, Chunk, Crossing, Raised, Request
from agentreplay.model.ids import SpanId, TraceId
from agentreplay.model.time import Clock, Nanoseconds
from agentreplay.model.values import Value, encode
from agentreplay.server.gateway.sessions import GatewaySession
from agentreplay.server.gateway.whose import Whose

__all__ = ["IN_A_THREAD", "Keep", "KeptCall"]

Keep = Callable[[bytes], Awaitable[None]]
"""Keeps the payload of a frame that holds a call. When it returns, the call is as durable as the server's journal."""

_SHOWN_AFTER = 0.25
"""Seconds after which a call that is not answered is shown as open."""
IN_A_THREAD = 128 << 10
"""What is larger is redacted in a thread, because it would hold up everybody else."""
_MOST_KEPT = 64 << 20


class KeptCall:
    """One call, from its request to its answer."""

    def __init__(  # noqa: PLR0913, PLR0917  # all that is known of a call comes together here
        self, session: GatewaySession, whose: Whose, upstream: str, request: Request, keep: Keep, now: Clock
    ) -> None:
        self._session = session
        self._whose = whose
        self._keep = keep
        self._now = now
        self._address = session.next_address(upstream)
        self._span_id = SpanId(secrets.token_hex(8))
        self._began = Nanoseconds(now())
        self._clock = time.perf_counter_ns()
        self._chunks: list[Chunk] = []
        self._data: list[bytes] = []
        self._size = 0
        self._head: dict[str, Value] = {}
        self._media = ""
        self._turn = 0
        self._last = 0
        self._ending: Ending | None = None
        self._is_cut = False
        self._asked = ""
        self._writing: asyncio.Task[None] | None = None
        loop = asyncio.get_running_loop()
        # While the upstream thinks, not before it is asked.
        self._request = loop.create_task(self._redacted(request))
        self._shown: asyncio.Task[None] | None = None
        self._timer = loop.call_later(_SHOWN_AFTER, self._show)

    def asks(self, digest: str) -> None:
        """The agent asked something else, of this digest; a fork changed it."""
        self._asked = digest

    @property
    def is_kept(self) -> bool:
        """Whether the answer is written down, so that nothing more of it is."""
        return self._writing is not None

    def began(self, head: dict[str, Value], media: str) -> None:
        """The head of the answer came."""
        self._last = time.perf_counter_ns()
        self._head = {**head, "_took": self._last - self._clock}
        self._media = media
        self._turn = self._session.next_turn()
        self._ending = Ending(media)

    def took(self, piece: bytes) -> bool:
        """A piece of the answer came; whether an agent may act on it as if it were the last."""
        now = time.perf_counter_ns()
        if self._size + len(piece) > _MOST_KEPT:
            self._is_cut = True
        if not self._is_cut:
            self._chunks.append(Chunk(len(piece), Nanoseconds(now - self._last), self._session.next_turn()))
            self._data.append(piece)
            self._size += len(piece)
        self._last = now
        return self._ending is not None and self._ending.is_in(piece)

    async def ended(self, raised: Raised | None = None, *, complete: bool = True) -> None:
        """The answer came to its end, or broke off. Raises what keeping raises."""
        answer = Answer(
            head=self._head,
            body=b"".join(self._data),
            media=self._media or "application/json",
            turn=self._turn or self._session.next_turn(),
            chunks=tuple(self._chunks),
            raised=raised,
            complete=complete and not self._is_cut,
        )
        await self.answered(answer)

    async def answered(self, answer: Answer) -> None:
        """This is the answer. Only the first that is told counts. Raises what keeping raises."""
        if self._writing is None:
            self._timer.cancel()
            self._writing = asyncio.get_running_loop().create_task(self._write(answer))
        # Whoever waits may be cancelled, because the agent goes away; the call is kept all the same.
        await asyncio.shield(self._writing)

    async def _write(self, answer: Answer) -> None:
        ended = Nanoseconds(max(self._now(), self._began))
        request = await self._request
        if self._shown is not None:
            await asyncio.wait([self._shown])
        redactor = self._session.redactor
        if len(answer.body) > IN_A_THREAD:
            clean = await asyncio.to_thread(redactor.answer, answer)
        else:
            clean = redactor.answer(answer)
        await self._keep(encode(self._crossing(request, clean, ended)))

    async def _redacted(self, request: Request) -> Request:
        redactor = self._session.redactor
        if len(request.body) > IN_A_THREAD:
            return await asyncio.to_thread(redactor.request, request)
        return redactor.request(request)

    def _show(self) -> None:
        async def show() -> None:
            with suppress(AgentReplayError):  # the whole call is kept later, or counted as lost
                await self._keep(encode(self._crossing(await self._request, None, None)))

        self._shown = asyncio.get_running_loop().create_task(show())

    def _crossing(self, request: Request, answer: Answer | None, ended: Nanoseconds | None) -> Crossing:
        key, whose = self._session.key, self._whose
        trace_id = whose.trace_id or self._session.trace_id
        return Crossing(
            tenant=key.tenant,
            project=key.project,
            session=key.session,
            trace_id=trace_id,
            span_id=self._span_id,
            parent_id=whose.parent_id or self._root_of(trace_id),
            agent=whose.agent,
            iteration=None,
            path=self._address.path,
            ordinal=self._address.ordinal,
            site=NOWHERE,
            started=self._began,
            ended=ended,
            request=request,
            asked=self._asked,
            answer=answer,
        )

    def _root_of(self, trace_id: TraceId) -> SpanId | None:
        return self._session.root.span_id if trace_id == self._session.trace_id else None
