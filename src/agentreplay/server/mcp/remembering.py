"""What other agents remember, forget and score: each change is a span, in the one session of this server."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec

from agentreplay.core import scores
from agentreplay.core.memory_writing import MemoryWriting, redactor_for
from agentreplay.core.sessions import CHANGES
from agentreplay.errors import AgentReplayError
from agentreplay.model.batch import Batch
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId, new_session_id
from agentreplay.model.memory import COLLECTION, MEMORY, OWNER, CollectionKey, Source
from agentreplay.model.score import EVALUATION, SCORE, GivenScore, Score
from agentreplay.model.session import Session, SessionKey
from agentreplay.model.span import Span, SpanKey, Status
from agentreplay.model.time import Clock, Nanoseconds
from agentreplay.model.values import Value
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store

__all__ = ["Rememberer", "RememberingDesk"]

_RANDOM_BYTES = 10


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
        attributes: dict[str, Value] = {COLLECTION: collection.name, OWNER: collection.owner}
        with self._recorded(store, collection, MEMORY, f"memory.{what}", attributes) as source:
            redactor = redactor_for(self._settings, collection.project)
            writing = MemoryWriting(store, clock=self._now, randomness=self._randomness, redactor=redactor)
            desk = RememberingDesk(store, writing, source)
            try:
                yield desk
            finally:
                attributes["memory.records"] = list(desk.records)

    def score(self, store: Store, what: SessionKey | SpanKey, score: Score) -> GivenScore:
        """Score a session or a span, which is a span whatever becomes of it."""
        of = what.session if isinstance(what, SessionKey) else f"{what.trace_id}/{what.span_id}"
        attributes: dict[str, Value] = {SCORE: score.name, "score.value": score.value, "score.of": of}
        with self._recorded(store, what, EVALUATION, "score.add", attributes) as source:
            return scores.add(
                store,
                what,
                msgspec.structs.replace(score, source=source),
                now=Nanoseconds(self._now()),
                randomness=self._randomness(_RANDOM_BYTES),
                redactor=redactor_for(self._settings, what.project),
            )

    @contextmanager
    def _recorded(
        self,
        store: Store,
        whose: CollectionKey | SessionKey | SpanKey,
        kind: str,
        name: str,
        attributes: dict[str, Value],
    ) -> Generator[Source]:
        """A span of the change, told when it is over, with what the attributes are then."""
        tenant, project = whose.tenant, whose.project
        session = self._session(store, tenant, project)
        trace, span = TraceId(self._randomness(16).hex()), SpanId(self._randomness(8).hex())
        started = Nanoseconds(self._now())
        status: Status = "error"
        problem = ""
        try:
            yield Source(session=session, trace_id=trace, span_id=span)
            status = "ok"
        except AgentReplayError as error:
            problem = error.message
            raise
        finally:
            done = Span(
                tenant=tenant,
                project=project,
                session=session,
                trace_id=trace,
                span_id=span,
                kind=kind,
                name=name,
                start=started,
                end=Nanoseconds(max(started, self._now())),
                status=status,
                status_message=problem,
                attributes=attributes,
            )
            store.append(Batch(spans=(done,)))

    def _session(self, store: Store, tenant: TenantId, project: ProjectId) -> SessionId:
        """The session of this server in a project, which begins with its first change."""
        found = self._sessions.get(project)
        if found is None:
            now = Nanoseconds(self._now())
            found = self._sessions[project] = new_session_id(now, self._randomness(_RANDOM_BYTES))
            session = Session(
                tenant=tenant,
                project=project,
                id=found,
                name="changes over MCP",
                source=CHANGES,
                started=now,
            )
            store.append(Batch(sessions=(session,)))
        return found
