"""How a call becomes a span with contents: secrets taken out, models understood, money counted."""

import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from agentreplay.model.batch import Batch
from agentreplay.model.call import Answer, Request
from agentreplay.model.content import Content, Kept
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.span import Event, Span, Status
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.playback.canonical import digest, parse_json
from agentreplay.playback.folding import CALL, fold, fold_answer
from agentreplay.playback.tape import READINGS
from agentreplay.sdk.boundary import Pending
from agentreplay.sdk.scope import Scope

if TYPE_CHECKING:
    from agentreplay.intake.providers import Answered, Asked

__all__ = ["Noted", "Redacting", "Whose", "finished", "note", "opened"]

_KINDS = {"tool": "tool", "mcp": "mcp", "http": "http", "retrieval": "retrieval"}
_FAILED = 400
_now = time.time_ns


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
    """Takes secrets out of calls."""

    def request(self, request: Request) -> Request:
        """The request as it may be kept."""
        ...

    def answer(self, answer: Answer) -> Answer:
        """The answer as it may be kept."""
        ...


class Noted(NamedTuple):
    """What is known of a call when it begins."""

    span_id: SpanId
    scope: Scope
    request: Request
    body: Value
    """What the body of the request says, where it is JSON."""
    asked: "Asked | None"


def note(span_id: SpanId, scope: Scope, request: Request) -> Noted:
    """Note a call that begins; the request holds no secrets."""
    body = parse_json(request.body, request.media)
    asked = None
    if request.seam == "http" and body is not None:
        from agentreplay.intake import providers  # start-up

        asked = providers.ask(str(request.head.get("url", "")), body)
    return Noted(span_id, scope, request, body, asked)


def opened(whose: Whose, pending: Pending, noted: Noted) -> Batch:
    """A call that waits for its answer, with all that was asked: it may be the last that is known of it."""
    folded = fold(noted.request, noted.asked.context if noted.asked else None, noted.body)
    span = Span(**_fields(whose, pending, noted), kept=folded.kept, context=folded.context)
    return Batch(spans=(span,), contents=folded.contents, links=folded.links)


def finished(whose: Whose, pending: Pending, noted: Noted, answer: Answer, readings: Content | None = None) -> Batch:
    """A call with its answer, and with what its task read before it came."""
    asked = noted.asked
    request = fold(noted.request, asked.context if asked else None, noted.body)
    back = fold_answer(answer)
    kept, contents = (*request.kept, *back.kept), (*request.contents, *back.contents)
    if readings is not None:
        kept, contents = (*kept, Kept(role=READINGS, hash=readings.hash)), (*contents, readings)
    end = Nanoseconds(_now())
    fields = _fields(whose, pending, noted)
    fields["attributes"][CALL]["turn"] = answer.turn
    fields |= _outcome(answer, end)
    if asked is not None:
        fields |= _understood(fields, asked, answer)
    span = Span(**fields, end=end, kept=kept, context=request.context)
    return Batch(spans=(span,), contents=contents, links=request.links)


def _fields(whose: Whose, pending: Pending, noted: Noted) -> dict[str, Any]:
    """What is known of the span of a call from its beginning."""
    request, asked, scope = noted.request, noted.asked, noted.scope
    return {
        "tenant": whose.tenant,
        "project": whose.project,
        "session": whose.session,
        "trace_id": whose.trace_id,
        "span_id": noted.span_id,
        "parent_id": scope.span_id or whose.parent,
        "kind": asked.kind if asked else _KINDS.get(request.seam, "function"),
        "name": _name(request, asked),
        "start": Nanoseconds(pending.started),
        "agent": scope.agent,
        "iteration": scope.iteration,
        "model": asked.model if asked else None,
        "provider": asked.provider if asked else None,
        "tool": _tool(request),
        "attributes": {CALL: _told(pending, noted)},
    }


def _told(pending: Pending, noted: Noted) -> dict[str, Value]:
    return {
        "path": pending.address.path,
        "ordinal": pending.address.ordinal,
        "site": list(pending.site),
        "digest": pending.asked or digest(noted.request, noted.body),
    }


def _name(request: Request, asked: "Asked | None") -> str:
    if asked is not None:
        return f"{'embed' if asked.kind == 'embedding' else 'chat'} {asked.model or ''}".strip()
    return request.operation


def _tool(request: Request) -> str | None:
    if request.seam == "tool":
        return request.operation
    if request.seam == "mcp":
        named = request.head.get("tool")
        return str(named) if named else None
    return None


def _outcome(answer: Answer, end: Nanoseconds) -> dict[str, Any]:
    raised = answer.raised
    if raised is not None:
        kind = f"{raised.module}.{raised.name}".removeprefix("builtins.")
        event = Event(
            name="exception", time=end, attributes={"exception.type": kind, "exception.message": raised.message}
        )
        return {"status": "error", "status_message": raised.message, "events": (event,)}
    status = answer.head.get("status")
    failed = isinstance(status, int) and status >= _FAILED
    told: Status = "error" if failed or answer.head.get("is_error") else "ok"
    return {"status": told, "status_message": f"HTTP {status}" if failed else ""}


def _understood(known: dict[str, Any], asked: "Asked", answer: Answer) -> dict[str, Any]:
    """What the provider's module makes of the answer."""
    from agentreplay.intake import prices, providers  # start-up

    answered = providers.answer(asked, int(answer.head.get("status", 0)), _chunks(answer))
    model = answered.model or asked.model
    fields: dict[str, Any] = {
        "attributes": {**known["attributes"], **_parameters(asked, answered, answer)},
        "model": model,
        "usage": answered.usage,
        "cost": prices.cost(asked.provider, model, answered.usage, known["start"]) if model else None,
    }
    if answered.error:
        fields |= {"status": "error", "status_message": answered.error}
    return fields


def _parameters(asked: "Asked", answered: "Answered", answer: Answer) -> dict[str, Value]:
    attributes: dict[str, Value] = {f"gen_ai.request.{name}": value for name, value in asked.parameters.items()}
    if answered.finish_reason is not None:
        attributes["gen_ai.response.finish_reasons"] = [answered.finish_reason]
    if answered.response_id is not None:
        attributes["gen_ai.response.id"] = answered.response_id
    first = answered.first_token
    if first is not None and answer.chunks:
        waited = sum(chunk.after for chunk in answer.chunks[: first + 1]) + int(answer.head.get("_took", 0))
        attributes["gen_ai.response.time_to_first_chunk"] = waited / 1e9
    return attributes


def _chunks(answer: Answer) -> list[bytes]:
    pieces: list[bytes] = []
    place = 0
    for chunk in answer.chunks:
        pieces.append(answer.body[place : place + chunk.size])
        place += chunk.size
    return pieces or [answer.body]
