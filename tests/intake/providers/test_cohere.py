"""Cohere's own words: what is asked, answered, streamed, counted and refused."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake.providers import cohere
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, ToolCall
from agentreplay.model.usage import Usage
from tests.intake.providers.replies import answers_of, cuts, hostile, replies

HOST = "https://api.cohere.com"
HELLO = [{"role": "user", "content": "hello"}]
COUNTS = st.integers(0, 1 << 30)
USAGES = st.builds(Usage, **dict.fromkeys(["input", "output"], COUNTS))


def understood(body: dict[str, Any], path: str = "/v2/chat") -> Asked:
    asked = cohere.ask(HOST + path, {"model": "command-a", **body})
    assert asked is not None
    return asked


def chat(**more: Any) -> Asked:
    return understood({"messages": HELLO, **more})


def streamed(*events: dict[str, Any]) -> Answered:
    chunks = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]
    return cohere.answer(chat(stream=True), 200, chunks)


def test_a_request_is_understood() -> None:
    tools = [{"type": "function", "function": {"name": "weather"}}]

    assert chat(stream=True, temperature=0, p=0.9, max_tokens=9, tools=tools) == Asked(
        provider="cohere",
        dialect="cohere.chat",
        model="command-a",
        context="messages",
        streams=True,
        parameters={"temperature": 0, "top_p": 0.9, "max_tokens": 9},
        tools=("weather",),
    )


def test_embeddings_are_understood() -> None:
    asked = understood({"texts": ["a", "b"], "output_dimension": 4}, "/v2/embed")
    spoken = cohere.speak(asked, Reply(usage=Usage(input=3)), 1)

    assert (asked.kind, asked.inputs, asked.parameters) == ("embedding", 2, {"dimensions": 4})
    assert cohere.answer(asked, 200, spoken.chunks) == Answered(usage=Usage(input=3), response_id="000000000001")
    vectors = json.loads(spoken.chunks[0])["embeddings"]["float"]
    assert [len(vector) for vector in vectors] == [4, 4]


@pytest.mark.parametrize("path", ["/v1/chat", "/v2/rerank", "/v2/embed"])
def test_other_requests_are_left_to_others(path: str) -> None:
    assert cohere.ask(HOST + path, {"messages": HELLO}) is None
    assert cohere.ask(f"{HOST}/v2/chat", {"message": "hello"}) is None


def test_an_answer_is_understood() -> None:
    function = {"name": "weather", "arguments": '{"city":"Oslo"}'}
    message = {
        "role": "assistant",
        "tool_plan": "I will look.",
        "tool_calls": [{"id": "c1", "type": "function", "function": function}],
    }
    usage = {
        "billed_units": {"input_tokens": 10, "output_tokens": 5},
        "tokens": {"input_tokens": 900, "output_tokens": 30},
        "cached_tokens": 4,
    }
    body = {"id": "r", "finish_reason": "TOOL_CALL", "message": message, "usage": usage}

    answered = cohere.answer(chat(), 200, [json.dumps(body).encode()])

    assert answered == Answered(
        message=message,
        reasoning="I will look.",
        tool_calls=(ToolCall(id="c1", name="weather", arguments={"city": "Oslo"}),),
        finish_reason="TOOL_CALL",
        usage=Usage(input=6, cache_read=4, output=5),
        response_id="r",
    )


def test_a_stream_is_put_together() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "now", "arguments": ""}}
    answered = streamed(
        {"type": "message-start", "id": "r", "delta": {"message": {"role": "assistant"}}},
        {"type": "tool-plan-delta", "delta": {"message": {"tool_plan": "I will"}}},
        {"type": "tool-plan-delta", "delta": {"message": {"tool_plan": " look."}}},
        {"type": "tool-call-start", "index": 0, "delta": {"message": {"tool_calls": call}}},
        {
            "type": "tool-call-delta",
            "index": 0,
            "delta": {"message": {"tool_calls": {"function": {"arguments": '{"a"'}}}},
        },
        {
            "type": "tool-call-delta",
            "index": 0,
            "delta": {"message": {"tool_calls": {"function": {"arguments": ":1}"}}}},
        },
        {"type": "tool-call-end", "index": 0},
        {
            "type": "message-end",
            "delta": {"finish_reason": "TOOL_CALL", "usage": {"tokens": {"input_tokens": 3, "output_tokens": 4.0}}},
        },
    )

    said = {**call, "function": {"name": "now", "arguments": '{"a":1}'}}
    assert answered == Answered(
        message={"role": "assistant", "tool_plan": "I will look.", "tool_calls": [said]},
        reasoning="I will look.",
        tool_calls=(ToolCall(id="c1", name="now", arguments={"a": 1}),),
        finish_reason="TOOL_CALL",
        usage=Usage(input=3, output=4),
        response_id="r",
        first_token=1,
    )


def test_a_stream_that_breaks_is_not_complete() -> None:
    begun = {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "Let"}}}}
    end = {"type": "message-end", "delta": {"finish_reason": "ERROR", "error": "out of memory"}}

    cut, failed = streamed(begun), streamed(begun, end)

    assert (cut.text, cut.complete, cut.error) == ("Let", False, None)
    assert (failed.text, failed.complete, failed.error) == ("Let", False, "out of memory")


@given(replies, USAGES, st.booleans(), st.data())
def test_what_is_said_is_understood(reply: Reply, usage: Usage, streams: bool, data: st.DataObject) -> None:  # noqa: FBT001
    asked = chat(stream=streams)
    said = msgspec.structs.replace(reply, usage=usage)

    spoken = cohere.speak(asked, said, 7)
    answered = cohere.answer(asked, spoken.status, data.draw(cuts(b"".join(spoken.chunks))))

    assert answers_of(answered) == said
    assert (answered.complete, answered.error) == (True, None)


@pytest.mark.parametrize("streams", [True, False])
def test_an_error_that_is_said_is_understood(streams: bool) -> None:  # noqa: FBT001
    asked = chat(stream=streams)

    spoken = cohere.speak(asked, Reply(status=429, text="slow down"), 1)

    assert cohere.answer(asked, spoken.status, spoken.chunks) == Answered(error="slow down")


@given(st.lists(hostile, max_size=4), st.booleans(), st.sampled_from([200, 400, 500]))
def test_no_bytes_do_harm(chunks: list[bytes], streams: bool, status: int) -> None:  # noqa: FBT001
    cohere.answer(chat(stream=streams), status, chunks)
    cohere.answer(understood({"texts": ["a"]}, "/v2/embed"), status, chunks)
