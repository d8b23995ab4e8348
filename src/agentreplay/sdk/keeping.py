"""How a call becomes a span with contents: secrets taken out, models understood, money counted."""

import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from agentreplay.model.batch import Batch
from agentreplay.model.call import Answer, Request
from agentreplay.model.content import Content, Kept
from agentreplay.model.context import ContextLink
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.span import Event, Span, Status
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.playback.canonical import digest, parse_json
from agentreplay.playback.folding import CALL, fold, fold_answer
from agentreplay.sdk.boundary import Pending
from agentreplay.sdk.scope import Scope

if TYPE_CHECKING:
    from agentreplay.intake.providers import Answered, Asked

__all__ = ["Noted", "Redacting", "finished", "note", "opened"]

_KINDS = {"tool": "tool", "mcp": "mcp", "http": "http", "retrieval": "retrieval"}
_FAILED = 400


class _Whose(Protocol):
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
    asked: "Asked | None"


def note(span_id: SpanId, scope: Scope, request: Request) -> Noted:
    """Note a call that begins; the request holds no secrets."""
    asked = None
    if request.seam == "http" and request.body:
        body = parse_json(request.body, request.media)
        if body is not None:
            from agentreplay.intake import providers  # start-up

            asked = providers.ask(str(request.head.get("url", "")), body)
    return Noted(span_id, scope, request, asked)


def opened(whose: _Whose, pending: Pending, noted: Noted) -> Batch:
    """The span of a call that waits for its answer, with all that was asked: it may be the last that is known of it."""
    folded = fold(noted.request, noted.asked.context if noted.asked else None)
    span = _span(whose, pending, noted, folded.kept, {CALL: _told(pending, noted)})
    span = msgspec.structs.replace(span, context=folded.context)
    return Batch(spans=(span,), contents=folded.contents, links=folded.links)


def finished(
    whose: _Whose, pending: Pending, noted: Noted, answer: Answer
) -> tuple[Span, tuple[Content, ...], tuple[ContextLink, ...]]:
    """The span of a call with its answer, and what goes with it."""
    asked = noted.asked
    request = fold(noted.request, asked.context if asked else None)
    back = fold_answer(answer)
    attributes: dict[str, Value] = {CALL: {**_told(pending, noted), "turn": answer.turn}}
    span = _span(whose, pending, noted, (*request.kept, *back.kept), attributes)
    contents = (*request.contents, *back.contents)
    fields: dict[str, Value] = {"end": Nanoseconds(time.time_ns()), "context": request.context}
    fields |= _outcome(answer, fields["end"])
    if asked is not None:
        from agentreplay.intake import providers  # start-up

        answered = providers.answer(asked, int(answer.head.get("status", 0)), _chunks(answer))
        fields |= _understood(span, asked, answered, answer)
    return msgspec.structs.replace(span, **fields), contents, request.links


def _span(whose: _Whose, pending: Pending, noted: Noted, kept: tuple[Kept, ...], attributes: dict[str, Value]) -> Span:
    request, asked, scope = noted.request, noted.asked, noted.scope
    kind = asked.kind if asked else _KINDS.get(request.seam, "function")
    return Span(
        tenant=whose.tenant,
        project=whose.project,
        session=whose.session,
        trace_id=whose.trace_id,
        span_id=noted.span_id,
        parent_id=scope.span_id or whose.parent,
        kind=kind,
        name=_name(request, asked),
        start=Nanoseconds(pending.started),
        agent=scope.agent,
        iteration=scope.iteration,
        model=asked.model if asked else None,
        provider=asked.provider if asked else None,
        tool=_tool(request),
        attributes=attributes,
        kept=kept,
    )


def _told(pending: Pending, noted: Noted) -> dict[str, Value]:
    return {
        "path": pending.address.path,
        "ordinal": pending.address.ordinal,
        "site": list(pending.site),
        "digest": pending.asked or digest(noted.request),
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


def _outcome(answer: Answer, end: Value) -> dict[str, Value]:
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


def _understood(span: Span, asked: "Asked", answered: "Answered", answer: Answer) -> dict[str, Value]:
    from agentreplay.intake import prices  # start-up

    attributes = dict(span.attributes)
    attributes |= {f"gen_ai.request.{name}": value for name, value in asked.parameters.items()}
    if answered.finish_reason is not None:
        attributes["gen_ai.response.finish_reasons"] = [answered.finish_reason]
    if answered.response_id is not None:
        attributes["gen_ai.response.id"] = answered.response_id
    first = answered.first_token
    if first is not None and answer.chunks:
        waited = sum(chunk.after for chunk in answer.chunks[: first + 1]) + int(answer.head.get("_took", 0))
        attributes["gen_ai.response.time_to_first_chunk"] = waited / 1e9
    model = answered.model or asked.model
    fields: dict[str, Value] = {
        "attributes": attributes,
        "model": model,
        "usage": answered.usage,
        "cost": prices.cost(asked.provider, model, answered.usage, span.start) if model else None,
    }
    if answered.error:
        fields |= {"status": "error", "status_message": answered.error}
    return fields


def _chunks(answer: Answer) -> list[bytes]:
    pieces: list[bytes] = []
    place = 0
    for chunk in answer.chunks:
        pieces.append(answer.body[place : place + chunk.size])
        place += chunk.size
    return pieces or [answer.body]
