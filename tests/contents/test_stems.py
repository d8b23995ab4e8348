"""Words that mean alike share a stem: the one that SQLite's own full text gives them."""

import apsw
import pytest

from agentreplay.contents.stems import STOP_WORDS, stem

ROOTS = (
    "a b to ya oa tr hop fil fall agr pl conflat troubl siz fizz hiss tann sky happ rel cond val dig rad vil oper"
    " feud dec form elect adjust reviv homo bow box try contr rate cease roll xylo queu"
).split()
ENDINGS = [
    "",
    *(
        "s es ies sses ed eed ing ational tional ization ation ator alism iveness fulness ousness aliti iviti biliti"
        " logi icate ative alize iciti ical ful ness ance ence able ible ement ment ent sion tion ism ous ive ize ll"
        " y e er ity ly bly ously ently hopping filing falling abilities"
    ).split(),
]


@pytest.mark.parametrize(
    ("one", "other"),
    [("deploys", "deployed"), ("renewed", "renewal"), ("ponies", "pony"), ("hopping", "hops"), ("filing", "file")],
)
def test_words_that_mean_alike_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize("name", ["e4217s", "os", "0040", "03b1ing"])
def test_what_is_a_name_rather_than_a_word_stays(name: str) -> None:
    assert stem(name) == name


def test_what_turns_a_sentence_round_is_no_stop_word() -> None:
    assert not STOP_WORDS & {"not", "no", "never"}
    assert {"what", "the", "is"} <= STOP_WORDS


def test_stems_are_those_of_sqlite() -> None:
    """But for words that are an ending and nothing else, and for two y in a row, which English has not."""
    more = ("", "s", "ed", "ing", "ly")
    words = sorted({root + one + other for root in ROOTS for one in ENDINGS for other in more})
    database = apsw.Connection(":memory:")
    database.execute("CREATE VIRTUAL TABLE told USING fts5(text, tokenize = 'porter ascii')")
    database.execute("CREATE VIRTUAL TABLE stem USING fts5vocab(told, instance)")
    database.executemany("INSERT INTO told (rowid, text) VALUES (?, ?)", enumerate(words))

    theirs = dict(database.execute("SELECT doc, term FROM stem"))

    assert {number: stem(word) for number, word in enumerate(words)} == theirs
