"""Understands a call that the SDK of a provider made, from what it was given and what it returned."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import msgspec

from agentreplay.client.ask import Json
from agentreplay.errors import ValueInvalid
from agentreplay.intake.providers import answer, ask

__all__ = ["Tracked", "as_json", "understood"]

_INSTRUCTIONS = ("system", "instructions")
"""Where providers put what others say in a first message."""

_OPERATIONS = {"embedding": "embeddings", "rerank": "rerank"}


class Tracked(NamedTuple):
    """A call of a model that is over."""

    kind: str
    operation: str
    model: str
    provider: str
    messages: Sequence[Json]
    input: Json
    """Where there are no messages."""
    output: Json
    usage: Mapping[str, int]
    """By bucket."""
    attributes: Mapping[str, Json]


def as_json(value: Any) -> dict[str, Json]:
    """What an SDK takes or returns, as a map. Raises ValueInvalid for what is none."""
    dumped = value.model_dump(mode="json", exclude_none=True) if hasattr(value, "model_dump") else value
    try:
        found = msgspec.to_builtins(dumped, enc_hook=_dumped, str_keys=True)
    except TypeError as error:
        raise ValueInvalid(what="a call of a model", problem=str(error)) from error
    if not isinstance(found, dict):
        raise ValueInvalid(what="a call of a model", problem="its parts are maps, or what an SDK made of maps")
    return cast("dict[str, Json]", found)


def understood(url: str, request: Mapping[str, Json], response: Mapping[str, Json]) -> Tracked:
    """What was asked and answered. Raises ValueInvalid where the request is not in the provider's words."""
    body = {name: value for name, value in request.items() if name != "stream"}
    asked = ask(url, body)
    if asked is None:
        raise ValueInvalid(what="a call of a model", problem="its request is not in the words of this provider")
    answered = answer(asked, 200, (msgspec.json.encode(response),))
    told: Sequence[Json] = body[asked.context] if asked.context else ()
    first = [{"role": "system", "content": body[name]} for name in _INSTRUCTIONS if told and body.get(name)]
    attributes = {f"gen_ai.request.{name}": value for name, value in asked.parameters.items()}
    attributes |= {"gen_ai.response.id": answered.response_id} if answered.response_id else {}
    attributes |= {"gen_ai.response.finish_reasons": [answered.finish_reason]} if answered.finish_reason else {}
    counts = msgspec.structs.asdict(answered.usage)
    return Tracked(
        kind=asked.kind,
        operation=_OPERATIONS.get(asked.kind, "chat"),
        model=answered.model or asked.model or "",
        provider=asked.provider,
        messages=[*first, *told],
        input=body,
        output=answered.message,
        usage={name: count for name, count in counts.items() if count},
        attributes=attributes,
    )


def _dumped(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_none=True)
    raise TypeError(f"{type(value).__name__} is no JSON")
