"""Codings are undone piece by piece."""

import gzip
import sys
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.sdk.seams.coding import Undecodable, decoder


def bare_deflate(data: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return machine.compress(data) + machine.flush()


@pytest.mark.parametrize(
    ("codings", "encode"),
    [
        ("gzip", gzip.compress),
        ("x-GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", bare_deflate),
        ("gzip, deflate", lambda data: zlib.compress(gzip.compress(data))),
        ("identity", bytes),
    ],
)
@given(data=st.binary(max_size=2000), size=st.integers(min_value=1, max_value=300))
def test_what_was_encoded_comes_out_whole(
    codings: str, encode: Callable[[bytes], bytes], data: bytes, size: int
) -> None:
    encoded = encode(data)
    machine = decoder(codings)

    assert machine is not None
    assert b"".join(machine.decode(encoded[i : i + size]) for i in range(0, len(encoded), size)) == data


def test_an_unknown_coding_has_no_decoder() -> None:
    assert decoder("of-our-own") is None
    assert decoder("gzip, of-our-own") is None


def test_a_coding_whose_library_is_not_there_has_no_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("brotli", "brotlicffi", "compression.zstd", "backports.zstd", "zstandard"):
        monkeypatch.delitem(sys.modules, name, raising=False)

    assert decoder("br") is None
    assert decoder("zstd") is None


def test_zstd_is_undone_with_the_library_there_is() -> None:
    library = pytest.importorskip("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    machine = decoder("zstd")

    assert machine is not None
    assert machine.decode(library.compress(b"a text")) == b"a text"


def test_what_is_not_in_the_coding_it_claims_is_refused() -> None:
    machine = decoder("gzip")

    assert machine is not None
    with pytest.raises(Undecodable):
        machine.decode(b"no gzip at all")
