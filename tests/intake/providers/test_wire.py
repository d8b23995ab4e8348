"""Odd JSON is read as far as it can be, and nothing is raised."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake.providers import wire


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'"\\ud800"', "\ud800"),
        (b'"\xff"', "\ufffd"),
        (b"", None),
        (b"{", None),
        (b"[" * 100_000, None),
        ("1" * 5_000, None),
    ],
)
def test_what_is_no_json_is_none(data: bytes | str, value: object) -> None:
    assert wire.parse(data) == value


def test_not_a_number_is_read() -> None:
    assert math.isnan(wire.parse(b"NaN"))


@given(st.none() | st.booleans() | st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.integers()))
def test_arguments_come_back_from_their_text(value: object) -> None:
    assert wire.arguments(wire.arguments_text(value)) == ({} if value is None else value)


@given(st.text())
def test_pieces_make_the_whole(whole: str) -> None:
    assert "".join(wire.pieces(whole)) == whole


@pytest.mark.parametrize(
    ("value", "count"),
    [(3, 3), (3.0, 3), (-1, 0), (True, 0), ("3", 0), (None, 0), (1 << 50, 0), (math.inf, 0), (math.nan, 0), (0.5, 0)],
)
def test_a_count_is_a_number_that_a_call_can_have_used(value: object, count: int) -> None:
    assert wire.count(value) == count


@pytest.mark.parametrize(
    ("chunks", "is_json"),
    [([b"", b" \n", b"{"], True), ([b"\xef\xbb\xbf["], True), ([b"data: {}"], False), ([], False), ([b"<"], False)],
)
def test_json_is_told_from_events(chunks: list[bytes], is_json: bool) -> None:  # noqa: FBT001  # a parameter of the table
    assert wire.is_json(chunks) is is_json
