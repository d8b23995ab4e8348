"""Periods that can be measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core.measure import heaviest, window
from agentreplay.errors import QueryInvalid
from agentreplay.model.ids import TenantId
from agentreplay.model.measure import GRAINS, Grain, Measure, MeasureQuery, Percentiles
from agentreplay.model.time import DAY, HOUR, MINUTE, SECOND, Nanoseconds
from agentreplay.model.usage import NanoDollars, Usage

moments = st.integers(-(1 << 62), 1 << 62)
grains: st.SearchStrategy[Grain] = st.sampled_from([*GRAINS, "all"])


@given(moments, moments, grains)
def test_a_window_can_be_asked_for_and_holds_the_period(one: int, other: int, grain: Grain) -> None:
    since, until = Nanoseconds(min(one, other)), Nanoseconds(max(one, other) + 1)

    first, last = window(since, until, grain)

    assert first <= since
    assert until <= last
    MeasureQuery(tenant=TenantId("acme"), since=first, until=last, grain=grain)  # raises for what is not whole


def test_a_window_is_not_larger_than_it_must_be() -> None:
    since, until = Nanoseconds(HOUR + SECOND), Nanoseconds(HOUR + MINUTE)

    assert window(since, until) == (HOUR, HOUR + MINUTE)
    assert window(since, until, "day") == (0, DAY)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(QueryInvalid, match="ends before it begins"):
        window(Nanoseconds(HOUR), Nanoseconds(HOUR))


def _measure(bucket: int | None, cost: int, tokens: int, spans: int) -> Measure:
    return Measure(
        bucket=None if bucket is None else Nanoseconds(bucket),
        cost=NanoDollars(cost),
        usage=Usage(input=tokens),
        spans=spans,
        errors=0,
        duration=0,
        percentiles=Percentiles(p50=0, p90=0, p95=0, p99=0),
        sessions=1,
    )


def test_the_most_expensive_comes_first_within_its_bucket() -> None:
    cheap, dear = _measure(1, 5, 9, 9), _measure(1, 7, 0, 1)
    later = _measure(2, 90, 0, 1)
    free, busy, talkative = _measure(None, 0, 0, 1), _measure(None, 0, 0, 5), _measure(None, 0, 1, 1)

    assert heaviest([later, cheap, dear]) == [dear, cheap, later]
    assert heaviest([free, busy, talkative]) == [talkative, busy, free]
