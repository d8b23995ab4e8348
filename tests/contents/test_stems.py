"""Words that mean alike share a stem: the one that SQLite's own full text gives them."""

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.contents.stems import STOP_WORDS, stem

ENDINGS = (
    *(
        "s",
        "es",
        "ies",
        "sses",
        "ed",
        "eed",
        "ing",
        "ational",
        "tional",
        "ization",
        "ation",
        "ator",
        "alism",
        "iveness",
    ),
    *("fulness", "ousness", "aliti", "iviti", "biliti", "logi", "icate", "ative", "alize", "iciti", "ical", "ful"),
    *("ness", "ance", "ence", "able", "ible", "ement", "ment", "ent", "sion", "tion", "ism", "ous", "ive", "ize", "ll"),
    *("y", "e", "er", "ity", "ly", "bly", "ously", "ently", "hopping", "filing", "falling", "abilities", ""),
)


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


@given(
    words=st.lists(
        st.builds(str.__add__, st.text("abcdeilostvwxyz", min_size=1, max_size=8), st.sampled_from(ENDINGS)),
        min_size=50,
        max_size=50,
        unique=True,
    )
)
def test_a_stem_is_that_of_sqlite(words: list[str]) -> None:
    database = apsw.Connection(":memory:")
    database.execute("CREATE VIRTUAL TABLE word USING fts5(word, tokenize = 'porter ascii')")
    database.execute("CREATE VIRTUAL TABLE stem USING fts5vocab(word, instance)")
    database.executemany("INSERT INTO word (rowid, word) VALUES (?, ?)", enumerate(words))

    theirs = dict(database.execute("SELECT doc, term FROM stem"))

    assert {number: stem(word) for number, word in enumerate(words)} == theirs
