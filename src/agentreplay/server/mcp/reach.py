"""What a tool may reach: the store, whose data, and the jobs where programs may be run."""

from dataclasses import dataclass

from agentreplay.core import sessions
from agentreplay.errors import JobsForbidden, ValueInvalid
from agentreplay.model.ids import ProjectId, TenantId, check_name, check_span_id, check_trace_id
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.model.span import SpanKey
from agentreplay.model.time import Clock
from agentreplay.server.jobs import Jobs
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

    @property
    def jobs(self) -> Jobs:
        """What runs programs; raises JobsForbidden where nothing may."""
        if self.runner is None:
            raise JobsForbidden
        return self.runner

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
