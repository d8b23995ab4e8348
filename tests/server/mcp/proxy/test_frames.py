"""Messages are looked at and stay what they are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.server.mcp.proxy.frames import answer_line, frames, params_of, request_line


def test_parts_stay_as_they_were_written() -> None:
    (frame,) = frames(b'{"jsonrpc":"2.0","id": "\\u0061" ,"result" : {"b" :1.0,"a":2}}')

    assert frame.answers
    assert frame.name == b'"\\u0061"'
    assert answer_line(frame.name, "result", bytes(frame.result or b"")) == (
        b'{"jsonrpc":"2.0","id":"\\u0061","result":{"b" :1.0,"a":2}}\n'
    )


def test_a_batch_is_several() -> None:
    line = b'[{"id":1,"method":"ping"},{"method":"notifications/initialized"}]'

    assert [frame.asks for frame in frames(line)] == [True, False]


@pytest.mark.parametrize("line", [b"", b"{", b"7", b'{"method": 7}', b"\xff", b"[" * 9_999])
def test_what_is_no_message_is_none(line: bytes) -> None:
    assert frames(line) == []


@pytest.mark.parametrize("line", [b'{"method":"x"}', b'{"method":"x","params":[1]}', b'{"method":"x","params":null}'])
def test_params_without_names_are_none(line: bytes) -> None:
    assert params_of(frames(line)[0]) == {}


def test_what_is_said_again_is_a_message() -> None:
    asked = json.loads(request_line("ping", None, b"7"))
    told = json.loads(request_line("notifications/progress", {"progress": 1}))

    assert asked == {"jsonrpc": "2.0", "id": 7, "method": "ping"}
    assert told == {"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progress": 1}}


@given(st.binary(max_size=100))
def test_no_bytes_do_harm(line: bytes) -> None:
    for frame in frames(line):
        params_of(frame)
