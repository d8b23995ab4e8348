"""`AsyncClient`: the API for programs with an event loop."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from agentreplay.client import asks, memory_asks, state_asks
from agentreplay.client.ask import Ask, Json, checked
from agentreplay.client.events import EventReader, Listening, LiveEvent
from agentreplay.client.transport import AsyncTransport
from agentreplay.client.wire import Address
from agentreplay.errors import Unavailable

__all__ = ["AsyncClient"]

P = ParamSpec("P")
T = TypeVar("T")

_TIMEOUT = 30.0
_EVERY = 0.2


def _later(describe: Callable[P, Ask[T]]) -> Callable[Concatenate["AsyncClient", P], Coroutine[Any, Any, T]]:
    """A method that sends what is described and awaits its answer."""

    @wraps(describe)
    async def call(self: "AsyncClient", /, *arguments: P.args, **named: P.kwargs) -> T:
        return await self.perform(describe(*arguments, **named))

    return call


class AsyncClient:
    """Asks a server. Belongs to one event loop.

    Without an address it is that of AGENTREPLAY_URL, or of the server on this machine; likewise the key.
    What the server says is wrong is raised as one of `agentreplay.errors`: ServerLacks for what is not there.
    """

    def __init__(self, url: str | None = None, *, key: str | None = None, timeout: float = _TIMEOUT) -> None:
        self._transport = AsyncTransport(Address.of(url, key), timeout)

    version = _later(asks.version)
    ready = _later(asks.ready)
    projects = _later(asks.projects)
    sessions = _later(asks.sessions)
    session = _later(asks.session)
    summary = _later(asks.summary)
    family = _later(asks.family)
    retell_session = _later(asks.retell_session)
    delete_session = _later(asks.delete_session)
    scores = _later(asks.scores)
    add_score = _later(asks.add_score)
    remove_score = _later(asks.remove_score)
    session_spans = _later(asks.session_spans)
    export_session = _later(asks.export_session)
    import_session = _later(asks.import_session)
    spans = _later(asks.spans)
    span = _later(asks.span)
    children = _later(asks.children)
    ancestors = _later(asks.ancestors)
    descendants = _later(asks.descendants)
    siblings = _later(asks.siblings)
    subtree = _later(asks.subtree)
    path = _later(asks.path)
    messages = _later(asks.messages)
    turn = _later(asks.turn)
    read_trace = _later(asks.read_trace)
    context = _later(asks.context)
    content = _later(asks.content)
    search = _later(asks.search)
    measures = _later(asks.measures)
    compare = _later(asks.compare)
    explain = _later(asks.explain)
    state = _later(asks.state)
    states = _later(asks.states)
    checkpoints = _later(asks.checkpoints)
    files = _later(asks.files)
    edits = _later(asks.edits)
    agent_states = _later(state_asks.agent_states)
    agent_state = _later(state_asks.agent_state)
    fact_keys = _later(state_asks.fact_keys)
    facts = _later(state_asks.facts)
    fact = _later(state_asks.fact)
    fact_history = _later(state_asks.fact_history)
    fact_log = _later(state_asks.fact_log)
    diff_facts = _later(state_asks.diff_facts)
    commit_facts = _later(state_asks.commit_facts)
    compact_facts = _later(state_asks.compact_facts)
    snapshots = _later(state_asks.snapshots)
    snapshot = _later(state_asks.snapshot)
    verify_snapshot = _later(state_asks.verify_snapshot)
    diff_snapshots = _later(state_asks.diff_snapshots)
    memory_collections = _later(memory_asks.memory_collections)
    memories = _later(memory_asks.memories)
    search_memory = _later(memory_asks.search_memory)
    memory = _later(memory_asks.memory)
    memory_history = _later(memory_asks.memory_history)
    memory_log = _later(memory_asks.memory_log)
    memory_at = _later(memory_asks.memory_at)
    diff_memory = _later(memory_asks.diff_memory)
    remember = _later(memory_asks.remember)
    update_memory = _later(memory_asks.update_memory)
    expire_memory = _later(memory_asks.expire_memory)
    remove_memory = _later(memory_asks.remove_memory)
    forget_memory = _later(memory_asks.forget_memory)
    merge_memory = _later(memory_asks.merge_memory)
    fork_memory = _later(memory_asks.fork_memory)
    ingest_memory = _later(memory_asks.ingest_memory)
    memory_vectors = _later(memory_asks.memory_vectors)
    make_memory_vectors = _later(memory_asks.make_memory_vectors)
    stop_memory_vectors = _later(memory_asks.stop_memory_vectors)
    statistics = _later(asks.statistics)
    ingest = _later(asks.ingest)
    replay = _later(asks.replay)
    fork = _later(asks.fork)
    check = _later(asks.check)
    jobs = _later(asks.jobs)
    job = _later(asks.job)
    cancel_job = _later(asks.cancel_job)
    gateway_replay = _later(asks.gateway_replay)
    gateway_verdict = _later(asks.gateway_verdict)

    async def perform(self, ask: Ask[T]) -> T:
        """Send a request that is described, and return its answer."""
        return checked(ask, await self._transport.perform(ask))

    async def live(
        self, *, project: str | None = None, session: str | None = None, position: int | None = None
    ) -> AsyncGenerator[LiveEvent]:
        """What happens, without end: behind a position, or from now on. Cut off, it goes on where it was."""
        listening = Listening(project, session, position)
        while True:
            reader = EventReader()
            try:
                async for part in self._transport.stream(listening.ask()):
                    for event in reader.feed(part):
                        listening.heard(event)
                        yield event
            except Unavailable:
                if listening.position is None:
                    raise
            await asyncio.sleep(listening.pause())

    async def wait_for(self, job: str, timeout: float = 600.0) -> Json:  # noqa: ASYNC109  # as in Client
        """The job when it is over. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while (found := await self.job(job))["status"] in asks.UNFINISHED:  # noqa: ASYNC110  # in another process
                await asyncio.sleep(_EVERY)
        return found

    async def close(self) -> None:
        """Let go of the connections."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
