"""Hugging Face's own tasks: told by the address, by what is wanted, or by what went in and came out."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake.providers import Answered, Asked, Reply, ask, huggingface, samples, wire
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import Value
from tests.intake.providers.replies import hostile

HOST = "https://router.huggingface.co/hf-inference"
URL = f"{HOST}/models/a/b"
PICTURE: dict[str, Value] = {"media": "image/png", "bytes": 9}
SOUND: dict[str, Value] = {"media": "audio/wav", "bytes": 9}
ENCODED = base64.b64encode(samples.picture()).decode()
HEARD = base64.b64encode(samples.sound()).decode()


def understand(url: str, body: Value, accept: str = "") -> Asked:
    asked = ask(url, body, accept)
    assert asked is not None
    return asked


def done(body: Value, answer: bytes) -> str | None:
    return huggingface.answer(understand(URL, body), 200, [answer]).verb


@pytest.mark.parametrize(
    ("task", "body", "verb"),
    [
        ("text-to-image", {"inputs": "a cat"}, "draw"),
        ("image-to-image", PICTURE, "edit"),
        ("text-to-speech", {"inputs": "hello"}, "speak"),
        ("automatic-speech-recognition", SOUND, "transcribe"),
    ],
)
def test_the_address_may_tell_the_task(task: str, body: Value, verb: str) -> None:
    asked = understand(f"{URL}/pipeline/{task}", body)

    assert (asked.provider, asked.dialect, asked.kind, asked.verb) == ("huggingface", "huggingface.task", "llm", verb)
    assert (asked.model, asked.context, asked.streams) == ("a/b", None, False)
    assert understand(f"https://api-inference.huggingface.co/pipeline/{task}/a/b", body) == asked
    assert understand(f"http://localhost:8080/models/a/b/pipeline/{task}", body) == asked


def test_texts_are_embedded() -> None:
    url = f"{URL}/pipeline/feature-extraction"

    assert understand(url, {"inputs": ["one", "two"], "normalize": True}) == Asked(
        provider="huggingface",
        dialect="huggingface.embed",
        kind="embedding",
        verb="ask",
        model="a/b",
        framing="texts",
        parameters={"normalize": True},
        inputs=2,
    )
    assert understand(url, {"inputs": "one"}).inputs == 1


def test_a_wish_for_an_image_tells_what_is_done() -> None:
    edits: dict[str, Value] = {"inputs": ENCODED, "parameters": {"prompt": "in blue"}}

    assert understand(URL, {"inputs": "a cat", "parameters": {}}, "image/png").verb == "draw"
    assert understand(URL, PICTURE, "image/png").verb == "edit"
    assert understand(URL, edits, "image/png").verb == "edit"
    assert understand(URL, {"inputs": "a cat", "parameters": {}}, "*/*").verb == "ask"
    assert understand(URL, {"inputs": "//something"}, "image/png").verb == "draw", "it only begins as a sound does"
    chat = understand("https://api.openai.com/v1/chat/completions", {"model": "m", "messages": []}, "image/png")
    assert chat.verb == "chat"


def test_what_came_back_tells_the_rest() -> None:
    spoken, heard = {"inputs": "hello", "parameters": {}}, {"inputs": HEARD, "parameters": {}}

    assert done(spoken, samples.sound()) == "speak"
    assert done(spoken, samples.picture()) == "draw"
    assert done(spoken, b"[[0.5]]") == done(spoken, b"[1, 2]") == "embed"
    assert done(PICTURE, b"\xff\xd8\xff") == "edit"
    assert done(SOUND, b'{"text": "hello"}') == done(heard, b'{"text": "hello"}') == "transcribe"
    assert done(spoken, b'[{"label": "good", "score": 0.5}]') is None
    assert done(spoken, b"") is done(SOUND, b"[]") is None
    told = understand(f"{URL}/pipeline/text-to-speech", spoken)
    assert huggingface.answer(told, 200, [samples.sound()]).verb is None


def test_parameters_have_their_usual_names_and_words_are_none_of_them() -> None:
    given = {"negative_prompt": "a dog", "width": 64, "seed": 7, "max_new_tokens": 9, "temperature": 0.5}

    asked = understand(URL, {"inputs": "a cat", "parameters": given})

    assert asked.parameters == {"width": 64, "seed": 7, "max_tokens": 9, "temperature": 0.5}


def test_a_model_of_ones_own_has_no_name() -> None:
    asked = understand("https://x1.us-east-1.aws.endpoints.huggingface.cloud", SOUND)

    assert (asked.provider, asked.model, asked.framing) == ("huggingface", None, "audio")
    assert understand(f"{HOST}/models/gpt2", {"inputs": "Once"}).model == "gpt2"
    assert understand("http://localhost:1/hf-inference/models/a%2Fb", {"inputs": "Once"}).model == "a/b"


@pytest.mark.parametrize(
    ("url", "body"),
    [
        (URL, {"inputs": "Once", "stream": True}),
        (URL, {"messages": []}),
        (URL, {"inputs": {"question": "who", "context": "I"}}),
        (URL, {"inputs": []}),
        (URL, {"media": "video/mp4", "bytes": 9}),
        (f"{URL}/pipeline/sentence-similarity", {"inputs": "Once"}),
        (f"{URL}/v1/chat/completions", {"inputs": "Once"}),
        ("https://router.huggingface.co/fal-ai/models/a/b", {"inputs": "Once"}),
        ("https://huggingface.co/api/models/a/b", {"inputs": "Once"}),
        ("https://api.endpoints.huggingface.cloud/v2/endpoint", {"inputs": "Once"}),
        ("http://localhost:8080/models/a/b", {"inputs": "Once"}),
        ("http://localhost:8080", {"inputs": "Once"}),
        ("http://localhost:8080/models/a/b/pipeline/fill-mask", {"inputs": "Once"}),
    ],
)
def test_what_others_mean_is_left_alone(url: str, body: Value) -> None:
    assert ask(url, body, "image/png") is None


def test_words_are_the_message() -> None:
    heard = huggingface.answer(understand(URL, SOUND), 200, [b'{"te', b'xt": "It is sunny."}'])
    written = huggingface.answer(understand(URL, {"inputs": "Once"}), 200, [b'[{"generated_text": "Once upon"}]'])

    assert heard == Answered(message="It is sunny.", text="It is sunny.", verb="transcribe")
    assert written == Answered(message="Once upon", text="Once upon")
    assert not huggingface.answer(understand(URL, SOUND), 200, [b'{"te']).complete


def test_what_goes_wrong_is_told() -> None:
    asked = understand(URL, {"inputs": "a cat"}, "image/png")

    loading = huggingface.answer(asked, 503, [b'{"error":"Model a/b is currently loading","estimated_time":20.0}'])
    odd = huggingface.answer(asked, 200, [b'{"error":"no such thing"}'])

    assert (loading.error, odd.error) == ("Model a/b is currently loading", "no such thing")


@pytest.mark.parametrize(
    ("task", "body", "begins"),
    [
        ("/pipeline/text-to-image", {"inputs": "a"}, b"\x89PNG"),
        ("/pipeline/image-to-image", PICTURE, b"\x89PNG"),
        ("/pipeline/text-to-speech", {"inputs": "a"}, b"RIFF"),
        ("/pipeline/automatic-speech-recognition", SOUND, b'{"text":"It is sunny."}'),
        ("/pipeline/feature-extraction", {"inputs": "a"}, b"[0."),
        ("/pipeline/feature-extraction", {"inputs": ["a"]}, b"[[0."),
        ("", SOUND, b'{"text":"It is sunny."}'),
        ("", {"inputs": "a"}, b'[{"generated_text":"It is sunny."}]'),
    ],
)
def test_what_is_said_is_understood(task: str, body: Value, begins: bytes) -> None:
    asked = understand(URL + task, body)

    spoken = huggingface.speak(asked, Reply(text="It is sunny.", usage=Usage(input=3)), 1)
    answered = huggingface.answer(asked, spoken.status, spoken.chunks)
    failed = huggingface.speak(asked, Reply(status=400, text="no such model"), 1)

    assert spoken.chunks[0].replace(b"[-0.", b"[0.").startswith(begins)
    assert (answered.complete, answered.error, answered.usage) == (True, None, NO_USAGE)
    assert answered.text == ("It is sunny." if b"sunny" in begins else "")
    assert huggingface.answer(asked, failed.status, failed.chunks).error == "no such model"


def test_vectors_are_as_many_and_as_long_as_wanted() -> None:
    asked = understand(f"{URL}/pipeline/feature-extraction", {"inputs": ["a", "b"], "dimensions": 5})

    vectors = wire.sequence(wire.parse(huggingface.speak(asked, Reply(), 1).chunks[0]))

    assert [len(wire.sequence(one)) for one in vectors] == [5, 5]


@given(
    st.sampled_from(["", "/pipeline/feature-extraction", "/pipeline/text-to-image"]),
    st.lists(hostile, max_size=3),
    st.sampled_from([200, 400, 503]),
)
def test_hostile_bytes_never_raise(task: str, chunks: list[bytes], status: int) -> None:
    asked = understand(URL + task, {"inputs": "a"})

    assert huggingface.answer(asked, status, chunks).usage == NO_USAGE


@given(hostile.map(lambda data: data.decode("latin-1")), st.text())
def test_no_request_raises(letters: str, accept: str) -> None:
    ask(URL, {"inputs": letters, "parameters": letters}, accept)
    ask(f"{URL}{letters}", {"inputs": [letters], "bytes": letters, "media": letters})
