"""Texts in pieces: the rules, on a vocabulary small enough to read."""

from pathlib import Path

import pytest

from agentreplay.embeddings.wordpiece import WordPieces
from agentreplay.errors import ModelDamaged

_VOCABULARY = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "un",
    "##aff",
    "##able",
    "ship",
    "##s",
    "e",
    "[",
    "]",
    "sep",
    ",",
    "狐",
    "$",
]


def pieces_of(text: str, most: int = 99) -> list[str]:
    return [_VOCABULARY[number] for number in WordPieces(_VOCABULARY).ids(text, most)][1:-1]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("unaffable", ["un", "##aff", "##able"]),
        ("Unaffable SHIPS", ["un", "##aff", "##able", "ship", "##s"]),
        ("unship", ["[UNK]"]),
        ("é É e\u0301", ["e", "e", "e"]),
        ("ships,$ship", ["ship", "##s", ",", "$", "ship"]),
        ("e狐e", ["e", "狐", "e"]),
        ("sh\u200bip\x00s", ["ship", "##s"]),
        ("ship\u00a0ship\tship\r\n\u2003ship", ["ship"] * 4),
        ("e" * 101, ["[UNK]"]),
        ("", []),
    ],
)
def test_words_are_cut_into_the_longest_pieces_known(text: str, pieces: list[str]) -> None:
    assert pieces_of(text) == pieces


def test_a_text_cannot_pass_for_a_token_of_the_model() -> None:
    assert pieces_of("[SEP]") == ["[", "sep", "]"]


def test_a_long_text_ends_where_the_model_does() -> None:
    ids = WordPieces(_VOCABULARY).ids("ships " * 100, 8)

    assert len(ids) == 8
    assert (ids[0], ids[-1]) == (2, 3)


def test_a_file_that_is_no_vocabulary_is_told(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("a\nb\n", encoding="utf-8")

    with pytest.raises(ModelDamaged, match="holds no vocabulary"):
        WordPieces.read(tmp_path / "vocab.txt")
