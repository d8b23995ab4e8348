"""Anthropic's messages: what is asked, answered, streamed, counted and refused."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake.providers import anthropic
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, ToolCall
from agentreplay.model.usage import Usage
from tests.intake.providers.replies import answers_of, cuts, hostile, replies

URL = "https://api.anthropic.com/v1/messages"
BEDROCK = "https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0"
VERTEX = "https://europe-west1-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/anthropic/models/claude-x"
HELLO = [{"role": "user", "content": "hello"}]
COUNTS = st.integers(0, 1 << 30)
USAGES = st.builds(
    Usage,
    **dict.fromkeys(["input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning"], COUNTS),
)


def understood(body: dict[str, Any], url: str = URL) -> Asked:
    asked = anthropic.ask(url, {"messages": HELLO, "model": "claude-x", **body})
    assert asked is not None
    return asked


def streams_from(*events: dict[str, Any]) -> list[bytes]:
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]


def delta(place: int, **said: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": place, "delta": said}


def started(place: int, **block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": place, "content_block": block}


START: dict[str, Any] = {
    "type": "message_start",
    "message": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "content": [],
        "stop_reason": None,
        "usage": {
            "input_tokens": 12,
            "cache_read_input_tokens": 3,
            "cache_creation_input_tokens": 30,
            "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
            "output_tokens": 1,
        },
    },
}
END: list[dict[str, Any]] = [
    {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 40}},
    {"type": "message_stop"},
]


def read(chunks: Sequence[bytes], *, status: int = 200) -> Answered:
    return anthropic.answer(understood({"stream": True}), status, chunks)


def test_a_request_is_understood() -> None:
    body = {
        "max_tokens": 99,
        "temperature": 0.5,
        "stop_sequences": ["END"],
        "stream": True,
        "tools": [{"name": "weather", "input_schema": {}}, {"type": "web_search_20250305", "name": "web_search"}],
    }

    asked = understood(body)

    assert asked == Asked(
        provider="anthropic",
        dialect="anthropic.messages",
        model="claude-x",
        context="messages",
        streams=True,
        parameters={"max_tokens": 99, "temperature": 0.5, "stop_sequences": ["END"]},
        tools=("weather", "web_search"),
    )


@pytest.mark.parametrize(
    ("url", "provider", "model", "streams"),
    [
        (f"{URL}?beta=true", "anthropic", "claude-x", False),
        ("http://127.0.0.1:8080/v1/messages", "anthropic", "claude-x", False),
        ("https://api.deepseek.com/anthropic/v1/messages", "deepseek", "claude-x", False),
        (f"{BEDROCK}/invoke", "aws.bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0", False),
        (
            f"{BEDROCK}/invoke-with-response-stream",
            "aws.bedrock",
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            True,
        ),
        (f"{VERTEX}:rawPredict", "gcp.vertex_ai", "claude-x", False),
        (f"{VERTEX}:streamRawPredict", "gcp.vertex_ai", "claude-x", True),
    ],
)
def test_the_same_words_are_spoken_by_other_hosts(url: str, provider: str, model: str, streams: bool) -> None:  # noqa: FBT001
    asked = understood({"anthropic_version": "bedrock-2023-05-31"} if "amazonaws" in url else {}, url)

    assert (asked.provider, asked.model, asked.streams) == (provider, model, streams)


@pytest.mark.parametrize(
    ("url", "body"),
    [
        (f"{URL}/count_tokens", {"messages": HELLO}),
        (f"{URL}/batches", {"requests": []}),
        ("https://api.openai.com/v1/threads/thread_1/messages", {"role": "user", "content": "hello"}),
        ("https://api.openai.com/v1/chat/completions", {"messages": HELLO}),
        (URL, None),
        (URL, [1]),
        (URL, {"messages": "hello"}),
    ],
)
def test_other_requests_are_not_taken_for_messages(url: str, body: Any) -> None:
    assert anthropic.ask(url, body) is None


def test_a_whole_message_is_understood() -> None:
    content = [
        {"type": "thinking", "thinking": "Paris, so", "signature": "c2ln"},
        {"type": "text", "text": "Let me look."},
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "weather"}},
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
        {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Paris"}},
    ]
    usage = {"input_tokens": 5, "output_tokens": 20, "output_tokens_details": {"thinking_tokens": 8}}
    message = {"id": "msg_1", "role": "assistant", "model": "m", "content": content, "stop_reason": "tool_use"}

    answered = anthropic.answer(understood({}), 200, [json.dumps({**message, "usage": usage}).encode()])

    assert answered == Answered(
        message={"role": "assistant", "content": content},
        text="Let me look.",
        reasoning="Paris, so",
        # What the provider runs by itself is not the program's to run.
        tool_calls=(ToolCall(id="toolu_1", name="weather", arguments={"city": "Paris"}),),
        finish_reason="tool_use",
        usage=Usage(input=5, output=12, reasoning=8),
        response_id="msg_1",
        model="m",
    )


def test_events_build_the_message_that_would_have_come_whole() -> None:
    citation = {"type": "char_location", "cited_text": "sun", "document_index": 0}
    events = [
        START,
        {"type": "ping"},
        started(0, type="thinking", thinking="", signature=""),
        delta(0, type="thinking_delta", thinking="Paris, "),
        delta(0, type="thinking_delta", thinking="so"),
        delta(0, type="signature_delta", signature="c2ln"),
        {"type": "content_block_stop", "index": 0},
        started(1, type="text", text=""),
        delta(1, type="text_delta", text="Let me"),
        delta(1, type="citations_delta", citation=citation),
        delta(1, type="text_delta", text=" look."),
        {"type": "content_block_stop", "index": 1},
        started(2, type="tool_use", id="toolu_1", name="weather", input={}),
        delta(2, type="input_json_delta", partial_json=""),
        delta(2, type="input_json_delta", partial_json='{"city": "Pa'),
        delta(2, type="input_json_delta", partial_json='ris"}'),
        {"type": "content_block_stop", "index": 2},
        started(3, type="tool_use", id="toolu_2", name="now", input={}),
        {"type": "content_block_stop", "index": 3},
        *END,
    ]

    answered = read(streams_from(*events))

    assert answered == Answered(
        message={
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Paris, so", "signature": "c2ln"},
                {"type": "text", "text": "Let me look.", "citations": [citation]},
                {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Paris"}},
                {"type": "tool_use", "id": "toolu_2", "name": "now", "input": {}},
            ],
        },
        text="Let me look.",
        reasoning="Paris, so",
        tool_calls=(
            ToolCall(id="toolu_1", name="weather", arguments={"city": "Paris"}),
            ToolCall(id="toolu_2", name="now", arguments={}),
        ),
        finish_reason="tool_use",
        usage=Usage(input=12, cache_read=3, cache_write_5m=10, cache_write_1h=20, output=40),
        response_id="msg_1",
        model="claude-sonnet-4-5",
        first_token=3,
    )


def test_a_stream_that_was_cut_holds_what_came() -> None:
    events = [START, started(0, type="tool_use", id="t", name="weather", input={})]

    answered = read(streams_from(*events, delta(0, type="input_json_delta", partial_json='{"ci')))

    assert answered.tool_calls == (ToolCall(id="t", name="weather", arguments='{"ci'),)
    assert (answered.complete, answered.usage.input, answered.finish_reason) == (False, 12, None)


def test_an_error_in_mid_stream_is_told() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}

    answered = read(streams_from(START, started(0, type="text", text="Hi"), error))

    assert (answered.text, answered.error, answered.complete) == ("Hi", "Overloaded", False)


def test_what_a_later_event_only_mentions_undoes_nothing() -> None:
    usage = {"input_tokens": None, "output_tokens": 4, "cache_read_input_tokens": 9}

    answered = read(streams_from(START, {"type": "message_delta", "delta": {}, "usage": usage}))

    assert answered.usage == Usage(input=12, cache_read=9, cache_write_5m=10, cache_write_1h=20, output=4)


def test_a_cache_without_a_breakdown_is_kept_for_five_minutes() -> None:
    body = {"type": "message", "content": [], "usage": {"input_tokens": 1, "cache_creation_input_tokens": 7}}

    assert read([json.dumps(body).encode()]).usage == Usage(input=1, cache_write_5m=7)


@given(replies, USAGES, st.booleans(), st.sampled_from([URL, f"{BEDROCK}/invoke-with-response-stream"]), st.data())
def test_what_is_said_is_understood(reply: Reply, usage: Usage, streams: bool, url: str, data: st.DataObject) -> None:  # noqa: FBT001
    asked = understood({"stream": streams, "anthropic_version": "bedrock-2023-05-31"}, url)
    said = msgspec.structs.replace(reply, usage=usage)

    spoken = anthropic.speak(asked, said, 7)
    answered = anthropic.answer(asked, spoken.status, data.draw(cuts(b"".join(spoken.chunks))))

    assert answers_of(answered) == said
    assert (answered.complete, answered.error) == (True, None)


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("url", [URL, f"{BEDROCK}/invoke"])
def test_an_error_that_is_said_is_understood(url: str, streams: bool) -> None:  # noqa: FBT001
    asked = understood({"stream": streams, "anthropic_version": "bedrock-2023-05-31"}, url)

    spoken = anthropic.speak(asked, Reply(status=429, text="slow down"), 1)

    assert (spoken.status, spoken.media) == (429, "application/json")
    assert anthropic.answer(asked, spoken.status, spoken.chunks) == Answered(error="slow down")


def test_ids_are_the_same_in_every_run() -> None:
    asked = understood({})
    reply = Reply(tool_calls=(ToolCall(name="weather"), ToolCall(name="now")))

    first, again, next_one = (anthropic.speak(asked, reply, number) for number in (1, 1, 2))

    calls = anthropic.answer(asked, 200, first.chunks).tool_calls
    assert first == again != next_one
    assert len({call.id for call in calls}) == 2


def test_the_first_token_is_the_chunk_that_brought_it() -> None:
    asked = understood({"stream": True})

    spoken = anthropic.speak(asked, Reply(text="Hello there"), 1)
    answered = anthropic.answer(asked, 200, spoken.chunks)

    assert answered.first_token is not None
    assert b"Hello" in spoken.chunks[answered.first_token]


@given(st.lists(hostile | st.binary(max_size=40).map(lambda data: b"data: " + data + b"\n\n"), max_size=4))
def test_bytes_of_any_kind_do_no_harm(chunks: list[bytes]) -> None:
    for status in (200, 500):
        read(chunks, status=status)


STRANGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["type", "index", "delta", "content_block", "message", "usage", "content", "error", "text", "citation"]
            ),
            inner | st.sampled_from(["message_start", "content_block_start", "content_block_delta", "message_delta"]),
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(st.lists(STRANGE, max_size=4))
def test_fields_of_any_kind_do_no_harm(events: list[Any]) -> None:
    read([b"data: " + json.dumps(event).encode() + b"\n\n" for event in events])
    for event in events:
        read([json.dumps(event).encode()])
        anthropic.ask(URL, event)
        anthropic.ask(URL, {"messages": [], "tools": event, "model": event, "stream": event})


@given(st.text() | st.text("/:?%3Amodelinvoke", max_size=20).map(lambda tail: f"{BEDROCK}/{tail}"))
def test_an_address_of_any_kind_does_no_harm(url: str) -> None:
    anthropic.ask(url, {"messages": HELLO, "anthropic_version": "bedrock-2023-05-31"})
