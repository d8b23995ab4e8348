"""`Client`: the API for programs that wait."""

import time
from collections.abc import Callable, Generator
from functools import wraps
from typing import Concatenate, ParamSpec, Self, TypeVar

from agentreplay.client import asks, memory_asks, state_asks
from agentreplay.client.ask import Ask, Json, checked
from agentreplay.client.events import EventReader, Listening, LiveEvent
from agentreplay.client.transport import Transport
from agentreplay.client.wire import Address
from agentreplay.errors import Unavailable

__all__ = ["Client"]

P = ParamSpec("P")
T = TypeVar("T")

_TIMEOUT = 30.0
_EVERY = 0.2


def _now(describe: Callable[P, Ask[T]]) -> Callable[Concatenate["Client", P], T]:
    """A method that sends what is described and returns its answer."""

    @wraps(describe)
    def call(self: "Client", /, *arguments: P.args, **named: P.kwargs) -> T:
        return self.perform(describe(*arguments, **named))

    return call


class Client:
    """Asks a server. Safe to share between threads.

    Without an address it is that of AGENTREPLAY_URL, or of the server on this machine; likewise the key.
    What the server says is wrong is raised as one of `agentreplay.errors`: ServerLacks for what is not there.
    """

    def __init__(self, url: str | None = None, *, key: str | None = None, timeout: float = _TIMEOUT) -> None:
        self._transport = Transport(Address.of(url, key), timeout)

    version = _now(asks.version)
    ready = _now(asks.ready)
    projects = _now(asks.projects)
    sessions = _now(asks.sessions)
    session = _now(asks.session)
    summary = _now(asks.summary)
    family = _now(asks.family)
    retell_session = _now(asks.retell_session)
    delete_session = _now(asks.delete_session)
    scores = _now(asks.scores)
    add_score = _now(asks.add_score)
    remove_score = _now(asks.remove_score)
    session_spans = _now(asks.session_spans)
    export_session = _now(asks.export_session)
    import_session = _now(asks.import_session)
    spans = _now(asks.spans)
    span = _now(asks.span)
    children = _now(asks.children)
    ancestors = _now(asks.ancestors)
    descendants = _now(asks.descendants)
    siblings = _now(asks.siblings)
    subtree = _now(asks.subtree)
    path = _now(asks.path)
    messages = _now(asks.messages)
    turn = _now(asks.turn)
    read_trace = _now(asks.read_trace)
    context = _now(asks.context)
    content = _now(asks.content)
    search = _now(asks.search)
    measures = _now(asks.measures)
    compare = _now(asks.compare)
    explain = _now(asks.explain)
    state = _now(asks.state)
    states = _now(asks.states)
    checkpoints = _now(asks.checkpoints)
    files = _now(asks.files)
    edits = _now(asks.edits)
    agent_states = _now(state_asks.agent_states)
    agent_state = _now(state_asks.agent_state)
    fact_keys = _now(state_asks.fact_keys)
    facts = _now(state_asks.facts)
    fact = _now(state_asks.fact)
    fact_history = _now(state_asks.fact_history)
    fact_log = _now(state_asks.fact_log)
    diff_facts = _now(state_asks.diff_facts)
    commit_facts = _now(state_asks.commit_facts)
    compact_facts = _now(state_asks.compact_facts)
    snapshots = _now(state_asks.snapshots)
    snapshot = _now(state_asks.snapshot)
    verify_snapshot = _now(state_asks.verify_snapshot)
    diff_snapshots = _now(state_asks.diff_snapshots)
    memory_collections = _now(memory_asks.memory_collections)
    memories = _now(memory_asks.memories)
    search_memory = _now(memory_asks.search_memory)
    memory = _now(memory_asks.memory)
    memory_history = _now(memory_asks.memory_history)
    memory_log = _now(memory_asks.memory_log)
    memory_at = _now(memory_asks.memory_at)
    diff_memory = _now(memory_asks.diff_memory)
    remember = _now(memory_asks.remember)
    update_memory = _now(memory_asks.update_memory)
    expire_memory = _now(memory_asks.expire_memory)
    remove_memory = _now(memory_asks.remove_memory)
    forget_memory = _now(memory_asks.forget_memory)
    merge_memory = _now(memory_asks.merge_memory)
    fork_memory = _now(memory_asks.fork_memory)
    ingest_memory = _now(memory_asks.ingest_memory)
    memory_vectors = _now(memory_asks.memory_vectors)
    make_memory_vectors = _now(memory_asks.make_memory_vectors)
    stop_memory_vectors = _now(memory_asks.stop_memory_vectors)
    statistics = _now(asks.statistics)
    ingest = _now(asks.ingest)
    replay = _now(asks.replay)
    fork = _now(asks.fork)
    check = _now(asks.check)
    jobs = _now(asks.jobs)
    job = _now(asks.job)
    cancel_job = _now(asks.cancel_job)
    gateway_replay = _now(asks.gateway_replay)
    gateway_verdict = _now(asks.gateway_verdict)

    def perform(self, ask: Ask[T]) -> T:
        """Send a request that is described, and return its answer."""
        return checked(ask, self._transport.perform(ask))

    def live(
        self, *, project: str | None = None, session: str | None = None, position: int | None = None
    ) -> Generator[LiveEvent]:
        """What happens, without end: behind a position, or from now on. Cut off, it goes on where it was."""
        listening = Listening(project, session, position)
        while True:
            reader = EventReader()
            try:
                for part in self._transport.stream(listening.ask()):
                    for event in reader.feed(part):
                        listening.heard(event)
                        yield event
            except Unavailable:
                if listening.position is None:
                    raise
            time.sleep(listening.pause())

    def wait_for(self, job: str, timeout: float = 600.0) -> Json:
        """The job when it is over. Raises TimeoutError."""
        until = time.monotonic() + timeout
        while (found := self.job(job))["status"] in asks.UNFINISHED:
            if time.monotonic() > until:
                raise TimeoutError(f"the job {job} is {found['status']} still")
            time.sleep(_EVERY)
        return found

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
