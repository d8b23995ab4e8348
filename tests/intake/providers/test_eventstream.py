"""Events in binary frames."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake.providers import eventstream
from tests.intake.providers.replies import cuts


@given(st.lists(st.binary(min_size=1, max_size=80), max_size=4), st.data())
def test_what_is_framed_is_read_again_however_it_was_cut(events: list[bytes], data: st.DataObject) -> None:
    chunks = data.draw(cuts(b"".join(map(eventstream.frame, events))))

    assert [event for _, event in eventstream.read(chunks)] == events


def test_an_event_belongs_to_the_chunk_that_completed_it() -> None:
    frame = eventstream.frame(b"{}")

    assert list(eventstream.read([frame[:-1], b"", frame[-1:] + frame])) == [(2, b"{}"), (2, b"{}")]


def test_a_frame_is_built_as_documented() -> None:
    frame = eventstream.frame(b"{}")

    length, headers, checksum = struct.unpack_from(">III", frame)
    assert (length, checksum) == (len(frame), zlib.crc32(frame[:8]))
    assert frame[12 : 12 + headers].startswith(b"\x0b:event-type\x07\x00\x05chunk")
    assert frame[12 + headers : -4] == b'{"bytes":"e30="}'
    assert struct.unpack(">I", frame[-4:]) == (zlib.crc32(frame[:-4]),)


def test_a_payload_that_holds_no_event_is_read_as_it_is() -> None:
    payload = b'{"message":"slow down"}'
    prelude = struct.pack(">II", 16 + len(payload), 0)
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + payload

    assert list(eventstream.read([message + struct.pack(">I", zlib.crc32(message))])) == [(0, payload)]


@pytest.mark.parametrize("place", [0, 5, 9, 20, -6, -1])
def test_reading_ends_at_a_frame_that_is_broken(place: int) -> None:
    broken = bytearray(eventstream.frame(b"[1]"))
    broken[place] ^= 1

    assert list(eventstream.read([eventstream.frame(b"{}") + bytes(broken)])) == [(0, b"{}")]


@given(st.integers(0, 100), st.integers(0, 100), st.binary(max_size=40))
def test_lengths_that_cannot_be_do_no_harm(length: int, headers: int, rest: bytes) -> None:
    prelude = struct.pack(">II", length, headers)

    list(eventstream.read([prelude + struct.pack(">I", zlib.crc32(prelude)) + rest]))


@given(st.text())
def test_text_does_not_look_framed(text: str) -> None:
    assert not eventstream.looks_framed(text.encode())


@given(st.lists(st.tuples(st.text("abcdef", min_size=1, max_size=9), st.binary(max_size=30)), max_size=4), st.data())
def test_events_of_a_kind_are_read_with_it(events: list[tuple[str, bytes]], data: st.DataObject) -> None:
    chunks = data.draw(cuts(b"".join(eventstream.frame_of_kind(kind, payload) for kind, payload in events)))

    assert [(kind, payload) for _, kind, payload in eventstream.read_kinds(chunks)] == events


@given(st.binary(max_size=40))
def test_headers_that_cannot_be_name_no_kind(headers: bytes) -> None:
    prelude = struct.pack(">II", 16 + len(headers), len(headers))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers

    [(_, kind, payload)] = eventstream.read_kinds([message + struct.pack(">I", zlib.crc32(message))])

    assert isinstance(kind, str)
    assert payload == b""
