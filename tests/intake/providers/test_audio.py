"""Speech and transcripts, in the words of OpenAI and of Mistral."""

import pytest
from hypothesis import given

from agentreplay.intake.providers import audio
from agentreplay.intake.providers.protocol import Asked, Reply
from agentreplay.intake.providers.samples import sound
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value
from tests.intake.providers.replies import hostile

URL = "https://api.openai.com/v1/audio/"
MISTRAL = "https://api.mistral.ai/v1/audio/"
HEARD = {"filename": "said.wav", "media": "audio/wav", "bytes": 9}
USED = Usage(input=3, audio_in=60, output=7)


def understand(url: str, body: Value) -> Asked:
    asked = audio.ask(url, body)
    assert asked is not None
    return asked


def test_what_is_asked() -> None:
    said = understand(f"{URL}speech", {"model": "gpt-4o-mini-tts", "voice": "alloy", "input": "hello"})
    heard = understand(f"{URL}transcriptions", {"model": "gpt-4o-transcribe", "file": HEARD, "stream": "true"})

    assert (said.verb, said.model, said.streams) == ("speak", "gpt-4o-mini-tts", False)
    assert (heard.verb, heard.model, heard.streams) == ("transcribe", "gpt-4o-transcribe", True)
    assert understand(f"{URL}translations", {"file": HEARD}).verb == "translate"
    assert understand("https://api.cohere.com/v2/audio/transcriptions", {"file": HEARD}).provider == "cohere"
    assert audio.ask(f"{URL}speech", {"model": "m"}) is None
    assert audio.ask("https://api.openai.com/v1/audio", {"input": "hello"}) is None


@pytest.mark.parametrize("stream", ["false", "true"])
def test_a_transcript_comes_back_with_its_tokens(stream: str) -> None:
    asked = understand(f"{URL}transcriptions", {"model": "gpt-4o-transcribe", "file": HEARD, "stream": stream})

    spoken = audio.speak(asked, Reply(text="It is sunny.", usage=USED), 1)
    answered = audio.answer(asked, spoken.status, spoken.chunks)

    assert (answered.text, answered.usage, answered.complete) == ("It is sunny.", USED, True)
    assert (answered.first_token is not None) == (stream == "true")


def test_a_transcript_may_be_plain_text() -> None:
    asked = understand(f"{URL}transcriptions", {"model": "whisper-1", "file": HEARD, "response_format": "text"})

    spoken = audio.speak(asked, Reply(text="It is sunny."), 1)

    assert spoken.chunks == (b"It is sunny.",)
    assert audio.answer(asked, 200, spoken.chunks).text == "It is sunny."


def test_what_is_charged_by_the_second_tells_no_tokens() -> None:
    asked = understand(f"{URL}transcriptions", {"model": "whisper-1", "file": HEARD})

    answered = audio.answer(asked, 200, [b'{"text":"hello","usage":{"type":"duration","seconds":3}}'])

    assert answered.usage.total == 0


def test_speech_is_bytes_or_events() -> None:
    body = {"model": "gpt-4o-mini-tts", "voice": "alloy", "input": "hello"}
    whole, pieces = understand(f"{URL}speech", body), understand(f"{URL}speech", body | {"stream_format": "sse"})

    assert audio.speak(whole, Reply(), 1).chunks == (sound(),)
    assert audio.answer(whole, 200, [sound()]).complete
    spoken = audio.speak(pieces, Reply(usage=Usage(input=5, output=9)), 1)
    assert audio.answer(pieces, 200, spoken.chunks).usage == Usage(input=5, audio_out=9)


def test_mistral_says_it_in_its_own_words() -> None:
    body = {"model": "voxtral-mini-latest", "file": HEARD, "stream": "true"}
    heard, said = understand(f"{MISTRAL}transcriptions", body), understand(f"{MISTRAL}speech", {"input": "hello"})

    spoken = audio.speak(heard, Reply(text="It is sunny.", usage=Usage(input=8, output=2)), 1)

    assert b"transcription.done" in spoken.chunks[-1]
    assert audio.answer(heard, 200, spoken.chunks).text == "It is sunny."
    assert b"audio_data" in audio.speak(said, Reply(), 1).chunks[0]


def test_an_error_is_understood() -> None:
    asked = understand(f"{URL}speech", {"model": "m", "input": "hello"})

    spoken = audio.speak(asked, Reply(status=429, text="Slow down."), 1)

    assert audio.answer(asked, spoken.status, spoken.chunks).error == "Slow down."


@given(hostile)
def test_no_bytes_can_hurt(data: bytes) -> None:
    for stream in ("true", "false"):
        audio.answer(understand(f"{URL}transcriptions", {"file": HEARD, "stream": stream}), 200, [data])
    audio.answer(understand(f"{URL}speech", {"input": "hello"}), 200, [data])
