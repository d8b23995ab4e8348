"""Messages come line by line, several are answered at once, and nothing that comes ends it but the end."""

import io
import json
import os
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.server.mcp import stdio
from agentreplay.server.mcp.speaking import Speaker
from agentreplay.server.mcp.stdio import serve

PING = b'{"jsonrpc": "2.0", "id": %d, "method": "ping"}\n'


def test_every_line_is_answered_and_empty_ones_are_not(speaker: Speaker) -> None:
    sink = io.BytesIO()

    serve(speaker.answer, io.BytesIO(PING % 1 + b"\n  \r\n" + PING % 2), sink)

    assert sorted(json.loads(line)["id"] for line in sink.getvalue().splitlines()) == [1, 2]


def test_a_slow_answer_holds_nobody_up() -> None:
    is_fast = threading.Event()

    def answer(line: bytes) -> bytes:
        if line.strip() == b"slow":
            assert is_fast.wait(10)
        else:
            is_fast.set()
        return line.strip()

    sink = io.BytesIO()

    serve(answer, io.BytesIO(b"slow\nfast\n"), sink)

    assert sink.getvalue().splitlines() == [b"fast", b"slow"]


def test_whoever_waits_is_told_when_the_client_leaves() -> None:
    is_left = threading.Event()

    def answer(line: bytes) -> bytes:
        assert is_left.wait(10)
        return line.strip()

    sink = io.BytesIO()

    serve(answer, io.BytesIO(b"waits\n"), sink, is_left.set)

    assert sink.getvalue() == b"waits\n"


def test_a_line_that_is_too_long_is_refused_and_the_next_is_answered(
    speaker: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stdio, "LONGEST_LINE", 200)
    sink = io.BytesIO()

    serve(speaker.answer, io.BytesIO(b"[" * 1_000 + b"\n" + PING % 3), sink)

    first, second = (json.loads(line) for line in sink.getvalue().splitlines())
    assert "at most 200 bytes" in first["error"]["message"]
    assert second["id"] == 3


def test_it_ends_when_nobody_reads(speaker: Speaker) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    asked = 0

    class Endless(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            nonlocal asked
            asked += 1
            time.sleep(0.001)
            return PING % asked

    with os.fdopen(writing, "wb", buffering=0) as sink:
        serve(speaker.answer, Endless(), sink)

    assert asked


@given(st.lists(st.binary(max_size=50), max_size=5))
def test_no_bytes_do_harm(speaker: Speaker, lines: list[bytes]) -> None:
    sink = io.BytesIO()

    serve(speaker.answer, io.BytesIO(b"\n".join([*lines, PING % 9])), sink)

    assert any(json.loads(line).get("id") == 9 for line in sink.getvalue().splitlines())
