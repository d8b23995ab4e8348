"""The policy `structure` keeps shapes, and no text."""

import json

from agentreplay.core.redact import Redactor

MESSAGES = {
    "model": "gpt-5",
    "messages": [
        {"role": "user", "content": "Call me Ishmael"},
        {"role": "assistant", "content": [{"type": "tool_use", "name": "lookup", "input": {"name": "Alice", "n": 3}}]},
    ],
}


def test_roles_types_models_tools_and_numbers_stay_and_text_goes() -> None:
    clean = Redactor("structure").value(MESSAGES)

    assert clean["model"] == "gpt-5"
    assert clean["messages"][0] == {"role": "user", "content": "[text:15]"}
    block = clean["messages"][1]["content"][0]
    assert block == {"type": "tool_use", "name": "lookup", "input": {"name": "[text:5]", "n": 3}}


def test_what_is_kept_is_still_searched_for_secrets() -> None:
    clean = Redactor("structure").value({"id": "ghp_" + "a1B2" * 10})

    assert clean["id"].startswith("[redacted:github:")


def test_bodies_and_streams_keep_their_structure() -> None:
    redactor = Redactor("structure")

    assert json.loads(redactor.data(json.dumps(MESSAGES).encode())) == redactor.value(MESSAGES)
    stream = redactor.data(
        b'event: delta\ndata: {"type": "delta", "text": "hi"}\n\ndata: [DONE]\n', "text/event-stream"
    )
    assert stream == b'event: delta\ndata: {"type":"delta","text":"[text:2]"}\n\ndata: [DONE]\n'
    assert redactor.data(b"some words", "text/plain") == b"[text:10]"
    assert redactor.data(b"\x89PNG", "image/png") == b"[bytes:4]"
