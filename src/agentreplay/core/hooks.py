"""Takes in what coding agents tell their hooks: an event is kept in a journal as it came, and read when indexed."""

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import msgspec
from blake3 import blake3

from agentreplay.core.policy import policy_named, read_policies
from agentreplay.core.redact import Redactor, read_rules
from agentreplay.core.redact_span import SpanRedactor
from agentreplay.errors import ValueInvalid
from agentreplay.intake.dialects.plain import content_of
from agentreplay.intake.hooks.events import Happened, happened
from agentreplay.intake.hooks.payload import unpack
from agentreplay.intake.joining import span_of
from agentreplay.intake.providers import wire
from agentreplay.intake.sessions import session_in, trace_of_session
from agentreplay.intake.transcripts.identity import likeness
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content, Kept
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId
from agentreplay.model.session import Program, Session
from agentreplay.model.span import PROVISIONAL, Span
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.values import Value
from agentreplay.settings import ContentPolicy, Settings
from agentreplay.store.journal.packing import HOOK, HOOK_VERSION

__all__ = ["KIND", "SOURCE", "VERSION", "batch_of_hook"]

KIND = HOOK
VERSION = HOOK_VERSION
SOURCE = "hooks"
"""What sessions of which only hooks told name as their source."""

_SESSION_KEY = "session.id"
_MILLISECOND = SECOND // 1_000
_MICROSECOND = SECOND // 1_000_000


def batch_of_hook(payload: bytes, folder: Path | None = None) -> Batch:
    """What such a frame says, without secrets. Raises ValueInvalid where it is no event of a session."""
    found = unpack(payload)
    if found is None or not found[0]["received"].isdecimal():
        raise ValueInvalid(what="a hook's event", problem="its head cannot be read")
    head, body = found
    told = wire.mapping(wire.parse(body))
    seen = happened(head["event"], told)
    if seen is None:
        problem = "it is larger than is kept" if head["cut"] else "it is no JSON that names a session"
        raise ValueInvalid(what="a hook's event", problem=problem)
    return _Reading(head, payload, seen, _redactor_of(head, folder)).batch()


class _Reading:
    """One event on its way to be a batch."""

    def __init__(self, head: dict[str, str], payload: bytes, seen: Happened, redactor: Redactor) -> None:
        self._head = head
        self._payload = payload
        self._seen = seen
        self._redactor = redactor
        self._received = Nanoseconds(int(head["received"]))
        # As telemetry names it, so that what cannot be an id is shortened alike.
        self._session = session_in({_SESSION_KEY: seen.session}) or SessionId("unknown")

    def batch(self) -> Batch:
        span, contents = self._span()
        return Batch(tenant=span.tenant, sessions=(self._told_session(),), spans=(span,), contents=contents)

    def _span(self) -> tuple[Span, tuple[Content, ...]]:
        seen, head = self._seen, self._head
        began, ended = self._times()
        mark: dict[str, Value] = {PROVISIONAL: True} if seen.thing is not None else {}
        span = Span(
            tenant=TenantId(head["tenant"]),
            project=ProjectId(head["project"]),
            session=self._session,
            trace_id=trace_of_session(self._session),
            span_id=self._span_id(),
            # Nothing is a root: a tool that failed is no session that failed. Whether anybody tells of the session as a
            # span is for those who see its end.
            parent_id=span_of(self._session, *(seen.within or ("session", seen.session))),
            kind=seen.kind,
            name=seen.name,
            start=began,
            end=ended,
            status=seen.status,
            status_message=seen.message,
            agent=head["agent"] or None,
            tool=seen.tool,
            attributes={**seen.attributes, **mark},
        )
        contents = {
            role: content_of(self._clean(value))
            for role, value in (("request", seen.request), ("answer", seen.answer))
            if value is not None
        }
        return _with_contents(SpanRedactor(self._redactor).span(span), contents), tuple(contents.values())

    def _clean(self, value: Value) -> Value:
        return self._redactor.text(value) if isinstance(value, str) else self._redactor.value(value)

    def _span_id(self) -> SpanId:
        seen = self._seen
        if seen.thing is not None:
            tool, asked = seen.likeness
            name = seen.id or likeness(self._session, tool, self._clean(asked))
            return span_of(self._session, seen.thing, name)
        return SpanId(blake3(self._payload, derive_key_context="agentreplay: event of a hook, 1").hexdigest()[:16])

    def _times(self) -> tuple[Nanoseconds, Nanoseconds | None]:
        match self._seen.phase:
            case "begins":
                return self._received, None
            case "ends":
                took = round(self._seen.milliseconds * _MILLISECOND)
                return Nanoseconds(max(0, self._received - took)), self._received
            case "happens":
                return self._received, self._received

    def _told_session(self) -> Session:
        head, seen = self._head, self._seen
        return Session(
            tenant=TenantId(head["tenant"]),
            project=ProjectId(head["project"]),
            id=self._session,
            # Whoever reads the agent's own file knows more, and counts in nanoseconds: of both, that one counts.
            revision=self._received // _MICROSECOND,
            agent=head["agent"] or None,
            source=SOURCE,
            status="completed" if seen.ends_session else None,
            ended=self._received if seen.ends_session else None,
            program=Program(cwd=self._redactor.word(seen.cwd)) if seen.cwd else None,
        )


def _with_contents(span: Span, contents: dict[str, Content]) -> Span:
    kept = tuple(Kept(role=role, hash=content.hash) for role, content in contents.items())
    return msgspec.structs.replace(span, kept=kept)


def _redactor_of(head: dict[str, str], folder: Path | None) -> Redactor:
    project = ProjectId(head["project"])
    content = policy_named(head["content"]) or "redacted"
    # Where the file makes no sense, the event is not given up for it.
    with suppress(ValueInvalid):
        content = read_policies(folder).get(project, content) if folder is not None else content
    return _redactor(content, project)


@lru_cache(maxsize=64)
def _redactor(content: ContentPolicy, project: ProjectId) -> Redactor:
    path = Settings.read().redact
    # One secret has one placeholder in a project, whoever reports it and however often it is sent.
    return Redactor(content, () if path is None else read_rules(path), salt=f"otlp {project}".encode())
