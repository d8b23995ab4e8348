"""The signs that announce a secret are found, with whatever there is to search by."""

from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core import secrets


@given(st.lists(st.sampled_from([*secrets._SIGNS, b"_", b"s", b"pass", b"k", b"au", b" "]), max_size=12).map(b"".join))
def test_both_ways_of_searching_find_the_same(text: bytes) -> None:
    assert secrets._search() is not secrets._search_by_expression
    assert secrets._search()(text) == secrets._search_by_expression(text)
