"""Gemini: what is asked, answered, streamed in two ways, counted and refused."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake.providers import gemini
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, ToolCall
from agentreplay.model.usage import NO_USAGE, Usage
from tests.intake.providers.replies import answers_of, cuts, hostile, replies

HOST = "https://generativelanguage.googleapis.com"
MODEL = f"{HOST}/v1beta/models/gemini-x"
VERTEX = "https://europe-west1-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/gemini-x"
WHOLE = f"{MODEL}:generateContent"
ARRAY = f"{MODEL}:streamGenerateContent"
EVENTS = f"{ARRAY}?key=k&alt=sse"
HELLO = [{"role": "user", "parts": [{"text": "hello"}]}]
COUNTS = st.integers(0, 1 << 30)
USAGES = st.builds(
    Usage,
    **dict.fromkeys(
        ["input", "cache_read", "output", "reasoning", "audio_in", "audio_out", "image_in", "image_out"], COUNTS
    ),
)


def understood(url: str = WHOLE, **body: Any) -> Asked:
    asked = gemini.ask(url, {"contents": HELLO, **body})
    assert asked is not None
    return asked


def response(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    finish = {"finishReason": more.pop("finish")} if "finish" in more else {}
    return {"candidates": [candidate | finish], "modelVersion": "gemini-x-001", "responseId": "r1", **more}


def events_of(*responses: dict[str, Any]) -> list[bytes]:
    return [b"data: " + json.dumps(response).encode() + b"\r\n\r\n" for response in responses]


def usage_of(**said: Any) -> Usage:
    return gemini.answer(understood(), 200, [json.dumps(response(usageMetadata=said)).encode()]).usage


def test_a_request_is_understood() -> None:
    asked = understood(
        generationConfig={"temperature": 0, "topP": 0.9, "maxOutputTokens": 5, "candidateCount": 1},
        tools=[{"functionDeclarations": [{"name": "weather"}, {"name": "now"}]}, {"googleSearch": {}}],
    )

    assert asked == Asked(
        provider="gcp.gemini",
        dialect="gemini.generate",
        model="gemini-x",
        context="contents",
        parameters={"temperature": 0, "top_p": 0.9, "max_tokens": 5, "choice.count": 1},
        tools=("weather", "now", "googleSearch"),
    )


def test_snake_case_says_the_same() -> None:
    asked = understood(generation_config={"top_k": 3}, tools=[{"function_declarations": [{"name": "weather"}]}])

    assert (asked.parameters, asked.tools) == ({"top_k": 3}, ("weather",))


@pytest.mark.parametrize(
    ("url", "provider", "kind", "streams"),
    [
        (WHOLE, "gcp.gemini", "llm", False),
        (EVENTS, "gcp.gemini", "llm", True),
        (f"{HOST}/v1beta/models/gemini-x%3AgenerateContent", "gcp.gemini", "llm", False),
        (f"{VERTEX}:streamGenerateContent", "gcp.vertex_ai", "llm", True),
        ("http://localhost:1/v1beta/models/gemini-x:generateContent", "gcp.gemini", "llm", False),
        ("http://localhost:1/v1/projects/p/models/gemini-x:generateContent", "gcp.vertex_ai", "llm", False),
        (f"{MODEL}:embedContent", "gcp.gemini", "embedding", False),
        (f"{MODEL}:batchEmbedContents", "gcp.gemini", "embedding", False),
    ],
)
def test_the_address_says_what_is_asked(url: str, provider: str, kind: str, streams: bool) -> None:  # noqa: FBT001
    asked = understood(url)

    assert (asked.model, asked.provider, asked.kind, asked.streams) == ("gemini-x", provider, kind, streams)


@pytest.mark.parametrize("url", [f"{MODEL}:countTokens", f"{HOST}/v1beta/models", f"{HOST}/v1beta/:generateContent"])
def test_other_requests_are_not_taken_for_calls(url: str) -> None:
    assert gemini.ask(url, {"contents": HELLO}) is None


@pytest.mark.parametrize("body", [None, 1, [1], "text", {}])
def test_a_body_without_fields_asks_nothing(body: Any) -> None:
    assert gemini.ask(WHOLE, body) is None


def test_a_whole_answer_is_understood() -> None:
    parts: list[dict[str, Any]] = [
        {"text": "Paris, so", "thought": True},
        {"text": "Let me look.", "thoughtSignature": "c2ln"},
        {"functionCall": {"name": "weather", "args": {"city": "Paris"}}, "thoughtSignature": "c2ln"},
        {"functionCall": {"id": "c2", "name": "now"}},
    ]
    usage = {"promptTokenCount": 9, "candidatesTokenCount": 4, "thoughtsTokenCount": 2, "totalTokenCount": 15}
    body = json.dumps(response(*parts, finish="STOP", usageMetadata=usage), indent=2).encode()

    answered = gemini.answer(understood(), 200, [body[:50], body[50:]])

    assert answered == Answered(
        message={"role": "model", "parts": parts},
        text="Let me look.",
        reasoning="Paris, so",
        tool_calls=(
            ToolCall(name="weather", arguments={"city": "Paris"}),
            ToolCall(id="c2", name="now", arguments={}),
        ),
        finish_reason="STOP",
        usage=Usage(input=9, output=4, reasoning=2),
        response_id="r1",
        model="gemini-x-001",
    )


@pytest.mark.parametrize("url", [EVENTS, ARRAY])
def test_a_stream_is_put_together(url: str) -> None:
    responses = [
        response({"text": "Par", "thought": True}),
        response({"text": "is", "thought": True}),
        response({"text": "Let "}, usageMetadata={"promptTokenCount": 9}),
        response({"text": "me look."}),
        response({"text": "", "thoughtSignature": "c2ln"}),
        response(
            {"functionCall": {"name": "now", "args": {}}}, finish="STOP", usageMetadata={"candidatesTokenCount": 4}
        ),
    ]
    array = [json.dumps(responses, indent=1).encode()]
    chunks = events_of(*responses) if url == EVENTS else array

    answered = gemini.answer(understood(url), 200, chunks)

    assert answered == Answered(
        message={
            "role": "model",
            "parts": [
                {"text": "Paris", "thought": True},
                {"text": "Let me look."},
                {"text": "", "thoughtSignature": "c2ln"},
                {"functionCall": {"name": "now", "args": {}}},
            ],
        },
        text="Let me look.",
        reasoning="Paris",
        tool_calls=(ToolCall(name="now", arguments={}),),
        finish_reason="STOP",
        usage=Usage(input=9, output=4),
        response_id="r1",
        model="gemini-x-001",
        first_token=0,
    )


@pytest.mark.parametrize("url", [EVENTS, ARRAY])
def test_a_stream_that_was_cut_holds_what_came(url: str) -> None:
    spoken = gemini.speak(understood(url), Reply(text="one two three", usage=Usage(input=1)), 1)

    answered = gemini.answer(understood(url), 200, spoken.chunks[:2])

    assert answered.text.strip() == "one two"
    assert (answered.complete, answered.first_token, answered.usage) == (False, 0, NO_USAGE)


def test_an_answer_that_was_cut_is_not_complete() -> None:
    assert not gemini.answer(understood(), 200, [b'{"candidates": [{"cont']).complete


def test_the_first_of_several_candidates_is_the_answer() -> None:
    others = [{"index": index, "content": {"parts": [{"text": str(index)}]}} for index in (1, 0)]

    answered = gemini.answer(understood(), 200, [json.dumps({"candidates": others}).encode()])

    assert answered.text == "0"


def test_a_blocked_prompt_is_an_error() -> None:
    body = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3}}

    answered = gemini.answer(understood(), 200, [json.dumps(body).encode()])

    assert (answered.error, answered.finish_reason, answered.usage) == ("SAFETY", "SAFETY", Usage(input=3))


def test_an_error_in_mid_stream_is_told() -> None:
    error = {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}

    answered = gemini.answer(understood(EVENTS), 200, events_of(response({"text": "Hi"}), error))

    assert (answered.text, answered.error, answered.complete) == ("Hi", "overloaded", False)


def test_tokens_are_counted_once() -> None:
    usage = usage_of(
        promptTokenCount=100,
        cachedContentTokenCount=30,
        toolUsePromptTokenCount=5,
        candidatesTokenCount=20,
        thoughtsTokenCount=7,
        totalTokenCount=132,
        promptTokensDetails=[
            {"modality": "TEXT", "tokenCount": 40},
            {"modality": "AUDIO", "tokenCount": 25},
            {"modality": "IMAGE", "tokenCount": 20},
            {"modality": "VIDEO", "tokenCount": 15},
        ],
        cacheTokensDetails=[{"modality": "AUDIO", "tokenCount": 10}, {"modality": "VIDEO", "tokenCount": 15}],
        candidatesTokensDetails=[{"modality": "AUDIO", "tokenCount": 6}, {"modality": "TEXT", "tokenCount": 14}],
    )

    assert usage == Usage(input=40, cache_read=30, audio_in=15, image_in=20, output=14, audio_out=6, reasoning=7)
    assert usage.total == 132


def test_counts_that_contradict_each_other_stay_within_the_whole() -> None:
    usage = usage_of(
        prompt_token_count=10,
        cached_content_token_count=40,
        prompt_tokens_details=[{"modality": "AUDIO", "token_count": 99}],
        candidates_token_count=-4,
    )

    assert usage == Usage(cache_read=10)


@given(replies, USAGES, st.sampled_from([WHOLE, EVENTS, ARRAY]), st.data())
def test_what_is_said_is_understood(reply: Reply, usage: Usage, url: str, data: st.DataObject) -> None:
    asked = understood(url)
    said = msgspec.structs.replace(reply, usage=usage)

    spoken = gemini.speak(asked, said, 7)
    answered = gemini.answer(asked, spoken.status, data.draw(cuts(b"".join(spoken.chunks))))

    assert answers_of(answered) == said
    assert (answered.complete, answered.error) == (True, None)


@pytest.mark.parametrize("url", [WHOLE, EVENTS, ARRAY, f"{MODEL}:embedContent"])
def test_an_error_that_is_said_is_understood(url: str) -> None:
    asked = understood(url)

    spoken = gemini.speak(asked, Reply(status=429, text="slow down"), 1)

    assert spoken.status == 429
    assert gemini.answer(asked, spoken.status, spoken.chunks) == Answered(error="slow down")


def test_there_is_a_vector_for_each_text() -> None:
    asked = understood(f"{MODEL}:batchEmbedContents", requests=[{"content": HELLO[0]}] * 3)
    usage = Usage(input=9)

    spoken = gemini.speak(asked, Reply(usage=usage), 1)

    assert asked.inputs == 3
    assert len(json.loads(spoken.chunks[0])["embeddings"]) == 3
    assert gemini.answer(asked, 200, spoken.chunks) == Answered(usage=usage)


@given(st.lists(hostile, max_size=4), st.sampled_from([WHOLE, EVENTS, ARRAY]))
def test_bytes_of_any_kind_do_no_harm(chunks: list[bytes], url: str) -> None:
    for status in (200, 500):
        gemini.answer(understood(url), status, chunks)


STRANGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                "candidates content parts text functionCall error promptFeedback usageMetadata thought index "
                "blockReason promptTokensDetails modality tools generationConfig requests".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(STRANGE)
def test_fields_of_any_kind_do_no_harm(value: Any) -> None:
    for url in (WHOLE, EVENTS, ARRAY):
        gemini.answer(understood(url), 200, [json.dumps(value).encode()])
        gemini.ask(url, value)


@given(st.text() | st.text("/:?%3Amodelsgenerate", max_size=20).map(lambda tail: f"{MODEL}:generateContent{tail}"))
def test_an_address_of_any_kind_does_no_harm(url: str) -> None:
    gemini.ask(url, {"contents": HELLO})
