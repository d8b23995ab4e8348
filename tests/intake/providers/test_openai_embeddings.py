"""Embeddings as OpenAI sends them, and vectors that a script can send."""

import base64
import math
import struct

import pytest

from agentreplay.intake.providers import Asked, Reply, openai_embeddings, wire
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

URL = "https://api.openai.com/v1/embeddings"


def understand(**body: Value) -> Asked:
    asked = openai_embeddings.ask(URL, {"model": "text-embedding-3-small", "input": "a", **body})
    assert asked is not None
    return asked


@pytest.mark.parametrize(
    ("said", "inputs"), [("a", 1), (["a", "b", "c"], 3), ([1, 2, 3], 1), ([[1, 2], [3]], 2), ([], 1)]
)
def test_inputs_are_texts_or_lists_of_tokens(said: Value, inputs: int) -> None:
    assert understand(input=said).inputs == inputs


def test_an_answer_is_understood() -> None:
    body = {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.0023, -0.0093]}],
        "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    }

    answered = openai_embeddings.answer(understand(), 200, [wire.to_json(body)])

    assert (answered.usage, answered.model, answered.complete) == (Usage(input=8), "text-embedding-3-small", True)


def test_each_input_gets_a_vector_as_it_was_asked_for() -> None:
    plain = openai_embeddings.speak(understand(input=["a", "b"], dimensions=4), Reply(), 7)
    packed = openai_embeddings.speak(understand(input=["a", "b"], dimensions=4, encoding_format="base64"), Reply(), 7)

    vectors = [item["embedding"] for item in wire.parse(plain.chunks[0])["data"]]
    unpacked = [
        struct.unpack("<4f", base64.b64decode(item["embedding"])) for item in wire.parse(packed.chunks[0])["data"]
    ]

    assert [len(vector) for vector in vectors] == [4, 4]
    assert vectors[0] != vectors[1]
    assert [list(vector) for vector in unpacked] == [pytest.approx(vector, rel=1e-6) for vector in vectors]


def test_a_vector_has_length_1() -> None:
    assert math.hypot(*openai_embeddings.vector(5)) == pytest.approx(1)
    assert len(openai_embeddings.vector(5)) == 1536
