"""What is understood of an answer, and what it costs."""

import json

import pytest

from agentreplay.core.http import request
from agentreplay.core.understanding import asked_by, called, understood
from agentreplay.intake.providers import Asked, ask, samples
from agentreplay.model.call import Answer
from agentreplay.model.ids import ProjectId
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

PROJECT, NOW = ProjectId("default"), Nanoseconds(1_780_000_000_000_000_000)


def asked_of(path: str, body: Value) -> Asked:
    asked = ask(f"https://api.openai.com/v1/{path}", body)
    assert asked is not None
    return asked


CHAT = asked_of("chat/completions", {"model": "gpt-5-mini", "messages": []})
SPEECH = asked_of("audio/speech", {"model": "gpt-4o-mini-tts", "input": "hello"})


def test_a_span_is_called_by_what_is_done() -> None:
    assert called(CHAT) == "chat gpt-5-mini"
    assert called(SPEECH) == "speak gpt-4o-mini-tts"
    assert called(asked_of("embeddings", {"model": "m", "input": "a"})) == "embed m"


@pytest.mark.parametrize(("told", "tier"), [("default", None), ("flex", "flex")])
def test_the_tier_is_told_where_it_is_not_as_usual(told: str, tier: str | None) -> None:
    body = {"choices": [], "service_tier": told, "usage": {"prompt_tokens": 8, "completion_tokens": 1}}

    attributes, fields = understood(CHAT, Answer(body=json.dumps(body).encode()), NOW, PROJECT, None)

    assert attributes.get("gen_ai.response.service_tier") == tier
    assert fields["usage"] == Usage(input=8, output=1)
    assert fields["cost"]


@pytest.mark.parametrize(
    ("body", "kind", "name"),
    [(b"fLaC\0", "llm", "speak a/b"), (b"[0.5, 0.25]", "embedding", "embed a/b"), (b"[]", None, None)],
)
def test_a_span_is_called_by_its_answer_where_only_that_tells(body: bytes, kind: str, name: str) -> None:
    asked = ask("https://router.huggingface.co/hf-inference/models/a/b", {"inputs": "hello"})
    assert asked is not None

    _, fields = understood(asked, Answer(body=body), NOW, PROJECT, None)

    assert called(asked) == "ask a/b"
    assert (fields.get("kind"), fields.get("name"), fields["cost"]) == (kind, name, None)


def test_a_body_of_bytes_and_a_wish_for_images_tell_what_is_asked() -> None:
    url, picture = "https://router.huggingface.co/hf-inference/models/a/b", samples.picture()

    drawn = asked_by(request("POST", url, [("Accept", "image/png")], b'{"inputs": "a cat", "parameters": {}}'))
    edited = asked_by(request("POST", url, [("accept", "image/png")], picture))
    shown = asked_by(request("POST", url, [("accept", "*/*")], picture))

    assert [one and one.verb for one in (drawn, edited, shown)] == ["draw", "edit", "ask"]
    assert asked_by(request("POST", url, [], b"\0")) is None


def test_an_answer_that_tells_of_no_tokens_has_no_cost() -> None:
    _, fields = understood(SPEECH, Answer(body=b"RIFF\0"), NOW, PROJECT, None)

    assert fields["cost"] is None
