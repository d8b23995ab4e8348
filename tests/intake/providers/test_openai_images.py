"""Images that are drawn after a text, whole and as a stream."""

import base64

import pytest

from agentreplay.core.prices import book_of
from agentreplay.intake.providers import Asked, Reply, openai_images, wire
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

URL = "https://api.openai.com/v1/images/generations"
NOW = Nanoseconds(1_790_000_000_000_000_000)
USED = Usage(input=12, image_in=30, image_out=1056)


def understand(**body: Value) -> Asked:
    asked = openai_images.ask(URL, {"model": "gpt-image-1", "prompt": "a cat", **body})
    assert asked is not None
    return asked


def test_a_picture_is_asked_for_by_a_text() -> None:
    assert understand(size="1024x1024", n=2) == Asked(
        provider="openai",
        dialect="openai.images",
        verb="draw",
        model="gpt-image-1",
        parameters={"n": 2, "size": "1024x1024"},
    )
    assert openai_images.ask(URL, {"model": "gpt-image-1"}) is None
    assert openai_images.ask("https://api.openai.com/v1/images/edits", {"prompt": "a cat"}) is None


def test_tokens_of_images_are_counted_apart_from_those_of_text() -> None:
    told: dict[str, Value] = {
        "input_tokens": 42,
        "input_tokens_details": {"text_tokens": 12, "image_tokens": 30},
        "output_tokens": 1056,
        "total_tokens": 1098,
    }

    answered = openai_images.answer(understand(), 200, [wire.to_json({"data": [{"b64_json": "AA=="}], "usage": told})])

    assert (answered.usage, answered.complete) == (USED, True)
    quote = book_of(None).quote("openai", "gpt-image-1", NOW, project="demo")
    assert quote is not None
    assert quote.cost(answered.usage) == 12 * 5_000 + 30 * 10_000 + 1056 * 40_000


@pytest.mark.parametrize("streams", [False, True])
def test_what_is_said_is_understood(streams: bool) -> None:  # noqa: FBT001
    asked = understand(stream=streams)

    spoken = openai_images.speak(asked, Reply(usage=USED), 7)
    answered = openai_images.answer(asked, spoken.status, spoken.chunks)

    assert (answered.usage, answered.complete, answered.first_token) == (USED, True, 0 if streams else None)
    failed = openai_images.speak(asked, Reply(status=400, text="no such picture"), 7)
    assert openai_images.answer(asked, 400, failed.chunks).error == "no such picture"


def test_a_stream_that_is_cut_is_not_complete() -> None:
    early = b'data: {"type":"image_generation.partial_image","b64_json":"AA=="}\n\n'

    answered = openai_images.answer(understand(stream=True), 200, [early])

    assert (answered.complete, answered.first_token, answered.usage) == (False, 0, Usage())


def test_the_picture_is_a_picture() -> None:
    spoken = openai_images.speak(understand(n=3), Reply(), 7)
    images = wire.mappings(wire.mapping(wire.parse(spoken.chunks[0]))["data"])

    assert len(images) == 3
    assert base64.b64decode(str(images[0]["b64_json"])).startswith(b"\x89PNG\r\n")
