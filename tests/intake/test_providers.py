"""What a provider says it also understands, however the bytes are cut; and no bytes can hurt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake import providers
from agentreplay.intake.providers import Answered, Asked, Reply, ToolCall, wire
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import Value

MESSAGES: dict[str, Value] = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
TELLING: dict[str, Value] = {"stream": True, "stream_options": {"include_usage": True}}
REQUESTS: list[tuple[str, dict[str, Value]]] = [
    ("https://api.openai.com/v1/chat/completions", MESSAGES),
    ("https://api.openai.com/v1/chat/completions", MESSAGES | TELLING),
    ("https://openrouter.ai/api/v1/chat/completions", MESSAGES | TELLING),
    ("https://api.openai.com/v1/responses", {"model": "m", "input": "Hello"}),
    ("https://api.openai.com/v1/responses", {"model": "m", "input": [], "stream": True}),
    ("http://localhost:11434/api/chat", MESSAGES | {"stream": False}),
    ("http://localhost:11434/api/chat", MESSAGES),
]
WORDLESS: list[tuple[str, dict[str, Value]]] = [
    ("https://api.openai.com/v1/completions", {"model": "m", "prompt": "Once"}),
    ("https://api.openai.com/v1/completions", {"model": "m", "prompt": "Once", **TELLING}),
    ("https://api.openai.com/v1/embeddings", {"model": "m", "input": ["one", "two"]}),
    ("http://localhost:11434/api/generate", {"model": "m", "prompt": "Once"}),
    ("http://localhost:11434/api/embed", {"model": "m", "input": "one"}),
]

counts = st.integers(0, 1 << 30)
arguments = st.recursive(
    st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
calls = st.lists(
    st.builds(ToolCall, id=st.text(min_size=1), name=st.text(min_size=1), arguments=arguments),
    max_size=3,
    unique_by=lambda call: call.id,
)
usages = st.none() | st.builds(Usage, input=counts, output=counts)
replies = st.builds(Reply, text=st.text(), reasoning=st.text(), tool_calls=calls.map(tuple), usage=usages)


def understand(url: str, body: Value) -> Asked:
    asked = providers.ask(url, body)
    assert asked is not None
    return asked


def cut(data: st.DataObject, chunks: tuple[bytes, ...]) -> list[bytes]:
    """The same bytes in other pieces."""
    whole = b"".join(chunks)
    places = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    return [whole[start:end] for start, end in zip([0, *places], [*places, len(whole)], strict=True)]


@given(st.data(), st.sampled_from(REQUESTS), replies, st.integers(0, 1 << 40))
def test_a_reply_that_was_spoken_is_understood(
    data: st.DataObject, request: tuple[str, dict[str, Value]], reply: Reply, number: int
) -> None:
    asked = understand(*request)

    spoken = providers.speak(asked, reply, number)
    answered = providers.answer(asked, spoken.status, cut(data, spoken.chunks))

    assert answered.text == reply.text
    assert answered.reasoning == reply.reasoning
    assert answered.tool_calls == reply.tool_calls
    assert answered.usage == (reply.usage or NO_USAGE)
    assert answered.complete
    assert answered.error is None
    assert answered.finish_reason


@given(st.data(), st.sampled_from(WORDLESS), st.text(), usages)
def test_without_messages_the_text_and_the_tokens_read_are_understood(
    data: st.DataObject, request: tuple[str, dict[str, Value]], text: str, usage: Usage | None
) -> None:
    asked = understand(*request)

    spoken = providers.speak(asked, Reply(text=text, usage=usage), 1)
    answered = providers.answer(asked, spoken.status, cut(data, spoken.chunks))

    assert answered.text == (text if asked.kind == "llm" else "")
    assert answered.usage.input == (usage or NO_USAGE).input
    assert answered.complete
    assert answered.error is None


@given(st.data(), st.sampled_from(REQUESTS + WORDLESS), st.text(), st.sampled_from([400, 401, 404, 429, 500, 529]))
def test_an_error_that_was_spoken_is_understood(
    data: st.DataObject, request: tuple[str, dict[str, Value]], text: str, status: int
) -> None:
    asked = understand(*request)

    spoken = providers.speak(asked, Reply(text=text, status=status), 1)
    answered = providers.answer(asked, spoken.status, cut(data, spoken.chunks))

    assert spoken.status == status
    if text.strip():
        assert answered.error == text
    assert answered.error, "an error without a message is told by its kind"


@given(st.data(), st.sampled_from(REQUESTS), replies)
def test_a_stream_that_was_cut_holds_the_beginning(
    data: st.DataObject, request: tuple[str, dict[str, Value]], reply: Reply
) -> None:
    asked = understand(*request)
    whole = b"".join(providers.speak(asked, reply, 1).chunks)
    kept = data.draw(st.integers(0, len(whole) // 2))

    answered = providers.answer(asked, 200, [whole[:kept]])

    assert reply.text.startswith(answered.text)
    assert reply.reasoning.startswith(answered.reasoning)
    assert not answered.complete


ODD: st.SearchStrategy[Value] = st.sampled_from(
    [None, True, -1, 1e400, 2**70, "", "\ud800", [], {}, [[]], [None], {"message": []}, {"text": 1}]
)
FIELDS = st.sampled_from(
    "choices delta message content text tool_calls function arguments index id usage prompt_tokens completion_tokens "
    "prompt_tokens_details cached_tokens error output item type output_index response input_tokens done thinking "
    "reasoning reasoning_details audio role x_groq cost status incomplete_details prompt_eval_count model".split()
)
KINDS = st.sampled_from(
    "message reasoning function_call error thinking text response.completed response.failed "
    "response.output_item.added response.output_item.done response.output_text.delta "
    "response.function_call_arguments.delta".split()
)
bodies = st.recursive(
    ODD | KINDS | counts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=5)
)


@given(
    st.sampled_from(REQUESTS + WORDLESS),
    st.lists(bodies, max_size=4),
    st.lists(st.binary(max_size=40), max_size=3),
    st.sampled_from([200, 400, 500]),
)
def test_hostile_bytes_never_raise(
    request: tuple[str, dict[str, Value]], said: list[Value], noise: list[bytes], status: int
) -> None:
    asked = understand(*request)
    whole = [wire.to_json(body) for body in said]
    events = [b"data: " + line + b"\n\n" for line in whole]

    answers = [providers.answer(asked, status, chunks) for chunks in (noise, whole, events, [*events, *noise])]

    for answered in answers:
        assert isinstance(answered, Answered)
        assert answered.usage.total < 1 << 40


@given(st.text(), bodies)
def test_no_request_raises(url: str, body: Value) -> None:
    providers.ask(url, body)
    providers.ask("https://api.openai.com/v1/chat/completions", body)


@given(st.sampled_from([url for url, _ in REQUESTS + WORDLESS]), bodies, bodies, bodies, bodies)
def test_no_odd_field_of_a_request_raises(url: str, first: Value, second: Value, third: Value, fourth: Value) -> None:
    fields = {"messages": first, "input": first, "prompt": first, "tools": second, "model": third, "stream": third}

    providers.ask(url, fields | {"stop": fourth, "reasoning": fourth, "options": fourth, "stream_options": fourth})


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("https://api.openai.com/v1/models", {}),
        ("https://api.openai.com/v1/chat/completions", {"model": "m"}),
        ("https://example.org/api/chat", {"text": "Hello"}),
        ("https://example.org/form/responses", {"answers": []}),
        ("not an address", MESSAGES),
        ("https://api.openai.com/v1/chat/completions", "messages"),
    ],
)
def test_what_is_no_request_to_a_model_is_left_alone(url: str, body: Value) -> None:
    assert providers.ask(url, body) is None


def test_a_reply_is_spoken_the_same_in_every_run() -> None:
    asked = understand(*REQUESTS[1])
    reply = Reply(text="Hello there", tool_calls=(ToolCall(name="look"),))

    assert providers.speak(asked, reply, 7) == providers.speak(asked, reply, 7)
    assert providers.speak(asked, reply, 7) != providers.speak(asked, reply, 8)


def test_what_a_reply_leaves_open_is_filled_in() -> None:
    """Programs expect an id, and arguments that can be parsed."""
    for request in REQUESTS:
        asked = understand(*request)

        spoken = providers.speak(asked, Reply(tool_calls=(ToolCall(name="look"),)), 3)
        (call,) = providers.answer(asked, spoken.status, spoken.chunks).tool_calls

        assert call == ToolCall(id="call_3_0", name="look", arguments={})
