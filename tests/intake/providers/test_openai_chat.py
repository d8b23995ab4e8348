"""Chat completions as OpenAI and the hosts that speak like it send them."""

from textwrap import dedent

import pytest

from agentreplay.intake.providers import Answered, Asked, ToolCall, openai_chat, wire
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

OPENAI = "https://api.openai.com/v1/chat/completions"
MESSAGES: list[Value] = [{"role": "user", "content": "How is the weather?"}]


def understand(body: dict[str, Value], url: str = OPENAI) -> Asked:
    asked = openai_chat.ask(url, {"model": "gpt-4o", "messages": MESSAGES, **body})
    assert asked is not None
    return asked


def stream(text: str, **body: Value) -> Answered:
    """What is understood of a stream, a line a chunk."""
    chunks = [f"{line}\n\n".encode() for line in dedent(text).strip().splitlines()]
    return openai_chat.answer(understand({"stream": True, **body}), 200, chunks)


def whole(body: Value, status: int = 200) -> Answered:
    return openai_chat.answer(understand({}), status, [wire.to_json(body)])


def test_a_request_is_understood() -> None:
    tool = {"type": "function", "function": {"name": "weather", "parameters": {}}}

    asked = understand(
        {
            "tools": [tool, {"type": "custom", "custom": {}, "name": "shell"}],
            "temperature": 0.2,
            "max_completion_tokens": 100,
            "stop": "END",
            "n": 1,
            "reasoning_effort": "low",
        }
    )

    assert asked == Asked(
        provider="openai",
        dialect="openai.chat",
        model="gpt-4o",
        context="messages",
        tools=("weather", "shell"),
        parameters={
            "temperature": 0.2,
            "max_tokens": 100,
            "stop_sequences": ["END"],
            "choice.count": 1,
            "reasoning_effort": "low",
        },
    )


def test_a_deployment_of_azure_names_the_model() -> None:
    url = "https://mine.openai.azure.com/openai/deployments/fast/chat/completions?api-version=2024-10-21"

    asked = openai_chat.ask(url, {"messages": MESSAGES})

    assert asked is not None
    assert (asked.provider, asked.model) == ("azure.ai.openai", "fast")


@pytest.mark.parametrize(
    ("body", "tells"),
    [({}, True), ({"stream": True}, False), ({"stream": True, "stream_options": {"include_usage": True}}, True)],
)
def test_a_stream_tells_its_usage_when_asked(body: dict[str, Value], tells: bool) -> None:  # noqa: FBT001  # of the table
    assert understand(body).usage_streams is tells


def test_an_answer_with_parallel_tool_calls() -> None:
    calls = [
        {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}},
        {"id": "call_2", "type": "function", "function": {"name": "clock", "arguments": "now"}},
    ]
    message = {"role": "assistant", "content": None, "tool_calls": calls, "refusal": None, "annotations": []}

    answered = whole(
        {
            "id": "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
            "object": "chat.completion",
            "created": 1741570283,
            "model": "gpt-4o-2024-08-06",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls"}],
            "usage": {
                "prompt_tokens": 82,
                "completion_tokens": 17,
                "total_tokens": 99,
                "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
            },
            "service_tier": "default",
            "system_fingerprint": "fp_fc9f1d7035",
        }
    )

    assert answered == Answered(
        message=message,
        tool_calls=(
            ToolCall(id="call_1", name="weather", arguments={"city": "Oslo"}),
            ToolCall(id="call_2", name="clock", arguments="now"),
        ),
        finish_reason="tool_calls",
        usage=Usage(input=82, output=17),
        response_id="chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
        model="gpt-4o-2024-08-06",
    )


def test_a_stream_of_tool_calls_in_pieces() -> None:
    answered = stream(
        """
        data: {"id":"c1","model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}],"usage":null}
        data: {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}]}}]}
        data: {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"city\\":"}}]}}]}
        data: {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_2","type":"function","function":{"name":"clock","arguments":"{}"}}]}}]}
        data: {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\\"Oslo\\"}"}}]}}]}
        data: {"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":null}
        data: {"id":"c1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}
        data: [DONE]
        """  # noqa: E501  # as it is sent
    )

    assert answered.tool_calls == (
        ToolCall(id="call_1", name="weather", arguments={"city": "Oslo"}),
        ToolCall(id="call_2", name="clock", arguments={}),
    )
    assert answered.message["tool_calls"][0]["function"] == {"name": "weather", "arguments": '{"city":"Oslo"}'}
    assert (answered.first_token, answered.finish_reason, answered.complete) == (1, "tool_calls", True)
    assert answered.usage == Usage(input=9, output=12)
    assert (answered.response_id, answered.model) == ("c1", "gpt-4o-2024-08-06")


def test_reasoning_as_deepseek_streams_it() -> None:
    answered = stream(
        """
        data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":""}}]}
        data: {"choices":[{"index":0,"delta":{"content":null,"reasoning_content":"Okay,"}}]}
        data: {"choices":[{"index":0,"delta":{"content":null,"reasoning_content":" sunny."}}]}
        data: {"choices":[{"index":0,"delta":{"content":"Sun","reasoning_content":null}}]}
        data: {"choices":[{"index":0,"delta":{"content":"ny","reasoning_content":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":6,"completion_tokens":30,"completion_tokens_details":{"reasoning_tokens":20}}}
        data: [DONE]
        """  # noqa: E501  # as it is sent
    )

    assert (answered.reasoning, answered.text, answered.first_token) == ("Okay, sunny.", "Sunny", 1)
    assert answered.usage == Usage(input=6, output=10, reasoning=20)
    assert answered.message == {"role": "assistant", "reasoning_content": "Okay, sunny.", "content": "Sunny"}


def test_reasoning_as_mistral_streams_it() -> None:
    answered = stream(
        """
        data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}
        data: {"choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Let me"}]}]}}]}
        data: {"choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":" see"}]}]}}]}
        data: {"choices":[{"index":0,"delta":{"content":"Sun"}}]}
        data: {"choices":[{"index":0,"delta":{"content":"ny"},"finish_reason":"stop"}],"usage":{"prompt_tokens":6,"completion_tokens":3}}
        data: [DONE]
        """  # noqa: E501  # as it is sent
    )

    assert (answered.reasoning, answered.text) == ("Let me see", "Sunny")
    assert answered.message["content"] == [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Let me see"}]},
        {"type": "text", "text": "Sunny"},
    ]


@pytest.mark.parametrize(
    "calls",
    [
        # Mistral: whole calls, without an index
        ['[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"g","arguments":"1"}}]'],
        # Gemini's endpoint: the same index for all
        ['[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]',
         '[{"index":0,"id":"b","function":{"name":"g","arguments":"1"}}]'],
        # repeated ids and empty names
        [
            '[{"index":0,"id":"a","function":{"name":"f","arguments":""}},{"index":1,"id":"b","function":{"name":"g","arguments":""}}]',
            '[{"index":0,"id":"a","function":{"name":"","arguments":"{}"}},{"index":1,"id":"","function":{"name":null,"arguments":"1"}}]',
        ],
    ],
)  # fmt: skip
def test_tool_calls_as_other_hosts_stream_them(calls: list[str]) -> None:
    lines = [f'data: {{"choices":[{{"index":0,"delta":{{"tool_calls":{call}}}}}]}}' for call in calls]

    answered = stream("\n".join(lines))

    assert answered.tool_calls == (
        ToolCall(id="a", name="f", arguments={}),
        ToolCall(id="b", name="g", arguments=1),
    )


def test_usage_and_cost_as_groq_and_openrouter_stream_them() -> None:
    groq = stream('data: {"choices":[],"x_groq":{"id":"r","usage":{"prompt_tokens":5,"completion_tokens":2}}}')
    openrouter = stream(
        """
        : OPENROUTER PROCESSING
        data: {"choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.text","text":"Hm"}]}}]}
        data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"cost":0.0001}}
        """
    )

    assert groq.usage == Usage(input=5, output=2)
    assert (openrouter.reasoning, openrouter.cost) == ("Hm", 100_000)


def test_a_refusal_is_what_was_said() -> None:
    answered = stream(
        """
        data: {"choices":[{"index":0,"delta":{"role":"assistant","refusal":""}}]}
        data: {"choices":[{"index":0,"delta":{"refusal":"I cannot"}}]}
        data: {"choices":[{"index":0,"delta":{"refusal":" help."},"finish_reason":"stop"}]}
        data: [DONE]
        """
    )

    assert answered.text == "I cannot help."
    assert answered.message == {"role": "assistant", "content": None, "refusal": "I cannot help."}


def test_spoken_answers_are_read_as_their_transcript() -> None:
    answered = stream(
        """
        data: {"choices":[{"index":0,"delta":{"role":"assistant","audio":{"id":"audio_1","transcript":"Hel"}}}]}
        data: {"choices":[{"index":0,"delta":{"audio":{"transcript":"lo","data":"AAAA"}}}]}
        data: {"choices":[{"index":0,"delta":{"audio":{"expires_at":7,"data":"BBBB"}},"finish_reason":"stop"}]}
        """
    )

    assert answered.text == "Hello"
    assert answered.message["audio"] == {"id": "audio_1", "transcript": "Hello", "data": "AAAABBBB", "expires_at": 7}


def test_a_legacy_function_call_is_a_tool_call() -> None:
    answered = stream(
        """
        data: {"choices":[{"index":0,"delta":{"role":"assistant","function_call":{"name":"f","arguments":"{\\"a\\""}}}]}
        data: {"choices":[{"index":0,"delta":{"function_call":{"arguments":":1}"}}}]}
        """
    )

    assert answered.tool_calls == (ToolCall(name="f", arguments={"a": 1}),)


def test_only_the_first_of_several_choices_is_read() -> None:
    answered = stream(
        """
        data: {"choices":[{"index":1,"delta":{"content":"other"}}]}
        data: {"choices":[{"index":0,"delta":{"content":"first"},"finish_reason":"stop"}]}
        data: {"choices":[{"index":1,"delta":{},"finish_reason":"length"}]}
        """
    )

    assert (answered.text, answered.finish_reason) == ("first", "stop")


def test_a_stream_without_its_end_is_not_complete() -> None:
    begun = 'data: {"choices":[{"index":0,"delta":{"content":"Sun"}}]}'
    finished = f'{begun}\ndata: {{"choices":[{{"index":0,"delta":{{}},"finish_reason":"stop"}}]}}'

    assert not stream(begun).complete
    assert stream(finished).complete
    assert not stream(finished, stream_options={"include_usage": True}).complete
    assert not stream("").complete


def test_an_error_within_a_stream_is_told() -> None:
    answered = stream(
        """
        data: {"choices":[{"index":0,"delta":{"content":"Sun"}}]}
        data: {"error":{"message":"The server had an error","type":"server_error"}}
        data: [DONE]
        """
    )

    assert (answered.text, answered.error, answered.complete) == ("Sun", "The server had an error", False)


def test_an_answer_that_was_to_stream_may_come_whole() -> None:
    body = {
        "id": "c",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    }

    answered = openai_chat.answer(understand({"stream": True}), 200, [b" ", wire.to_json(body)])

    assert (answered.text, answered.complete) == ("Hi", True)


def test_completions_of_a_prompt() -> None:
    asked = openai_chat.ask("https://api.openai.com/v1/completions", {"model": "m", "prompt": "Once", "stream": True})
    assert asked is not None

    answered = openai_chat.answer(
        asked,
        200,
        [
            b'data: {"id":"cmpl-1","choices":[{"text":" upon","index":0,"finish_reason":null}]}\n\n',
            b'data: {"id":"cmpl-1","choices":[{"text":" a time","index":0,"finish_reason":"length"}]}\n\n',
            b"data: [DONE]\n\n",
        ],
    )

    assert (asked.dialect, asked.context) == ("openai.completions", None)
    assert (answered.text, answered.finish_reason, answered.complete) == (" upon a time", "length", True)


def test_mistrals_code_and_agents_are_chats_of_another_address() -> None:
    fim = openai_chat.ask("https://api.mistral.ai/v1/fim/completions", {"model": "codestral", "prompt": "def f("})
    agent = openai_chat.ask("https://api.mistral.ai/v1/agents/completions", {"agent_id": "a", "messages": MESSAGES})

    assert fim is not None
    assert agent is not None
    assert (fim.provider, fim.dialect, fim.model, fim.context) == ("mistral_ai", "openai.chat", "codestral", None)
    assert (agent.dialect, agent.model, agent.context) == ("openai.chat", None, "messages")
