"""The codec of values loses nothing, and refuses what it cannot keep."""

import math
import struct
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.errors import ValueInvalid
from agentreplay.model.values import Value, decode, encode
from tests import strategies


def is_same(one: Value, other: Value) -> bool:
    """Equal and of the same type down to the last bit: NaN is the same as NaN, 1 is not the same as 1.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return math.isnan(one) == math.isnan(other) and (math.isnan(one) or float_bits(one) == float_bits(other))
    if isinstance(one, dict):
        same_keys = list(one) == list(other)
        return same_keys and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other)


def float_bits(number: float) -> bytes:
    return struct.pack(">d", number)


def nested(depth: int, innermost: Value = 1) -> Value:
    value = innermost
    for _ in range(depth):
        value = [value]
    return value


@given(strategies.values)
def test_what_goes_in_comes_out(value: Value) -> None:
    assert is_same(decode(encode(value)), value)


@pytest.mark.parametrize(
    "value",
    [
        (1 << 63) - 1,
        -(1 << 63),
        (1 << 64) - 1,
        1 << 64,
        -(1 << 63) - 1,
        10**5000,
        -(10**5000),
        math.nan,
        math.inf,
        -math.inf,
        -0.0,
        5e-324,
        True,
        "",
        b"",
        b"\x00\xff",
        [],
        {},
        None,
        "\ud800",
        "\ud83d\ude00",
        "a\x00b",
        {"": ""},
        {"\udfff": {"\ud800": ["\ud800", 1 << 70, b"\xed\xa0\x80"]}},
        [[], [[]], {"a": []}],
    ],
    ids=lambda value: hex(value)[:30] if isinstance(value, int) else ascii(value),
)
def test_strange_values_come_out_as_they_went_in(value: Value) -> None:
    assert is_same(decode(encode(value)), value)


def test_two_lone_surrogates_do_not_become_one_character() -> None:
    value = {"\ud83d\ude00": 1, "\U0001f600": 2}

    assert decode(encode(value)) == value


def test_tuples_come_back_as_lists() -> None:
    assert decode(encode((1, ("\ud800",)))) == [1, ["\ud800"]]


@pytest.mark.parametrize("depth", [100, 400])
@pytest.mark.parametrize("innermost", [1, 1 << 80, "\ud800"])
def test_deep_values_come_back(depth: int, innermost: Value) -> None:
    value = nested(depth, innermost)

    assert encode(decode(encode(value))) == encode(value)


@pytest.mark.parametrize("innermost", [1, 1 << 80, "\ud800"])
def test_bottomless_values_are_refused(innermost: Value) -> None:
    with pytest.raises(ValueInvalid, match="nested"):
        encode(nested(100_000, innermost))


@pytest.mark.parametrize("value", [object(), timedelta, {"a": [object()]}, {"\ud800": object()}])
def test_what_is_no_value_is_refused(value: Any) -> None:
    with pytest.raises(ValueInvalid, match="cannot be kept"):
        encode(value)


@given(st.binary(max_size=40))
def test_bytes_that_are_no_encoding_are_refused_and_nothing_else_happens(data: bytes) -> None:
    with suppress(ValueInvalid):
        decode(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xc1", encode("text")[:-1], b"\xd4\x07\x00", b"\xd4\x01x", b"\xd4\x02\xff"],
    ids=["nothing", "no type", "cut", "unknown extension", "no integer", "no text"],
)
def test_damaged_encodings_are_refused(data: bytes) -> None:
    with pytest.raises(ValueInvalid):
        decode(data)
