"""Converse, Bedrock's own words: what is asked, answered, streamed, counted and refused."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake.providers import bedrock, eventstream
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, ToolCall
from agentreplay.model.usage import Usage
from tests.intake.providers.replies import answers_of, cuts, hostile, replies

HOST = "https://bedrock-runtime.eu-west-1.amazonaws.com"
URL = f"{HOST}/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse"
HELLO = [{"role": "user", "content": [{"text": "hello"}]}]
COUNTS = st.integers(0, 1 << 30)
USAGES = st.builds(
    Usage, **dict.fromkeys(["input", "cache_read", "cache_write_5m", "cache_write_1h", "output"], COUNTS)
)


def understood(body: dict[str, Any], *, streams: bool = False) -> Asked:
    asked = bedrock.ask(f"{URL}-stream" if streams else URL, {"messages": HELLO, **body})
    assert asked is not None
    return asked


def streamed(*events: tuple[str, Any]) -> Answered:
    frames = [eventstream.frame_of_kind(kind, json.dumps(event).encode()) for kind, event in events]
    return bedrock.answer(understood({}, streams=True), 200, frames)


def test_a_request_is_understood() -> None:
    asked = understood(
        {
            "system": [{"text": "be brief"}],
            "inferenceConfig": {"maxTokens": 9, "temperature": 0.5, "topP": None, "stopSequences": ["."]},
            "toolConfig": {"tools": [{"toolSpec": {"name": "weather"}}, {"cachePoint": {"type": "default"}}]},
        },
        streams=True,
    )

    assert asked == Asked(
        provider="aws.bedrock",
        dialect="bedrock.converse",
        model="anthropic.claude-sonnet-4-5-20250929-v1:0",
        context="messages",
        streams=True,
        parameters={"max_tokens": 9, "temperature": 0.5, "stop_sequences": ["."]},
        tools=("weather",),
    )


@pytest.mark.parametrize(
    "url", [f"{HOST}/model/m/invoke", f"{HOST}/converse", "https://example.com/v1/chat/completions"]
)
def test_other_requests_are_left_to_others(url: str) -> None:
    assert bedrock.ask(url, {"messages": HELLO}) is None
    assert bedrock.ask(URL, {"prompt": "hello"}) is None


def test_an_answer_is_understood() -> None:
    content = [
        {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "s"}}},
        {"text": "Let me look."},
        {"toolUse": {"toolUseId": "t1", "name": "weather", "input": {"city": "Oslo"}}},
    ]
    usage = {"inputTokens": 7, "outputTokens": 5, "totalTokens": 22, "cacheReadInputTokens": 4}
    usage |= {"cacheWriteInputTokens": 6, "cacheDetails": [{"ttl": "1h", "inputTokens": 2}]}  # type: ignore[dict-item]
    message = {"role": "assistant", "content": content}
    body = {"output": {"message": message}, "stopReason": "tool_use", "usage": usage}

    answered = bedrock.answer(understood({}), 200, [json.dumps(body).encode()])

    assert answered == Answered(
        message=message,
        text="Let me look.",
        reasoning="Hm.",
        tool_calls=(ToolCall(id="t1", name="weather", arguments={"city": "Oslo"}),),
        finish_reason="tool_use",
        usage=Usage(input=7, cache_read=4, cache_write_5m=4, cache_write_1h=2, output=5),
    )


def test_a_stream_is_put_together() -> None:
    answered = streamed(
        ("messageStart", {"role": "assistant", "p": "abcd"}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Let me"}}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": " look."}}),
        ("contentBlockStop", {"contentBlockIndex": 0}),
        ("contentBlockStart", {"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "t", "name": "now"}}}),
        ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"toolUse": {"input": ""}}}),
        ("messageStop", {"stopReason": "tool_use"}),
        ("metadata", {"usage": {"inputTokens": 3, "outputTokens": 4}, "metrics": {"latencyMs": 1}}),
    )

    tool = {"toolUse": {"toolUseId": "t", "name": "now", "input": {}}}
    assert answered == Answered(
        message={"role": "assistant", "content": [{"text": "Let me look."}, tool]},
        text="Let me look.",
        tool_calls=(ToolCall(id="t", name="now", arguments={}),),
        finish_reason="tool_use",
        usage=Usage(input=3, output=4),
        first_token=1,
    )


def test_a_stream_that_breaks_is_not_complete() -> None:
    begun = ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Let"}})

    cut = streamed(begun)
    failed = streamed(begun, ("throttlingException", {"message": "slow down"}), ("messageStop", {"stopReason": "x"}))

    assert (cut.text, cut.complete, cut.error) == ("Let", False, None)
    assert (failed.complete, failed.error) == (False, "slow down")


@given(replies, USAGES, st.booleans(), st.data())
def test_what_is_said_is_understood(reply: Reply, usage: Usage, streams: bool, data: st.DataObject) -> None:  # noqa: FBT001
    asked = understood({}, streams=streams)
    said = msgspec.structs.replace(reply, usage=usage)

    spoken = bedrock.speak(asked, said, 7)
    answered = bedrock.answer(asked, spoken.status, data.draw(cuts(b"".join(spoken.chunks))))

    assert answers_of(answered) == said
    assert (answered.complete, answered.error) == (True, None)


@pytest.mark.parametrize("streams", [True, False])
def test_an_error_that_is_said_is_understood(streams: bool) -> None:  # noqa: FBT001
    asked = understood({}, streams=streams)

    spoken = bedrock.speak(asked, Reply(status=429, text="slow down"), 1)

    assert bedrock.answer(asked, spoken.status, spoken.chunks) == Answered(error="slow down")


@given(st.lists(hostile, max_size=4), st.booleans(), st.sampled_from([200, 400, 500]))
def test_no_bytes_do_harm(chunks: list[bytes], streams: bool, status: int) -> None:  # noqa: FBT001
    bedrock.answer(understood({}, streams=streams), status, chunks)
    bedrock.answer(
        understood({}, streams=True), 200, [eventstream.frame_of_kind("metadata", chunk) for chunk in chunks]
    )
