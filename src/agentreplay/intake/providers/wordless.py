"""Answers without a message, as of embeddings and ranks: what they say of themselves. The rest stays in the body."""

from collections.abc import Mapping

from agentreplay.intake.providers import complaints
from agentreplay.intake.providers.protocol import Answered
from agentreplay.intake.providers.wire import text
from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.model.values import Value

__all__ = ["wordless"]

_BAD_REQUEST = 400


def wordless(
    status: int, data: bytes, body: Mapping[str, Value], usage: Usage, cost: NanoDollars | None = None
) -> Answered:
    """Such an answer; `body` is what was understood of its data, and empty where that was cut short."""
    return Answered(
        usage=usage,
        cost=cost,
        response_id=text(body.get("id")) or None,
        model=text(body.get("model")) or None,
        complete=bool(body) or status >= _BAD_REQUEST,
        error=complaints.problem(status, data),
    )
