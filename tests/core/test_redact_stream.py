"""A secret that a model says letter by letter is gone from all events, and the others stay as they are."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core.redact import Redactor, Rule
from agentreplay.core.redact_stream import clean_events
from agentreplay.intake import providers
from tests.redacting import faceless

KEY = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"
TEXT = f'The key is {KEY}, and the password: "hunter2" is yours.'
SSE, LINES = "text/event-stream", "application/x-ndjson"


def chat(piece: str) -> dict[str, Any]:
    return {"id": "chatcmpl-9pQ2mZk81XbVs7TnLw3RyEu6HcJd", "choices": [{"index": 0, "delta": {"content": piece}}]}


def arguments(piece: str) -> dict[str, Any]:
    call = {"index": 1, "function": {"arguments": piece}}
    return {"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}


def response(piece: str) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "delta": piece}


def message(piece: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}


def tool(piece: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": piece}}


def candidate(piece: str) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": [{"text": piece}], "role": "model"}, "index": 0}]}


def generated(piece: str) -> dict[str, Any]:
    return {"model": "llama", "message": {"role": "assistant", "content": piece}, "done": False}


EVENTS = [chat, arguments, response, message, tool, candidate, generated]


def cut(text: str, size: int) -> list[str]:
    return [text[place : place + size] for place in range(0, len(text), size)]


def stream(events: list[dict[str, Any]]) -> bytes:
    return (
        b"".join(b"event: x\ndata: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"
    )


def said(data: bytes) -> str:
    """All that is spoken, put together."""
    found: list[str] = []

    def walk(value: Any) -> None:
        for field, item in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(item, dict | list):
                walk(item)
            elif field in {"content", "arguments", "delta", "text", "partial_json"}:
                found.append(item)

    for line in data.split(b"\n"):
        if (begin := line.find(b"{")) >= 0:
            walk(json.loads(line[begin:]))
    return "".join(found)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("size", [1, 4, 30])
def test_no_secret_is_left_in_the_words_of_any_provider(event: Callable[[str], dict[str, Any]], size: int) -> None:
    redactor = Redactor(salt=b"salt")
    data = stream([event(piece) for piece in cut(TEXT, size)])

    clean = clean_events(redactor, data, SSE)

    assert said(data) == TEXT
    assert said(clean) == redactor.text(TEXT)
    assert faceless(said(clean)) == 'The key is [redacted:anthropic], and the password: "[redacted:named]" is yours.'
    assert clean_events(redactor, clean, SSE) == clean
    assert clean.count(b"\n") == data.count(b"\n")


def test_what_models_say_at_the_same_time_is_kept_apart() -> None:
    events = [make(piece) for piece in cut(KEY, 5) for make in (chat, arguments, tool)]

    clean = clean_events(Redactor(), stream(events), SSE)

    assert faceless(said(clean)) == "[redacted:anthropic]" * 3


def test_json_lines_are_streams_too() -> None:
    data = b"".join(json.dumps(generated(piece)).encode() + b"\r\n" for piece in cut(TEXT, 3))

    clean = clean_events(Redactor(), data, LINES)

    assert KEY not in said(clean)
    assert clean.count(b"\r\n") == data.count(b"\r\n")


def test_a_rule_of_the_users_own_reaches_across_events() -> None:
    redactor = Redactor(rules=[Rule("ticket", r"TICKET-\d+")])

    clean = clean_events(redactor, stream([chat(piece) for piece in "my TICKET-1234."]), SSE)

    assert faceless(said(clean)) == "my [redacted:ticket]."


@pytest.mark.parametrize(
    ("data", "media", "policy"),
    [
        (stream([chat(piece) for piece in cut("nothing to see here", 3)]), SSE, "redacted"),
        (stream([chat(piece) for piece in cut(TEXT, 3)]), "application/json", "redacted"),
        (stream([chat(piece) for piece in cut(TEXT, 3)]), SSE, "full"),
        (b"data: {broken\n\ndata: [1]\n\n{}\n:\n", SSE, "redacted"),
    ],
)
def test_all_else_is_the_very_same(data: bytes, media: str, policy: Any) -> None:
    assert clean_events(Redactor(policy), data, media) is data


@given(
    st.lists(
        st.sampled_from(["The ", KEY, KEY[:9], KEY[9:], "password: ", "hunter2", " ", "\n", '"', "é"]), max_size=12
    )
)
def test_what_is_said_is_what_the_whole_would_be(pieces: list[str]) -> None:
    redactor = Redactor(salt=b"salt")

    clean = clean_events(redactor, stream([chat(piece) for piece in ["<", *pieces, ">"]]), SSE)

    assert said(clean) == redactor.text("<" + "".join(pieces) + ">")


def test_the_provider_still_understands_the_stream() -> None:
    asked = providers.ask("https://api.openai.com/v1/chat/completions", {"model": "m", "messages": [], "stream": True})
    assert asked is not None
    clean = clean_events(Redactor(), stream([chat(piece) for piece in cut(TEXT, 7)]), SSE)

    answered = providers.answer(asked, 200, [clean])

    assert "[redacted:anthropic" in str(answered)
    assert KEY[13:30] not in str(answered)
