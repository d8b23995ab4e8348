"""What a dialect reads in a span; None where it says nothing."""

import msgspec

from agentreplay.model.span import Status
from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.model.values import Value

__all__ = ["Reading", "overlaid"]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What is understood of a span, in our words."""

    kind: str | None = None
    name: str | None = None
    agent: str | None = None
    iteration: int | None = None
    model: str | None = None
    provider: str | None = None
    """As the emitter calls it."""
    tool: str | None = None
    usage: Usage | None = None
    is_wrapper: bool | None = None
    """Whether spans below it tell the same tokens again, so that those it tells itself do not count."""
    reported: NanoDollars | None = None
    """What the emitter says it cost."""
    service_tier: str | None = None
    status: Status | None = None
    status_message: str | None = None
    messages: list[Value] | None = None
    """What a model saw, each message in the shape of `dialects.messages`."""
    parameters: dict[str, Value] | None = None
    """Temperature and the like, under the names of `gen_ai.request.*` without that prefix where the emitter allows."""
    tools: Value = None
    """The tools offered."""
    request: Value = None
    """What was asked where there is no conversation: arguments, a query, an input."""
    answer: Value = None
    """What came back; of a model its messages."""


def overlaid(readings: list[Reading]) -> Reading:
    """All readings as one; where several say something, the first is believed."""
    if len(readings) == 1:
        return readings[0]
    told: dict[str, Value] = {}
    for reading in reversed(readings):
        for name in Reading.__struct_fields__:
            value = getattr(reading, name)
            if value is not None:
                told[name] = value
    return Reading(**told)
