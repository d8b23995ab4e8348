"""Tokens are counted in buckets that add up."""

import pytest
from hypothesis import given

from agentreplay.errors import ValueInvalid
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import decode, encode
from tests import strategies


@given(strategies.usages, strategies.usages, strategies.usages)
def test_usage_adds_up_in_any_order(one: Usage, other: Usage, third: Usage) -> None:
    assert one + other == other + one
    assert (one + other) + third == one + (other + third)
    assert (one + other).total == one.total + other.total
    assert one + NO_USAGE == one


@given(strategies.usages)
def test_no_token_is_counted_twice(usage: Usage) -> None:
    assert usage.total == sum(getattr(usage, name) for name in Usage.__struct_fields__)
    assert decode(encode(usage), Usage) == usage


def test_a_count_below_zero_is_refused() -> None:
    with pytest.raises(ValueInvalid, match="cache_read"):
        Usage(cache_read=-1)


def test_sums_have_no_bound() -> None:
    """What one call used is bounded by its span; a store must be able to add up whatever it was told."""
    most = Usage(input=1 << 52)

    total = sum([most] * 4096, start=NO_USAGE)

    assert total.input == 4096 * most.input
    assert decode(encode(total), Usage) == total
