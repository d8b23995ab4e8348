"""Events come out the same wherever the stream is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake.providers import sse
from agentreplay.intake.providers.sse import Event


def read(*chunks: bytes) -> list[Event]:
    return [event for _, event in sse.events(chunks)]


lines = st.sampled_from(
    [b"data: one", b"data:two", b"event: name", b": note", b"id: 1", b"data", b"", b"\xff", b"data: \xc3\xa9"]
)
ends = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(st.lists(st.tuples(lines, ends)), st.data())
def test_cuts_make_no_difference(parts: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    whole = b"".join(line + end for line, end in parts)
    places = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))

    pieces = [whole[start:end] for start, end in zip([0, *places], [*places, len(whole)], strict=True)]

    assert read(*pieces) == read(whole)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_is_read(end: bytes) -> None:
    assert read(b"event: a" + end + b"data: 1" + end + b"data: 2" + end + end) == [Event("a", b"1\n2")]


def test_comments_unknown_fields_and_empty_events_are_passed_over() -> None:
    assert read(b": OPENROUTER PROCESSING\n\nretry: 5\nevent: lost\n\ndata: 1\n\n") == [Event("", b"1")]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read(b"\xef\xbb\xbfdata: 1\n\n") == [Event("", b"1")]


def test_the_last_event_needs_no_empty_line() -> None:
    assert read(b"data: 1\n\ndata: [DONE]") == [Event("", b"1"), Event("", b"[DONE]")]


def test_only_line_ends_of_the_protocol_end_a_line() -> None:
    assert read("data: a\x0bb\u2028c\x85d\n\n".encode()) == [Event("", "a\x0bb\u2028c\x85d".encode())]


def test_an_event_has_the_number_of_the_chunk_that_completed_it() -> None:
    numbers = [number for number, _ in sse.events([b"data: 1\n", b"\nda", b"ta: 2\n\ndata: 3\n\n"])]

    assert numbers == [1, 2, 2]


def test_what_is_said_is_read() -> None:
    assert read(sse.say(b"1", "name"), sse.say(b"2")) == [Event("name", b"1"), Event("", b"2")]
