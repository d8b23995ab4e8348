"""The framing of chunks, however it is cut."""

from hypothesis import given
from hypothesis import strategies as st

from agentreplay.sdk.seams.wire import Chunks


@given(
    pieces=st.lists(st.binary(min_size=1, max_size=50), max_size=8),
    cuts=st.lists(st.integers(min_value=1, max_value=20), min_size=1),
)
def test_data_is_found_wherever_it_is_cut(pieces: list[bytes], cuts: list[int]) -> None:
    written = b"".join(b"%x;a=b\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\nA: b\r\n\r\n"
    chunks, found, place, turn = Chunks(), bytearray(), 0, 0

    while place < len(written):
        size = cuts[turn % len(cuts)]
        found += b"".join(chunks.data(written[place : place + size]))
        place, turn = place + size, turn + 1

    assert bytes(found) == b"".join(pieces)
    assert chunks.is_over


def test_without_its_last_line_it_is_not_over() -> None:
    chunks = Chunks()

    assert chunks.data(b"3\r\nabc\r\n") == [b"abc"]
    assert not chunks.is_over
