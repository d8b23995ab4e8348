"""Vectors and images of Bedrock's `invoke_model`."""

from hypothesis import given

from agentreplay.intake.providers import bedrock_invoke
from agentreplay.intake.providers.protocol import Asked, Reply
from agentreplay.intake.providers.wire import mapping, parse
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value
from tests.intake.providers.replies import hostile

HOST = "https://bedrock-runtime.eu-west-1.amazonaws.com/model"
TITAN = f"{HOST}/amazon.titan-embed-text-v2%3A0/invoke"
CANVAS = f"{HOST}/amazon.nova-canvas-v1%3A0/invoke"


def understand(url: str, body: Value) -> Asked:
    asked = bedrock_invoke.ask(url, body)
    assert asked is not None
    return asked


def test_what_is_asked() -> None:
    titan = understand(TITAN, {"inputText": "a", "dimensions": 256})
    cohere = understand(f"{HOST}/cohere.embed-english-v3/invoke", {"texts": ["a", "b"], "input_type": "search_query"})

    assert (titan.kind, titan.model, titan.parameters) == (
        "embedding",
        "amazon.titan-embed-text-v2:0",
        {"dimensions": 256},
    )
    assert (cohere.kind, cohere.inputs, cohere.provider) == ("embedding", 2, "aws.bedrock")
    assert understand(CANVAS, {"taskType": "TEXT_IMAGE"}).verb == "draw"
    assert understand(CANVAS, {"taskType": "INPAINTING"}).verb == "edit"
    assert bedrock_invoke.ask(CANVAS, {"prompt": "hello"}) is None
    assert bedrock_invoke.ask("https://api.openai.com/v1/embeddings", {"inputText": "a"}) is None


def test_vectors_come_with_their_tokens() -> None:
    asked = understand(TITAN, {"inputText": "a", "dimensions": 256})

    spoken = bedrock_invoke.speak(asked, Reply(usage=Usage(input=3)), 1)

    assert len(mapping(parse(spoken.chunks[0]))["embedding"]) == 256
    assert bedrock_invoke.answer(asked, 200, spoken.chunks).usage == Usage(input=3)


def test_an_error_is_understood() -> None:
    asked = understand(CANVAS, {"taskType": "TEXT_IMAGE"})

    spoken = bedrock_invoke.speak(asked, Reply(status=400, text="No."), 1)

    assert bedrock_invoke.answer(asked, spoken.status, spoken.chunks).error == "No."


@given(hostile)
def test_no_bytes_can_hurt(data: bytes) -> None:
    bedrock_invoke.answer(understand(TITAN, {"inputText": "a"}), 200, [data])
