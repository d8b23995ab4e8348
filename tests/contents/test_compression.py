"""What was compressed comes back; what is damaged is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.contents.compression import DICTIONARY, RAW, ZSTD, compress, decompress
from agentreplay.errors import ValueInvalid

SHORT = b'{"role":"user","content":"What is the weather like in Paris today?"}'
LONG = b"The same sentence, over and over again. " * 2_000


@given(st.binary(max_size=2_000) | st.text(max_size=2_000).map(str.encode), st.booleans())
def test_any_bytes_come_back(data: bytes, thorough: bool) -> None:  # noqa: FBT001 - drawn
    assert decompress(*compress(data, thorough=thorough)) == data


def test_what_does_not_shrink_stays_as_it_came() -> None:
    assert compress(bytes(range(200))) == (RAW, bytes(range(200)))


def test_short_messages_take_the_dictionary_and_long_ones_do_not() -> None:
    assert compress(SHORT)[0] == DICTIONARY
    assert compress(LONG)[0] == ZSTD


def test_taking_time_makes_it_no_longer() -> None:
    text = SHORT * 9 + LONG[:3_000]

    assert len(compress(text, thorough=True)[1]) <= len(compress(text)[1])


@pytest.mark.parametrize("data", [SHORT, LONG])
def test_a_cut_is_refused(data: bytes) -> None:
    codec, packed = compress(data)

    with pytest.raises(ValueInvalid):
        decompress(codec, packed[:-1])
    with pytest.raises(ValueInvalid):
        decompress(codec, packed + b"more")


def test_an_unknown_codec_is_refused() -> None:
    with pytest.raises(ValueInvalid, match="codec 9"):
        decompress(9, b"")
