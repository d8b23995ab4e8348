"""How a call becomes a span with contents: models understood, money counted, what calls share kept once.

The program's process writes a call down as it is and goes on; whoever indexes the journal makes a span of it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentreplay.core.understanding import asked_by, called, understood
from agentreplay.model.batch import Batch
from agentreplay.model.call import NOWHERE, Answer, Crossing, Request
from agentreplay.model.content import OCTETS, Content, Kept
from agentreplay.model.span import Event, Span, Status
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value, decode, is_map
from agentreplay.model.witness import attested
from agentreplay.playback.canonical import digest, parse_json
from agentreplay.playback.folding import CALL, fold, fold_answer
from agentreplay.playback.tape import READINGS

if TYPE_CHECKING:
    from agentreplay.intake.providers import Asked

__all__ = ["MODEL_SEAMS", "batch_of_call", "batch_of_crossing"]

MODEL_SEAMS = frozenset({"claude", "http"})
"""The seams that models are asked through."""

_KINDS = {kind: kind for kind in ("tool", "mcp", "http", "retrieval", "database", "memory")}
_IN_BATCHES = "/batches/", "/files/"
"""What stands in the addresses where batches are answered."""
_NOTHING = Batch()
_FAILED = 400
_REQUEST_IDS = ("request-id", "x-request-id")
"""The headers in which providers name a request, as the agents that ask them write down."""


def batch_of_call(payload: bytes, folder: Path | None = None) -> Batch:
    """What is in the payload of a frame that holds a call, priced as the data folder tells."""
    return batch_of_crossing(decode(payload, Crossing), folder)


def batch_of_crossing(crossing: Crossing, folder: Path | None = None) -> Batch:
    """The span of a call, open while its answer has not come, with its contents and links."""
    request, answer = crossing.request, crossing.answer
    body = parse_json(request.body, request.media)
    asked = _ask(request, body)
    folded = fold(request, asked.context if asked else None, body)
    kept, contents = folded.kept, folded.contents
    fields = _fields(crossing, asked, body, crossing.asked or digest(request, body))
    if answer is not None:
        back = fold_answer(answer)
        kept, contents = (*kept, *back.kept), (*contents, *back.contents)
        fields["attributes"][CALL]["turn"] = answer.turn
        fields |= _outcome(answer, crossing.ended or crossing.started)
        if asked is not None:
            attributes, more = understood(asked, answer, fields["start"], fields["project"], folder)
            fields |= more
            fields["attributes"] |= attributes
            fields["attributes"] |= _witnessed(crossing, fields, answer)
    if crossing.readings is not None:
        readings = Content.of(crossing.readings, OCTETS)
        kept, contents = (*kept, Kept(role=READINGS, hash=readings.hash)), (*contents, readings)
    span = Span(**fields, end=crossing.ended, kept=kept, context=folded.context)
    batched = _batched(crossing, answer, folder) if answer is not None and asked is None else _NOTHING
    return Batch(spans=(span, *batched.spans), contents=(*contents, *batched.contents), links=folded.links)


def _ask(request: Request, body: Value) -> "Asked | None":
    if request.seam not in MODEL_SEAMS or not request.body:
        return None
    return asked_by(request, body)


def _batched(crossing: Crossing, answer: Answer, folder: Path | None) -> Batch:
    """What the answer brings of a batch."""
    request = crossing.request
    if request.seam != "http" or not any(part in str(request.head.get("url", "")) for part in _IN_BATCHES):
        return _NOTHING
    from agentreplay.core.batched import batch_of_results  # start-up

    return batch_of_results(crossing, answer, folder)


def _fields(crossing: Crossing, asked: "Asked | None", body: Value, digested: str) -> dict[str, Any]:
    """What is known of the span of a call from its beginning."""
    request = crossing.request
    return {
        "tenant": crossing.tenant,
        "project": crossing.project,
        "session": crossing.session,
        "trace_id": crossing.trace_id,
        "span_id": crossing.span_id,
        "parent_id": crossing.parent_id,
        "kind": asked.kind if asked else _KINDS.get(request.seam, "function"),
        "name": _name(request, asked),
        "start": crossing.started,
        "agent": crossing.agent,
        "iteration": crossing.iteration,
        "model": asked.model if asked else None,
        "provider": asked.provider if asked else None,
        "tool": _tool(request),
        "attributes": {
            CALL: {
                "path": crossing.path,
                "ordinal": crossing.ordinal,
                "site": list(crossing.site),
                "digest": digested,
            },
            **_remembered(request, body),
        },
    }


def _remembered(request: Request, body: Value) -> dict[str, Value]:
    """The collection that a call of `agentreplay.Memory` is about."""
    if request.seam != "memory" or not is_map(body):
        return {}
    from agentreplay.model.memory import COLLECTION, OWNER  # start-up

    match body.get("collection"):
        case [str() as owner, str() as name]:
            return {OWNER: owner, COLLECTION: name}
        case _:
            return {}


def _name(request: Request, asked: "Asked | None") -> str:
    return request.operation if asked is None else called(asked)


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


def _witnessed(crossing: Crossing, fields: dict[str, Any], answer: Answer) -> dict[str, Value]:
    """By what a call is known to all others that tell of it."""
    if crossing.request.seam != "http":
        return {}
    headers = {name.lower(): value for name, value in answer.head.get("headers", ())}
    request = next((headers[name] for name in _REQUEST_IDS if name in headers), None)
    named = fields["attributes"].get("gen_ai.response.id")
    end = crossing.ended or crossing.started
    if crossing.site == NOWHERE:
        return attested("gateway", fields["usage"], end, named, request)
    return attested("recorder", fields["usage"], end, named, request, crossing.session)
