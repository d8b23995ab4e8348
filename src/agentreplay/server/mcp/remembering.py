"""Changes of memories that other agents ask for: each is a span, in the one session of this server."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from agentreplay.core.memory_writing import MemoryWriting, redactor_for
from agentreplay.errors import AgentReplayError
from agentreplay.model.batch import Batch
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TraceId, new_session_id
from agentreplay.model.memory import COLLECTION, MEMORY, OWNER, CollectionKey, Source
from agentreplay.model.session import Session
from agentreplay.model.span import Span, Status
from agentreplay.model.time import Clock, Nanoseconds
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store

__all__ = ["Rememberer", "RememberingDesk"]

_SOURCE = "mcp"


@dataclass
class RememberingDesk:
    """What a tool changes memories with."""

    store: Store
    writing: MemoryWriting
    source: Source
    """The session and the span of the change."""
    _told: list[str] = field(default_factory=list[str])

    def tell(self, records: Sequence[str]) -> None:
        """Say which records were meant. Their texts are no part of the span, or it would have what is forgotten."""
        self._told += records

    @property
    def records(self) -> tuple[str, ...]:
        """Those that were told."""
        return tuple(self._told)


class Rememberer:
    """Writes for the agents that ask one server. Safe to share between threads."""

    def __init__(self, settings: Settings, now: Clock, randomness: Callable[[int], bytes]) -> None:
        self._settings = settings
        self._now = now
        self._randomness = randomness
        self._sessions: dict[ProjectId, SessionId] = {}

    @contextmanager
    def writing(self, store: Store, collection: CollectionKey, what: str) -> Generator[RememberingDesk]:
        """A desk for one change, which is a span whatever becomes of it."""
        redactor = redactor_for(self._settings, collection.project)
        writing = MemoryWriting(store, clock=self._now, randomness=self._randomness, redactor=redactor)
        session = self._session(store, collection)
        trace, span = TraceId(self._randomness(16).hex()), SpanId(self._randomness(8).hex())
        desk = RememberingDesk(store, writing, Source(session=session, trace_id=trace, span_id=span))
        started = Nanoseconds(self._now())
        status: Status = "error"
        problem = ""
        try:
            yield desk
            status = "ok"
        except AgentReplayError as error:
            problem = error.message
            raise
        finally:
            done = Span(
                tenant=collection.tenant,
                project=collection.project,
                session=session,
                trace_id=trace,
                span_id=span,
                kind=MEMORY,
                name=f"memory.{what}",
                start=started,
                end=Nanoseconds(max(started, self._now())),
                status=status,
                status_message=problem,
                attributes={
                    COLLECTION: collection.name,
                    OWNER: collection.owner,
                    "memory.records": list(desk.records),
                },
            )
            store.append(Batch(spans=(done,)))

    def _session(self, store: Store, collection: CollectionKey) -> SessionId:
        """The session of this server in a project, which begins with its first change."""
        found = self._sessions.get(collection.project)
        if found is None:
            now = Nanoseconds(self._now())
            found = self._sessions[collection.project] = new_session_id(now, self._randomness(10))
            session = Session(
                tenant=collection.tenant,
                project=collection.project,
                id=found,
                name="memories over MCP",
                source=_SOURCE,
                started=now,
            )
            store.append(Batch(sessions=(session,)))
        return found
