"""Makers of spans, sessions, contents and conversations for tests."""

from collections.abc import Mapping, Sequence
from itertools import count
from random import Random
from typing import Any

from agentreplay.contents.messages import Conversation, split
from agentreplay.model.batch import Batch
from agentreplay.model.content import TEXT, Content
from agentreplay.model.context import ContextLink
from agentreplay.model.fact import Draft, Edit, StateKey, TransactionId
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId, new_session_id
from agentreplay.model.session import Session
from agentreplay.model.span import Span
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.values import Value

__all__ = ["DURATION", "NEW_YEAR", "Maker", "Thing", "batch_of", "draft_of"]

NEW_YEAR = Nanoseconds(1_767_225_600 * SECOND)
"""The first moment of 2026, when the clock of a Maker begins."""

DURATION = Nanoseconds(SECOND // 4)
"""How long a span takes when nobody says otherwise."""

Thing = Session | Span | Content | ContextLink | Conversation
"""What goes into a batch."""

_transactions = count(1)


class Maker:
    """Makes things that differ from each other and are the same for the same seed.

    Every span starts a second after the one made before. Unless a session is named, all spans belong to the
    maker's own one.
    """

    def __init__(self, seed: int = 0, tenant: str = "acme", project: str = "demo") -> None:
        self._random = Random(seed)  # noqa: S311 - the ids of tests guard nothing
        self._now = NEW_YEAR
        self.tenant = TenantId(tenant)
        self.project = ProjectId(project)
        self.session_id = self.new_session_id()

    def new_session_id(self) -> SessionId:
        return new_session_id(self._now, self._random.randbytes(10))

    def new_trace_id(self) -> TraceId:
        return TraceId(self._random.randbytes(16).hex())

    def new_span_id(self) -> SpanId:
        return SpanId(self._random.randbytes(8).hex())

    def span(self, parent: Span | None = None, **overrides: Any) -> Span:
        """A finished span, below the parent when there is one. An `end` of None leaves it open."""
        self._now = Nanoseconds(self._now + SECOND)
        fields: dict[str, Any] = {
            "tenant": self.tenant,
            "project": self.project,
            "session": self.session_id,
            "trace_id": self.new_trace_id(),
            "span_id": self.new_span_id(),
            "kind": "step",
            "name": "work",
            "start": self._now,
            "status": "ok",
        }
        if parent is not None:
            inherited = ("tenant", "project", "session", "trace_id")
            fields |= {name: getattr(parent, name) for name in inherited} | {"parent_id": parent.span_id}
        fields |= overrides
        if "end" not in fields:
            fields["end"] = fields["start"] + DURATION
        return Span(**fields)

    def session(self, **overrides: Any) -> Session:
        """The maker's own session as its writer announces it."""
        fields: dict[str, Any] = {
            "tenant": self.tenant,
            "project": self.project,
            "id": self.session_id,
            "name": "a day's work",
        }
        return Session(**fields | overrides)

    def content(self, text: str | None = None) -> Content:
        """A content with this text, or with one that no other content has."""
        return Content.of((text or f"text {self._random.randbytes(8).hex()}").encode(), TEXT)

    def conversation(self, *texts: str) -> Conversation:
        """A conversation in which user and assistant say these texts in turn."""
        roles = ("user", "assistant")
        messages: Sequence[Value] = [{"role": roles[number % 2], "content": text} for number, text in enumerate(texts)]
        return split(messages)


def batch_of(*things: Thing, tenant: TenantId | None = None) -> Batch:
    """A batch with all these things, each in its place."""
    sessions: list[Session] = []
    spans: list[Span] = []
    contents: list[Content] = []
    links: list[ContextLink] = []
    for thing in things:
        match thing:
            case Session():
                sessions.append(thing)
            case Span():
                spans.append(thing)
            case Content():
                contents.append(thing)
            case ContextLink():
                links.append(thing)
            case Conversation():
                contents += thing.contents
                links += thing.links
    return Batch(
        tenant=tenant,
        sessions=tuple(sessions),
        spans=tuple(spans),
        contents=tuple(contents),
        links=tuple(links),
    )


def draft_of(state: StateKey, values: Mapping[str, Any], **fields: Any) -> Draft:
    """A transaction that gives each key of the state its value, or deletes it where that is `...`."""
    edits = [
        Edit(
            namespace=state.namespace,
            agent=state.agent,
            key=key,
            value=None if value is ... else value,
            is_deleted=value is ...,
        )
        for key, value in values.items()
    ]
    id_ = TransactionId(f"transaction {next(_transactions)}")
    return Draft(tenant=state.tenant, project=state.project, id=id_, edits=tuple(edits), **fields)
