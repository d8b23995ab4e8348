"""The session of a proxy: begun, its calls written down one by one, ended."""

import secrets
from itertools import count

from blake3 import blake3
from msgspec.structs import replace

from agentreplay.core.live import Life
from agentreplay.core.policy import policy_of, redactor_of
from agentreplay.core.redact_call import CallRedactor
from agentreplay.model.batch import Batch
from agentreplay.model.call import NOWHERE, Address, Answer, Crossing, Request
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId, new_session_id
from agentreplay.model.session import Session, SessionKey, SessionStatus
from agentreplay.model.span import Span
from agentreplay.model.time import Clock, Nanoseconds
from agentreplay.model.values import Value, encode
from agentreplay.playback.tape import CONTENT, SALT
from agentreplay.settings import Settings
from agentreplay.store.journal.frame import CALL, CALL_VERSION
from agentreplay.store.journal.writer import JournalWriter

__all__ = ["SOURCE", "Taping"]

SOURCE = "mcp-proxy"


class Taping:
    """Writes to the session of its own, or to one of this name that others write to as well. Safe between threads."""

    def __init__(self, settings: Settings, server: str, session: str | None, now: Clock) -> None:
        """Raises ValueInvalid where a name or a rule of redaction makes no sense, and what writing raises."""
        self.server = server
        self._now = now
        began = Nanoseconds(now())
        name = SessionId(session) if session else new_session_id(began, secrets.token_bytes(10))
        self.key = SessionKey(TenantId(settings.tenant), ProjectId(settings.project), name)
        # As the gateway names a trace and hides a secret in a session of this name, so that both tell one story.
        seed = blake3("\0".join(("gateway", *self.key)).encode())
        salt, self._trace_id = seed.hexdigest(16), TraceId(seed.hexdigest(16, seek=16))
        policy = policy_of(settings, self.key.project)
        self._redactor = CallRedactor(redactor_of(settings, bytes.fromhex(salt), policy))
        # More than one proxy may write to a session, and no two calls have one address.
        self._path = f"main/{secrets.token_hex(4)}" if session else "main/mcp"
        self._ordinals, self._turns = count(1), count(1)
        self._writer = JournalWriter(settings.recordings, settings.durability)
        self._root = self._span("session" if session is None else "mcp", server, began, {SALT: salt, CONTENT: policy})
        self._told = Session(
            tenant=self.key.tenant,
            project=self.key.project,
            id=name,
            revision=began,
            name=server,
            source=SOURCE,
            started=began,
            status="running",
        )
        self._life = None if session else Life(settings.recordings, self._told)
        # Of a session that others tell of, nothing is told here.
        self._writer.append(Batch(sessions=() if session else (self._told,), spans=(self._root,)))

    def next_address(self) -> Address:
        """The address of the next call."""
        return Address(self._path, next(self._ordinals))

    def next_turn(self) -> int:
        """The turn of what comes now."""
        return next(self._turns)

    def now(self) -> Nanoseconds:
        """The time."""
        return Nanoseconds(self._now())

    def new_span_id(self) -> SpanId:
        """An id no other span has."""
        return SpanId(secrets.token_hex(8))

    def keep(
        self, span_id: SpanId, address: Address, began: Nanoseconds, request: Request, answer: Answer | None
    ) -> None:
        """Write down a call; once it is begun, and again with its answer, before anybody sees that."""
        crossing = Crossing(
            tenant=self.key.tenant,
            project=self.key.project,
            session=self.key.session,
            trace_id=self._trace_id,
            span_id=span_id,
            parent_id=self._root.span_id,
            agent=None,
            iteration=None,
            path=address.path,
            ordinal=address.ordinal,
            site=NOWHERE,
            started=began,
            ended=None if answer is None else Nanoseconds(max(self.now(), began)),
            request=self._redactor.request(request),
            answer=None if answer is None else self._redactor.answer(answer),
        )
        self._writer.append_payloads(CALL, CALL_VERSION, (encode(crossing),))

    def note(self, name: str, attributes: dict[str, Value]) -> None:
        """Write down what was said without an answer being waited for."""
        now = self.now()
        said = self._span("mcp", name, now, attributes)
        self._append(replace(said, end=now, parent_id=self._root.span_id, status="ok"))

    def end(self, status: SessionStatus, message: str = "") -> None:
        """Nothing follows."""
        now = Nanoseconds(max(self.now(), self._root.start))
        is_failed = status == "failed"
        root = replace(self._root, end=now, status="error" if is_failed else "ok", status_message=message)
        told = replace(self._told, revision=max(now, self._told.revision + 1), ended=now, status=status)
        self._writer.append(Batch(sessions=() if self._life is None else (told,), spans=(root,)))
        self._writer.close()
        if self._life is not None:
            self._life.end()

    def _span(self, kind: str, name: str, start: Nanoseconds, attributes: dict[str, Value]) -> Span:
        return Span(
            tenant=self.key.tenant,
            project=self.key.project,
            session=self.key.session,
            trace_id=self._trace_id,
            span_id=self.new_span_id(),
            kind=kind,
            name=name,
            start=start,
            attributes=attributes,
        )

    def _append(self, span: Span) -> None:
        self._writer.append(Batch(spans=(self._redactor.span(span),)))
