"""Ids have one spelling, and what is none is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.errors import ValueInvalid
from agentreplay.model.ids import check_name, check_span_id, check_trace_id, new_session_id
from agentreplay.model.time import Nanoseconds
from agentreplay.testing import NEW_YEAR
from tests import strategies


@given(strategies.trace_ids, strategies.span_ids)
def test_upper_case_ids_are_lowered(trace_id: str, span_id: str) -> None:
    assert check_trace_id(trace_id.upper()) == trace_id
    assert check_span_id(span_id.upper()) == span_id


@given(st.text(max_size=40) | st.text("0123456789abcdefABCDEF \n", max_size=40))
def test_what_is_no_id_is_refused(text: str) -> None:
    digits = set("0123456789abcdefABCDEF")
    for check, length in ((check_trace_id, 32), (check_span_id, 16)):
        if len(text) == length and digits.issuperset(text):
            assert check(text) == text.lower()
        else:
            with pytest.raises(ValueInvalid, match="hexadecimal"):
                check(text)


@given(st.integers(0, (1 << 48) - 1), st.binary(min_size=10, max_size=10))
def test_session_ids_sort_by_time(millisecond: int, randomness: bytes) -> None:
    earlier = new_session_id(Nanoseconds(millisecond * 1_000_000), randomness)
    later = new_session_id(Nanoseconds((millisecond + 1) * 1_000_000), bytes(10))

    assert len(earlier) == 26
    assert earlier < later or millisecond + 1 == 1 << 48


def test_a_session_id_is_made_of_what_it_is_given() -> None:
    assert new_session_id(NEW_YEAR, bytes(10)) == "01KDVDNA00" + "0" * 16


def test_a_session_id_needs_ten_random_bytes() -> None:
    with pytest.raises(ValueInvalid, match="9 bytes"):
        new_session_id(NEW_YEAR, bytes(9))


@pytest.mark.parametrize("name", ["a", "Ü-1", "with space", "01KDVDNA00", "x" * 512])
def test_a_printable_text_can_be_a_name(name: str) -> None:
    check_name(name, "a project")


@pytest.mark.parametrize("name", ["", "x" * 513, "tab\t", "zero\x00", "\ud800", "\u202e"], ids=ascii)
def test_an_unprintable_text_cannot_be_a_name(name: str) -> None:
    with pytest.raises(ValueInvalid, match="a project"):
        check_name(name, "a project")
