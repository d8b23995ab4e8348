"""Blocks take a page, hold everything once and in order, and come out again."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from agentreplay.contents.compression import compress, decompress
from agentreplay.store.sqlite.filling import LONGEST, NOTHING, Begun, fill

ROOM = 8_192


@given(st.lists(st.binary(max_size=400), max_size=60))
def test_all_contents_lie_one_behind_the_other(parts: list[bytes]) -> None:
    blocks = list(fill(NOTHING, parts, thorough=False))

    rest = iter(parts)
    for block in blocks:
        data = decompress(block.codec, block.packed)
        held = [next(rest) for _ in block.starts]
        assert [data[start : start + len(part)] for start, part in zip(block.starts, held, strict=True)] == held
        assert len(data) == sum(map(len, held))
    assert not list(rest)


def test_blocks_are_as_full_as_a_page_allows() -> None:
    random = Random(1)
    words = [random.randbytes(3).hex() for _ in range(500)]
    parts = [" ".join(random.choices(words, k=random.randrange(20, 300))).encode() for _ in range(400)]

    blocks = list(fill(NOTHING, parts, thorough=False))

    assert all(len(block.packed) + 2 * len(block.starts) < ROOM for block in blocks)
    assert sum(len(block.packed) for block in blocks[:-1]) > 0.85 * ROOM * (len(blocks) - 1)


def test_what_alone_is_longer_than_a_block_has_one_of_its_own() -> None:
    random = Random(2)
    long = random.randbytes(2 * LONGEST)

    blocks = list(fill(NOTHING, [b"first", long, b"last"], thorough=False))

    assert [list(block.starts) for block in blocks] == [[0], [0], [0]]


def test_a_block_that_is_begun_goes_on_behind_what_it_has() -> None:
    data = b"begun " * 10
    begun = Begun(2, data, len(compress(data)[1]))

    [block] = fill(begun, [b"more", b"still more"], thorough=False)

    assert list(block.starts) == [len(data), len(data) + 4]
    assert decompress(block.codec, block.packed) == data + b"morestill more"
