"""Chunks leave nothing out, are no longer than asked, and know their lines."""

from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core.documents.chunk import Block, pack
from agentreplay.core.documents.plain import blocks_of_text

TEXTS = st.text(alphabet="ab .\n京", max_size=400)


@given(TEXTS, st.integers(40, 120))
def test_every_letter_is_in_a_chunk_and_in_order(text: str, size: int) -> None:
    chunks = list(pack(blocks_of_text(text), size))

    assert "".join("".join(chunk.text.split()) for chunk in chunks) == "".join(text.split())
    assert all(len(chunk.text) <= size + 1 for chunk in chunks)


@given(TEXTS)
def test_a_chunk_stands_where_it_says(text: str) -> None:
    lines = text.split("\n")

    for chunk in pack(blocks_of_text(text), 40):
        within = "".join("".join(lines[chunk.first_line - 1 : chunk.last_line]).split())
        assert "".join(chunk.text.split()) in within


def test_short_blocks_go_together_under_one_heading() -> None:
    blocks = [Block("one", 1, 1, "A"), Block("two", 3, 3, "A"), Block("three", 4, 4, "B"), Block("x", 5, 5, "B", 2)]

    found = [(one.text, one.first_line, one.last_line, one.heading) for one in pack(blocks)]
    assert found == [("one\n\ntwo", 1, 3, "A"), ("three", 4, 4, "B"), ("x", 5, 5, "B")]


def test_a_long_block_is_cut_at_sentences() -> None:
    text = "The first sentence is here. The second one follows it. The third is the last."

    assert [one.text for one in pack([Block(text, 1, 1)], 60)] == [
        "The first sentence is here. The second one follows it.",
        "The third is the last.",
    ]
