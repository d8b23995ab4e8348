"""Responses as OpenAI sends them."""

from agentreplay.intake.providers import Answered, Asked, ToolCall, openai_responses, wire
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

URL = "https://api.openai.com/v1/responses"
REASONING = {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Look it up."}]}
CALL = {"id": "fc_1", "type": "function_call", "status": "completed", "call_id": "call_1", "name": "weather"}
MESSAGE = {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant"}
SAID = {"type": "output_text", "annotations": [], "text": "It is sunny."}


def understand(**body: Value) -> Asked:
    asked = openai_responses.ask(URL, {"model": "gpt-5", "input": [], **body})
    assert asked is not None
    return asked


def stream(*events: dict[str, Value]) -> Answered:
    chunks = [b"event: %b\ndata: %b\n\n" % (event["type"].encode(), wire.to_json(event)) for event in events]
    return openai_responses.answer(understand(stream=True), 200, chunks)


def test_a_request_is_understood() -> None:
    asked = understand(
        tools=[{"type": "function", "name": "weather"}, {"type": "web_search"}],
        reasoning={"effort": "high"},
        max_output_tokens=50,
    )

    assert asked == Asked(
        provider="openai",
        dialect="openai.responses",
        model="gpt-5",
        context="input",
        tools=("weather", "web_search"),
        parameters={"reasoning_effort": "high", "max_tokens": 50},
    )
    assert understand(input="Hello").context is None


def test_a_whole_answer() -> None:
    output: list[Value] = [REASONING, {**CALL, "arguments": '{"city":"Oslo"}'}, {**MESSAGE, "content": [SAID]}]

    answered = openai_responses.answer(
        understand(),
        200,
        [
            wire.to_json(
                {
                    "id": "resp_1",
                    "object": "response",
                    "status": "completed",
                    "error": None,
                    "model": "gpt-5-2025-08-07",
                    "output": output,
                    "usage": {
                        "input_tokens": 81,
                        "input_tokens_details": {"cached_tokens": 64},
                        "output_tokens": 1035,
                        "output_tokens_details": {"reasoning_tokens": 832},
                        "total_tokens": 1116,
                    },
                }
            )
        ],
    )

    assert answered == Answered(
        message=output,
        text="It is sunny.",
        reasoning="Look it up.",
        tool_calls=(ToolCall(id="call_1", name="weather", arguments={"city": "Oslo"}),),
        finish_reason="completed",
        usage=Usage(input=17, cache_read=64, output=203, reasoning=832),
        response_id="resp_1",
        model="gpt-5-2025-08-07",
    )


def test_a_stream_that_was_cut_is_put_together_from_its_pieces() -> None:
    summary = "response.reasoning_summary_text.delta"
    arguments = "response.function_call_arguments.delta"

    answered = stream(
        {"type": "response.created", "response": {"id": "resp_1", "status": "in_progress", "output": []}},
        {"type": "response.output_item.added", "output_index": 0, "item": {"id": "rs_1", "type": "reasoning"}},
        {"type": summary, "output_index": 0, "summary_index": 0, "delta": "Look "},
        {"type": summary, "output_index": 0, "summary_index": 0, "delta": "it up."},
        {"type": "response.output_item.done", "output_index": 0, "item": REASONING},
        {"type": "response.output_item.added", "output_index": 1, "item": {**CALL, "arguments": ""}},
        {"type": arguments, "output_index": 1, "delta": '{"city":'},
        {"type": arguments, "output_index": 1, "delta": '"Oslo"}'},
        {"type": "response.output_item.added", "output_index": 2, "item": {**MESSAGE, "content": []}},
        {"type": "response.output_text.delta", "output_index": 2, "content_index": 0, "delta": "It is"},
        {"type": "response.refusal.delta", "output_index": 3, "content_index": 0, "delta": "No"},
    )

    assert (answered.reasoning, answered.text) == ("Look it up.", "It isNo")
    assert answered.tool_calls == (ToolCall(id="call_1", name="weather", arguments={"city": "Oslo"}),)
    assert answered.message[2]["content"] == [{"type": "output_text", "text": "It is"}]
    assert (answered.complete, answered.finish_reason, answered.first_token) == (False, None, 2)


def test_an_end_that_is_early_is_told() -> None:
    answered = stream(
        {
            "type": "response.incomplete",
            "response": {
                "id": "resp_1",
                "status": "incomplete",
                "incomplete_details": {"reason": "max_output_tokens"},
                "output": [{**MESSAGE, "content": [SAID]}],
            },
        }
    )

    assert (answered.finish_reason, answered.complete, answered.error) == ("max_output_tokens", True, None)


def test_failures_are_told() -> None:
    failed = stream(
        {
            "type": "response.failed",
            "response": {"status": "failed", "error": {"code": "server_error", "message": "Try again"}, "output": []},
        }
    )
    broken = stream({"type": "error", "code": "rate_limit_exceeded", "message": "Slow down", "param": None})

    assert (failed.error, failed.finish_reason) == ("Try again", "failed")
    assert (broken.error, broken.complete) == ("Slow down", False)


def test_a_custom_tool_is_called_with_text() -> None:
    item = {"type": "custom_tool_call", "call_id": "call_9", "name": "python", "input": "1"}

    answered = stream({"type": "response.completed", "response": {"status": "completed", "output": [item]}})

    assert answered.tool_calls == (ToolCall(id="call_9", name="python", arguments="1"),)
