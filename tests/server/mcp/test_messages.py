"""Messages are read from anything."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.server.mcp.messages import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    PARSE_ERROR,
    Message,
    Refused,
    read_messages,
)


def test_a_request_and_a_notification_are_read() -> None:
    asked = b'{"jsonrpc": "2.0", "id": "a", "method": "ping", "params": {"x": 1}}'
    told = b'{"jsonrpc": "2.0", "method": "notifications/initialized"}'

    assert read_messages(b"[%b, %b]" % (asked, told)) == [
        Message("ping", {"x": 1}, "a"),
        Message("notifications/initialized", {}),
    ]


def test_answers_to_nothing_are_left_out() -> None:
    assert read_messages(b'{"jsonrpc": "2.0", "id": 1, "result": {}}') == []


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_messages(data)

    assert refused.value.code == PARSE_ERROR


@pytest.mark.parametrize("size", [0, 101])
def test_a_batch_has_a_size(size: int) -> None:
    with pytest.raises(Refused) as refused:
        read_messages(json.dumps([{}] * size).encode())

    assert refused.value.code == INVALID_REQUEST


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (7, INVALID_REQUEST),
        ({"method": "ping", "id": 1}, INVALID_REQUEST),
        ({"jsonrpc": "2.0", "method": 7, "id": 1}, INVALID_REQUEST),
        ({"jsonrpc": "2.0", "method": "ping", "id": True}, INVALID_REQUEST),
        ({"jsonrpc": "2.0", "method": "ping", "id": None}, INVALID_REQUEST),
        ({"jsonrpc": "2.0", "method": "ping", "id": 1, "params": [1]}, INVALID_PARAMS),
    ],
)
def test_what_is_no_message_is_refused(message: Any, code: int) -> None:
    (found,) = read_messages(json.dumps(message).encode())

    assert isinstance(found, Refused)
    assert found.code == code


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(data: bytes) -> None:
    try:
        read_messages(data)
    except Refused:
        return
