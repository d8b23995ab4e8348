"""The signs that announce a secret are found, with whatever there is to search by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core import secrets, tokens
from agentreplay.core.redact import Redactor

PIECES = [*secrets._SIGNS, *tokens._MARKS, b"_", b"s", b"pass", b"k", b"au", b" "]


@pytest.mark.parametrize("signs", [secrets._SIGNS, tokens._MARKS])
@given(text=st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join))
def test_both_ways_of_searching_find_the_same(signs: tuple[bytes, ...], text: bytes) -> None:
    assert secrets.finder(signs)(text) == secrets._finder_by_expression(signs)(text)


NAMES = [
    "token",
    "key",
    "auth",
    "new_token",
    "ntoken",
    "authorization",
    "monkey",
    "npm_token",
    "output_tokens",
    "x" * 70,
]


@given(st.lists(st.sampled_from([*NAMES, "-", "_", "s"]), min_size=1, max_size=6).map("".join))
def test_a_word_is_passed_over_only_where_nothing_behind_it_is_secret(word: str) -> None:
    """What is passed over unseen would have been judged harmless."""
    lowered = word.encode()
    if not secrets._is_dull(lowered):
        return

    assert not any(secrets.is_secret_name(word.lstrip("-"), value) for value in (b"aB3dE6gH9jK2mN5p", b"hunter22"))


def test_counts_of_tokens_announce_nothing_but_that_credentials_are_near() -> None:
    redactor = Redactor()

    assert redactor.data(b'{"input_tokens":12345,"output_tokens":"aB3dE6gH9"}') == (
        b'{"input_tokens":12345,"output_tokens":"aB3dE6gH9"}'
    )
    assert b"abc-12345" not in redactor.data(b'{"output_tokens":1,"said":"Bearer abc-12345"}')


@pytest.mark.parametrize(
    "line", [r"\nAuthorization: Bearer abc12345", r"\napi_key=hunter2222x", r"\token=aB3dE6gH9jK2mN5p"]
)
def test_a_name_behind_an_escaped_line_break_is_found(line: str) -> None:
    assert "[redacted:" in Redactor().text(f"x{line}")
