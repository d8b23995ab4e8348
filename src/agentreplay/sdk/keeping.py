"""What a recorder remembers of a call between its beginning and its answer, and what it writes down of it."""

from typing import NamedTuple, Protocol

from agentreplay.model.call import Answer, Crossing, Request
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.sdk.boundary import Pending
from agentreplay.sdk.printing import Printing
from agentreplay.sdk.scope import Scope

__all__ = ["Noted", "Redacting", "Whose", "crossing"]


class Whose(Protocol):
    """Whose recording it is."""

    @property
    def tenant(self) -> TenantId: ...
    @property
    def project(self) -> ProjectId: ...
    @property
    def session(self) -> SessionId: ...
    @property
    def trace_id(self) -> TraceId: ...
    @property
    def parent(self) -> SpanId | None: ...


class Redacting(Protocol):
    """Takes secrets out of what is to be kept."""

    def request(self, request: Request) -> Request:
        """The request as it may be kept."""
        ...

    def call(self, request: Request, answer: Answer) -> tuple[Request, Answer]:
        """The request and its answer as they may be kept."""
        ...

    def answer(self, answer: Answer) -> Answer:
        """The answer as it may be kept."""
        ...

    def span(self, span: Span) -> Span:
        """The span as it may be kept."""
        ...

    def state(self, data: bytes) -> bytes:
        """The state of a checkpoint, as JSON, as it may be kept."""
        ...


class Noted(NamedTuple):
    """What is known of a call when it begins."""

    span_id: SpanId
    scope: Scope

    def inside(self, printing: Printing | None = None) -> Scope:
        """The scope of what the call does itself, and prints where that is kept."""
        around = self.scope
        return Scope(around.boundary, self.span_id, around.agent, around.iteration, printing)


def crossing(  # noqa: PLR0913, PLR0917  # all that is known of a call comes together here
    whose: Whose,
    pending: Pending,
    noted: Noted,
    request: Request,
    answer: Answer | None = None,
    ended: Nanoseconds | None = None,
    readings: bytes | None = None,
) -> Crossing:
    """The call as it is written down; request and answer come without their secrets."""
    scope = noted.scope
    return Crossing(
        tenant=whose.tenant,
        project=whose.project,
        session=whose.session,
        trace_id=whose.trace_id,
        span_id=noted.span_id,
        parent_id=scope.span_id or whose.parent,
        agent=scope.agent,
        iteration=scope.iteration,
        path=pending.address.path,
        ordinal=pending.address.ordinal,
        site=pending.site,
        started=pending.started,
        ended=ended,
        request=request,
        asked=pending.asked,
        answer=answer,
        readings=readings,
    )
