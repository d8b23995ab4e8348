"""OpenAI's embeddings, which most hosts speak."""

import base64
import math
import struct
from collections.abc import Sequence

from agentreplay.intake.providers import hosts, openai, wire
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, Spoken
from agentreplay.intake.providers.wire import mapping, sequence
from agentreplay.intake.providers.wordless import wordless
from agentreplay.model.values import Value

__all__ = ["answer", "ask", "speak", "vector"]

_GOOD = 200
_USUAL_DIMENSIONS = 1536
_MOST_DIMENSIONS = 1 << 16
_MODULUS, _FACTOR = (1 << 31) - 1, 48_271


def ask(url: str, body: Value) -> Asked | None:
    """Understand a request, or None when it is not in these words."""
    asked = mapping(body)
    if not hosts.path(url).endswith("/embeddings") or "input" not in asked:
        return None
    return Asked(
        provider=openai.provider(url),
        dialect=openai.EMBEDDINGS,
        kind="embedding",
        model=openai.model(url, asked),
        parameters=openai.parameters(asked),
        inputs=_inputs(asked["input"]),
    )


def answer(asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:  # noqa: ARG001  # part of the contract
    """Understand an answer, whole or cut short. Never raises. It has no message: the vectors stay in the body."""
    data = b"".join(chunks)
    body = mapping(wire.parse(data))
    return wordless(status, data, body, openai.usage(body.get("usage")), openai.cost(body.get("usage")))


def speak(asked: Asked, reply: Reply, number: int) -> Spoken:
    """Say the reply in these words: vectors that are the same in every run, for a reply has none."""
    if reply.status != _GOOD:
        return openai.speak_error(reply)
    wanted = asked.parameters.get("dimensions")
    is_packed = asked.parameters.get("encoding_formats") == ["base64"]
    vectors = [vector(number + place, wanted) for place in range(asked.inputs)]
    said: dict[str, Value] = {
        "id": f"embd-{number:012d}",  # which Mistral has and its client wants, and OpenAI has not
        "object": "list",
        "data": [
            {"object": "embedding", "index": place, "embedding": _packed(values) if is_packed else values}
            for place, values in enumerate(vectors)
        ],
        "model": asked.model or "",
    }
    if reply.usage:
        told = openai.tell_usage(reply.usage, "prompt", "completion")
        said["usage"] = {"prompt_tokens": told["prompt_tokens"], "total_tokens": told["prompt_tokens"]}
    return Spoken(status=_GOOD, media=openai.JSON, chunks=(wire.to_json(said),))


def vector(seed: int, dimensions: Value = None) -> list[float]:
    """A vector of length 1 that looks random and follows from the seed."""
    wanted = dimensions if isinstance(dimensions, int) and 0 < dimensions <= _MOST_DIMENSIONS else _USUAL_DIMENSIONS
    state = seed % (_MODULUS - 1) + 1
    values: list[float] = []
    for _ in range(wanted):
        state = state * _FACTOR % _MODULUS
        values.append(state / _MODULUS - 0.5)
    length = math.hypot(*values)
    return [value / length for value in values]


def _inputs(said: Value) -> int:
    """A text is one input, and so is a list of tokens."""
    inputs = sequence(said)
    return 1 if not inputs or isinstance(inputs[0], int) else len(inputs)


def _packed(values: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()
