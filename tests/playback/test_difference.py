"""The smallest difference between two values, and none where there is none."""

from typing import Any

import pytest
from hypothesis import given

from agentreplay.playback.canonical import dump
from agentreplay.playback.difference import ABSENT, Difference, compare, shown
from tests.playback.test_canonical import VALUES


@given(VALUES, VALUES)
def test_there_is_a_difference_exactly_where_values_differ(one: Any, other: Any) -> None:
    assert bool(list(compare(one, other))) == (dump(one) != dump(other))


@pytest.mark.parametrize(
    ("one", "other", "path", "expected", "got"),
    [
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "a.b[1]", 2, 3),
        ({"a": 1}, {}, "a", 1, ABSENT),
        ({}, {"a": None}, "a", ABSENT, None),
        ({"a": 1}, {"a": True}, "a", 1, True),
        ({"a": 1}, {"a": 1.0}, "a", 1, 1.0),
        ([1, 2, 3], [1, 3], "[1]", 2, ABSENT),
        ([1, 3], [1, 2, 3], "[1]", ABSENT, 2),
        ({"arguments": '{"order": "7"}'}, {"arguments": '{"order":"8"}'}, "arguments.order", "7", "8"),
        ({"arguments": '{"a":1}'}, {"arguments": '{"a": 1}'}, "arguments", '{"a":1}', '{"a": 1}'),
        ({"a.b": 1}, {"a.b": 2}, '["a.b"]', 1, 2),
        ("a", "b", "the whole", "a", "b"),
    ],
)
def test_it_is_told_where_and_what(one: Any, other: Any, path: str, expected: Any, got: Any) -> None:
    assert list(compare(one, other)) == [Difference(path, expected, got)]


def test_a_tuple_is_the_list_it_becomes() -> None:
    assert list(compare({"a": (1, 2)}, {"a": [1, 2]})) == []


def test_of_long_texts_the_part_around_the_difference_is_shown() -> None:
    before, after = shown(Difference("a", "x" * 500 + "Friday" + "y" * 500, "x" * 500 + "Monday" + "y" * 500))

    assert "Friday" in before
    assert "Monday" in after
    assert before.startswith("…")
    assert before.endswith("…")
    assert len(before) < 90


def test_one_message_put_into_a_long_conversation_is_one_difference() -> None:
    talk = [{"role": "user", "content": f"m{number}"} for number in range(200)]

    assert len(list(compare(talk, [*talk[:90], {"role": "user", "content": "new"}, *talk[90:]]))) == 1


def test_lists_too_long_to_align_are_compared_in_step() -> None:
    assert len(list(compare(list(range(3_000)), list(range(3_001))))) == 1
