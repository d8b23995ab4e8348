"""What is understood of a model's answer: its model, tokens and cost, how it ended, and what went wrong."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentreplay.core import http
from agentreplay.model.call import Answer, Request
from agentreplay.model.ids import ProjectId
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value, is_map
from agentreplay.playback.canonical import UNPARSED

if TYPE_CHECKING:
    from agentreplay.intake.providers import Answered, Asked

__all__ = ["asked_by", "called", "understood"]

_VERBS = {"embedding": "embed", "rerank": "rerank"}
_KINDS = {verb: kind for kind, verb in _VERBS.items()}


def asked_by(request: Request, body: Value = UNPARSED) -> "Asked | None":
    """What a request asks of a model, or None when it asks none whose words we know.

    Whoever has parsed the body already gives what `parse_json` made of it.
    """
    body = http.body_value(request, body)
    if body is None:
        return None
    from agentreplay.intake import providers  # start-up

    headers = request.head.get("headers")
    accept = str(headers.get("accept", "")) if is_map(headers) else ""
    return providers.ask(str(request.head.get("url", "")), body, accept)


def called(asked: "Asked") -> str:
    """The name of a span of such a request."""
    return _named(_VERBS.get(asked.kind, asked.verb), asked)


def understood(  # noqa: PLR0913  # all that a price depends on
    asked: "Asked",
    answer: Answer,
    start: Nanoseconds,
    project: ProjectId,
    folder: Path | None,
    *,
    tier: str | None = None,
) -> tuple[dict[str, Value], dict[str, Any]]:
    """Attributes of its span, and fields; priced as the data folder tells, in this tier or the one that is told."""
    from agentreplay.core.prices import book_of  # start-up
    from agentreplay.intake import providers  # start-up

    answered = providers.answer(asked, int(answer.head.get("status", 0)), answer.pieces)
    model, tier = answered.model or asked.model, tier or answered.service_tier
    quote = book_of(folder).quote(asked.provider, model, start, service_tier=tier, project=project) if model else None
    # An answer that tells of no tokens was hardly free; one that failed was.
    is_told = answered.usage.total or answered.error or (quote is not None and quote.rates.get("call"))
    fields: dict[str, Any] = {
        "model": model,
        "usage": answered.usage,
        "cost": None if quote is None or not is_told else quote.cost(answered.usage),
    }
    if answered.verb:
        fields |= {"name": _named(answered.verb, asked), "kind": _KINDS.get(answered.verb, asked.kind)}
    if answered.error:
        fields |= {"status": "error", "status_message": answered.error}
    attributes = _attributes(asked, answered, answer)
    return {**attributes, "gen_ai.response.service_tier": tier} if tier else attributes, fields


def _named(verb: str, asked: "Asked") -> str:
    return f"{verb} {asked.model or ''}".strip()


def _attributes(asked: "Asked", answered: "Answered", answer: Answer) -> dict[str, Value]:
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
