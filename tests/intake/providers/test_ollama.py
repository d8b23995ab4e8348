"""Chat, generate and embed as Ollama sends them."""

from agentreplay.intake.providers import Answered, Asked, ToolCall, ollama
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

HOST = "http://localhost:11434"


def understand(path: str, body: dict[str, Value]) -> Asked:
    asked = ollama.ask(HOST + path, {"model": "llama3.2", **body})
    assert asked is not None
    return asked


def test_a_request_streams_unless_told_otherwise() -> None:
    asked = understand("/api/chat", {"messages": [], "options": {"temperature": 0, "num_predict": 9}, "think": True})

    assert asked == Asked(
        provider="ollama",
        dialect="ollama.chat",
        model="llama3.2",
        context="messages",
        streams=True,
        parameters={"temperature": 0, "max_tokens": 9, "reasoning_effort": True},
    )
    assert not understand("/api/generate", {"prompt": "Hi", "stream": False}).streams


def test_a_streamed_chat_with_thoughts_and_a_tool_call() -> None:
    asked = understand("/api/chat", {"messages": [], "tools": [{"type": "function", "function": {"name": "weather"}}]})
    call = b'{"function":{"name":"weather","arguments":{"city":"Oslo"}}}'

    answered = ollama.answer(
        asked,
        200,
        [
            b'{"model":"llama3.2","created_at":"2025-07-07T20:22:19.1Z","message":{"role":"assistant","content":"","thi',
            b'nking":"Hm"},"done":false}\n{"message":{"role":"assistant","thinking":", Oslo"},"done":false}\n',
            b'{"message":{"role":"assistant","content":"","tool_calls":[%b]},"done":false}\n' % call,
            b'{"message":{"role":"assistant","content":"","tool_calls":[%b]},"done":false}\n' % call,
            b'{"model":"llama3.2","message":{"role":"assistant","content":""},"done_reason":"stop","done":true,',
            b'"total_duration":182242375,"prompt_eval_count":169,"eval_count":15}\n',
        ],
    )

    weather = ToolCall(name="weather", arguments={"city": "Oslo"})
    assert asked.tools == ("weather",)
    assert answered == Answered(
        message={
            "role": "assistant",
            "content": "",
            "thinking": "Hm, Oslo",
            "tool_calls": [{"function": {"name": "weather", "arguments": {"city": "Oslo"}}}] * 2,
        },
        reasoning="Hm, Oslo",
        tool_calls=(weather, weather),
        finish_reason="stop",
        usage=Usage(input=169, output=15),
        model="llama3.2",
        first_token=1,
    )


def test_a_text_that_is_generated() -> None:
    asked = understand("/api/generate", {"prompt": "Why?"})

    answered = ollama.answer(
        asked, 200, [b'{"response":"Because","done":false}\n', b'{"response":".","done":true,"done_reason":"length"}']
    )

    assert (answered.text, answered.finish_reason, answered.complete) == ("Because.", "length", True)


def test_what_ends_early_is_not_complete() -> None:
    asked = understand("/api/chat", {"messages": []})

    cut = ollama.answer(asked, 200, [b'{"message":{"content":"He"},"done":false}\n{"mess'])
    failed = ollama.answer(asked, 200, [b'{"message":{"content":"He"},"done":false}\n{"error":"out of memory"}\n'])

    assert (cut.text, cut.complete, cut.error) == ("He", False, None)
    assert (failed.text, failed.complete, failed.error) == ("He", False, "out of memory")


def test_an_error_is_told() -> None:
    asked = understand("/api/chat", {"messages": []})

    assert ollama.answer(asked, 404, [b'{"error":"model \\"x\\" not found"}']).error == 'model "x" not found'
    assert ollama.answer(asked, 502, [b"Bad Gateway"]).error == "Bad Gateway"
    assert ollama.answer(asked, 500, []).error == "HTTP status 500"


def test_embeddings() -> None:
    asked = understand("/api/embed", {"input": ["a", "b"], "dimensions": 3})
    old = understand("/api/embeddings", {"prompt": "a"})

    answered = ollama.answer(asked, 200, [b'{"model":"all-minilm","embeddings":[[0.1],[0.2]],"prompt_eval_count":8}'])

    assert (asked.kind, asked.inputs, asked.streams, asked.parameters) == ("embedding", 2, False, {"dimensions": 3})
    assert (old.kind, old.inputs) == ("embedding", 1)
    assert (answered.usage, answered.complete) == (Usage(input=8), True)
