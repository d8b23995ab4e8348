"""Words are the same for what is indexed, what is asked and what is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.contents.text import indexed_text, parse_words, searchable_text, snippet, words_of
from agentreplay.errors import QueryInvalid
from agentreplay.model.content import JSON, OCTETS, TEXT


@given(st.text(max_size=300))
def test_the_index_finds_the_words_of_any_text(text: str) -> None:
    indexed = indexed_text(text)

    assert indexed.isascii()
    assert words_of(indexed) == words_of(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Café ÉCOLE", ["cafe", "ecole"]),
        ("e\u0301a", ["ea"]),
        ("lookup_order(7)", ["lookup", "order", "7"]),
        ("— “quoted” │ frame │", ["quoted", "frame"]),
    ],
)
def test_case_accents_and_signs_make_no_difference(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_scripts_without_spaces_are_found_by_any_part() -> None:
    assert parse_words("状態").score(words_of("最新の状態です"), 10) > 0
    assert parse_words("態状").score(words_of("最新の状態です"), 10) == 0


def test_a_phrase_must_stand_as_it_was_asked() -> None:
    question = parse_words('"refund policy" order*')

    assert question.score(words_of("the refund policy of orders"), 10) > 0
    assert question.score(words_of("the policy on refund of orders"), 10) == 0


def test_a_question_without_a_word_is_refused() -> None:
    with pytest.raises(QueryInvalid):
        parse_words('"..." -')


def test_a_snippet_marks_the_words_and_says_where_it_was_cut() -> None:
    text = "before " * 40 + "the refund came late" + " after" * 40

    passage = snippet(text, parse_words("REFUND"))

    assert "\x02refund\x03" in passage
    assert passage.startswith("…")
    assert passage.endswith("…")


def test_of_json_the_values_are_searched_and_of_octets_nothing() -> None:
    nested = b'{"key":"a\\nb","n":[7,"{\\"inner\\": \\"deep\\"}"]}'

    assert words_of(searchable_text(JSON, nested)) == ["a", "b", "7", "deep"]
    assert searchable_text(TEXT, b'{"broken') == '{"broken'
    assert searchable_text(OCTETS, b"abc") == ""
