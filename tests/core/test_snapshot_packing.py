"""States are packed in pieces, and unpacked only as far as is allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core.snapshot_packing import PIECE, Packed, TooMuch, pack, unpack
from agentreplay.errors import ValueInvalid
from agentreplay.model.snapshot import COMPRESSIONS, Compression


@given(st.lists(st.binary(max_size=200), max_size=8), st.sampled_from(COMPRESSIONS), st.integers(1, 50))
def test_what_is_packed_is_unpacked_wherever_it_was_cut(pieces: list[bytes], how: Compression, cut: int) -> None:
    packed = b"".join(pack(pieces, how))
    again = [packed[start : start + cut] for start in range(0, len(packed), cut)]

    assert b"".join(unpack(again, how, 10_000)) == b"".join(pieces)


@pytest.mark.parametrize("how", COMPRESSIONS)
def test_no_piece_is_larger_than_a_piece(how: Compression) -> None:
    state = bytes(range(256)) * 4_096

    packed = list(pack([state], how))

    assert all(len(piece) <= PIECE for piece in packed)
    assert all(len(piece) <= PIECE for piece in unpack(packed, how, len(state)))
    with pytest.raises(TooMuch):
        list(unpack(packed, how, len(state) - 1))


@pytest.mark.parametrize("how", ["zstd", "gzip"])
def test_what_is_cut_or_goes_on_is_nothing_that_was_packed(how: Compression) -> None:
    packed = b"".join(pack([b"state" * 100], how))

    for wrong in (packed[:-1], packed + b"x", b"other", b""):
        with pytest.raises(Packed):
            list(unpack([wrong], how, 10_000))


def test_an_unknown_compression_is_refused() -> None:
    with pytest.raises(ValueInvalid):
        list(pack([b""], "lzma"))  # type: ignore[arg-type]
    with pytest.raises(Packed):
        list(unpack([b""], "lzma", 1))  # type: ignore[arg-type]
