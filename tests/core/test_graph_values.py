"""Values of channels come back as they were, and what they share is one part."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agentreplay.core.graph_values import Part, Parts, numbers_in, put_together, renumbered
from agentreplay.errors import ValueInvalid
from agentreplay.model.values import decode, encode
from tests.core.graph import Packed, outlined, said

JSON = some.recursive(
    some.none() | some.booleans() | some.integers(-(1 << 60), 1 << 60) | some.text(max_size=200),
    lambda inner: some.lists(inner, max_size=6) | some.dictionaries(some.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def parts_of(parts: Parts) -> list[Part]:
    return [part for _, part in parts]


@given(value=JSON)
def test_what_was_taken_apart_is_put_together_again(value: Any) -> None:
    parts = Parts()
    kept = decode(encode(outlined(value, parts)))

    assert put_together(kept, Packed(), parts_of(parts).__getitem__) == value
    assert set(numbers_in(kept)) == set(range(len(parts_of(parts))))


@given(value=JSON)
def test_parts_can_be_given_other_numbers(value: Any) -> None:
    parts = Parts()
    outline = outlined(value, parts)

    moved = renumbered(outline, lambda number: number * 3 + 7)

    assert [number * 3 + 7 for number in numbers_in(outline)] == list(numbers_in(moved))
    assert renumbered(moved, lambda number: (number - 7) // 3) == outline


def test_a_conversation_that_grows_by_a_message_grows_by_a_part() -> None:
    parts = Parts()
    messages = [said(number) for number in range(50)]

    before, after = outlined(messages[:-1], parts), outlined(messages, parts)

    assert len(parts_of(parts)) == 50
    assert (before, after) == (["items", 0, 49], ["items", 0, 50])


def test_what_lies_in_a_map_is_shared_as_well() -> None:
    parts = Parts()
    messages = [said(number) for number in range(3)]

    outlined(messages, parts)
    inside = outlined({"messages": messages, "step": 3}, parts)

    assert len(parts_of(parts)) == 3
    assert inside == ["entries", {"messages": ["items", 0, 3], "step": ["inline", "msgpack", b"\x03"]}]


def test_a_text_that_grows_shares_its_beginning() -> None:
    parts = Parts()
    page = "".join(f"line {number}\n" for number in range(20_000))

    outlined(page, parts)
    before = len(parts_of(parts))
    outlined(page + "one more\n", parts)

    assert before > 10
    assert len(parts_of(parts)) == before + 2  # the last piece, and the first, which tells how long the whole is


@pytest.mark.parametrize("value", [list(range(5_000)), [0.5] * 1_536, [], {"a": 1}, None, (1, 2)])
def test_what_is_not_worth_it_stays_whole(value: Any) -> None:
    """A vector is no list of parts; and neither its items nor those of a tuple are asked for one by one."""
    parts, packed = Parts(), Packed()

    outline = outlined(value, parts)

    assert outline[0] in {"inline", "pieces"}
    assert packed.asked.total() < 4


@pytest.mark.parametrize("outline", [None, [], ["other"], ["inline", 1, b""]])
def test_what_is_no_outline_is_refused(outline: Any) -> None:
    with pytest.raises(ValueInvalid):
        put_together(outline, Packed(), lambda _: Part("", b""))
