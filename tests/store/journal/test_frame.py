"""A frame is whole or it is not there, and a header says what can be read and by whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.errors import BatchInvalid, FormatTooNew, NotAStore
from agentreplay.store.journal import frame
from agentreplay.store.journal.frame import Frame, check_header, missing, pack, unpack
from agentreplay.store.journal.packing import FORMAT, FRAME_HEADER, HEADER_SIZE, file_header
from tests.store.journal.damage import header_of

payloads = st.binary(max_size=200)
small = st.integers(0, 255)


@given(small, small, payloads, payloads, payloads)
def test_what_was_packed_is_unpacked(kind: int, version: int, payload: bytes, before: bytes, after: bytes) -> None:
    packed = pack(kind, version, payload)

    found = unpack(before + packed + after, len(before), base=1000)

    assert found == Frame(kind, version, payload, 1000 + len(before) + len(packed))


@given(payloads, st.data())
def test_a_frame_that_is_cut_is_not_there_and_says_what_it_lacks(payload: bytes, data: st.DataObject) -> None:
    packed = pack(1, 1, payload)
    cut = data.draw(st.integers(0, len(packed) - 1))

    assert unpack(packed[:cut], 0) is None
    lacking = missing(packed[:cut], 0)
    assert lacking is not None
    assert 0 < lacking <= len(packed) - cut
    assert cut < FRAME_HEADER.size or lacking == len(packed) - cut


def test_a_frame_with_any_flipped_bit_is_not_there() -> None:
    packed = pack(1, 1, b"some payload")

    for bit in range(len(packed) * 8):
        damaged = bytearray(packed)
        damaged[bit // 8] ^= 1 << bit % 8
        assert unpack(bytes(damaged) + packed, 0) is None, f"bit {bit}"


@pytest.mark.parametrize("bit", range(32))
def test_a_damaged_length_is_no_length(bit: int) -> None:
    """Otherwise the frame would seem to have been cut short, and what is behind it would be given up."""
    packed = bytearray(pack(1, 1, b"some payload"))
    packed[bit // 8] ^= 1 << bit % 8

    assert missing(bytes(packed), 0) is None


@given(st.binary(max_size=100))
def test_zeros_and_noise_are_no_frame(noise: bytes) -> None:
    """A file system that loses power may leave zeros where something was about to be written."""
    assert unpack(bytes(64), 0) is None
    assert unpack(noise, 0) is None


def test_a_payload_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "_LARGEST", 10)

    assert unpack(pack(1, 1, bytes(10)), 0) is not None
    with pytest.raises(BatchInvalid, match="split it"):
        pack(1, 1, bytes(11))


def test_a_header_is_what_it_was_and_will_be() -> None:
    assert file_header() == header_of(1, 0, 1)
    assert len(file_header()) == HEADER_SIZE
    check_header(file_header(), "a journal")


def test_a_newer_header_is_refused_with_the_version_that_reads_it() -> None:
    with pytest.raises(FormatTooNew) as caught:
        check_header(header_of(FORMAT + 1, 3, 14), "a journal")

    assert f"format {FORMAT + 1}" in caught.value.message
    assert "agentreplay to 3.14 or newer" in caught.value.advice


def test_a_header_with_any_flipped_bit_is_refused_as_damaged() -> None:
    header = file_header()

    for bit in range(len(header) * 8):
        damaged = bytearray(header)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(NotAStore):
            check_header(bytes(damaged), "a journal")


@given(st.binary(max_size=HEADER_SIZE + 4))
def test_what_is_not_a_header_is_refused(data: bytes) -> None:
    with pytest.raises(NotAStore):
        check_header(data, "a journal")
