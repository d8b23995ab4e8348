"""What a tool may reach: the store, whose data, and the jobs where programs may be run."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from agentreplay.core import sessions
from agentreplay.core.memory_meaning import meaning_of
from agentreplay.core.memory_search import Meaning
from agentreplay.errors import JobsForbidden, MemoryReadOnly, ValueInvalid
from agentreplay.model.ids import ProjectId, TenantId, check_name, check_span_id, check_trace_id
from agentreplay.model.memory import CollectionKey
from agentreplay.model.score import GivenScore, Score
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.model.span import SpanKey
from agentreplay.model.time import Clock
from agentreplay.server.jobs import Jobs
from agentreplay.server.mcp.remembering import Rememberer, RememberingDesk
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store

__all__ = ["Reach"]


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Whose data can be asked for, and what can be done."""

    store: Store
    tenant: TenantId
    project: ProjectId
    """The project of things that are named without one."""
    now: Clock
    runner: Jobs | None
    """None where no program may be run."""
    settings: Settings
    """Which embeddings make vectors, and where these lie."""
    remembers: Rememberer | None = None
    """None where nothing may be changed."""
    for_writing: Callable[[], Store] | None = None
    """Makes the store where there is none yet; without it `store` is one."""

    @property
    def jobs(self) -> Jobs:
        """What runs programs; raises JobsForbidden where nothing may."""
        if self.runner is None:
            raise JobsForbidden
        return self.runner

    @property
    def meaning(self) -> Meaning:
        """What compares memories by their meaning."""
        return meaning_of(self.store, self.settings)

    @contextmanager
    def writing(self, collection: CollectionKey, what: str) -> Generator[RememberingDesk]:
        """A desk for one change of a collection; raises MemoryReadOnly where nothing may be changed."""
        if self.remembers is None:
            raise MemoryReadOnly
        store = self.store if self.for_writing is None else self.for_writing()
        with self.remembers.writing(store, collection, what) as desk:
            yield desk

    def score(self, what: SessionKey | SpanKey, score: Score) -> GivenScore:
        """Score a session or a span; raises MemoryReadOnly where nothing may be changed."""
        if self.remembers is None:
            raise MemoryReadOnly
        return self.remembers.score(self.store, what, score)

    def within(self, project: str | None) -> ProjectId | None:
        """The project that was named; None for all."""
        if project is None:
            return None
        check_name(project, "a project")
        return ProjectId(project)

    def session(self, beginning: str, project: str | None) -> SessionRow:
        """The session with this id, or whose id alone begins so. Raises SessionMissing and ValueInvalid."""
        return sessions.resolve(self.store.sessions, self.tenant, self.within(project) or self.project, beginning)

    def session_key(self, beginning: str, project: str | None) -> SessionKey:
        """The key of that session."""
        return self.session(beginning, project).session.key

    def span(self, name: str, project: str | None) -> SpanKey:
        """The key of a span by its name, TRACE/SPAN. Raises ValueInvalid."""
        trace_id, slash, span_id = name.partition("/")
        if not slash:
            raise ValueInvalid(
                what=f"the name {name!r:.60} of a span", problem="give it as lists do, as TRACE_ID/SPAN_ID"
            )
        within = self.within(project) or self.project
        return SpanKey(self.tenant, within, check_trace_id(trace_id), check_span_id(span_id))
