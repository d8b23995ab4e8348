"""Codings are undone up to a limit."""

import gzip
import sys
import zlib
from collections.abc import Callable

import pytest

from agentreplay.errors import BodyTooLarge, CodingUnknown, RequestMalformed
from agentreplay.intake.otlp.coding import undo

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
}

DATA = b"some text that repeats, " * 100
CODED = {
    "identity": DATA,
    "gzip": gzip.compress(DATA),
    "deflate": zlib.compress(DATA),
    "zstd": zstd.compress(DATA),
}


@pytest.mark.parametrize("coding", CODED)
def test_every_coding_is_undone_and_bounded(coding: str) -> None:
    assert undo(coding, CODED[coding], len(DATA)) == DATA
    with pytest.raises(BodyTooLarge):
        undo(coding, CODED[coding], len(DATA) - 1)


def test_deflate_without_its_head_is_taken_too() -> None:
    raw = zlib.compressobj(wbits=-15)

    assert undo("deflate", raw.compress(DATA) + raw.flush(), len(DATA)) == DATA


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_several_frames_are_one_body(coding: str) -> None:
    assert undo(coding, CODED[coding] * 3, 3 * len(DATA)) == DATA * 3
    with pytest.raises(BodyTooLarge):
        undo(coding, CODED[coding] * 3, 3 * len(DATA) - 1)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_what_is_cut_or_is_something_else_is_refused(coding: str) -> None:
    for wrong in (CODED[coding][:-5], b"nonsense" * 9):
        with pytest.raises(RequestMalformed):
            undo(coding, wrong, 10_000)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_a_bomb_is_not_undone(coding: str) -> None:
    bomb = PACKERS[coding](bytes(200_000_000))

    with pytest.raises(BodyTooLarge):
        undo(coding, bomb, 1_000_000)


def test_an_unknown_coding_is_named() -> None:
    with pytest.raises(CodingUnknown, match="br"):
        undo("br", b"", 1)
