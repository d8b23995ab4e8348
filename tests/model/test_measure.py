"""Questions about measures are asked in whole buckets."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.errors import QueryInvalid
from agentreplay.model.ids import TenantId
from agentreplay.model.measure import GRAINS, Grain, MeasureQuery, bucket_start
from agentreplay.model.time import DAY, HOUR, MINUTE, Nanoseconds
from tests import strategies


@given(strategies.times, st.sampled_from(sorted(GRAINS)))
def test_a_bucket_begins_at_or_before_what_lies_in_it(time: Nanoseconds, grain: Grain) -> None:
    start = bucket_start(time, grain)

    assert start <= time < start + GRAINS[grain]
    assert start % GRAINS[grain] == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"since": 0, "until": 0},
        {"since": MINUTE, "until": 0},
        {"since": 1, "until": MINUTE},
        {"since": 0, "until": MINUTE + 1},
        {"since": 0, "until": HOUR + MINUTE, "grain": "hour"},
        {"since": HOUR, "until": DAY, "grain": "day"},
    ],
    ids=str,
)
def test_times_between_buckets_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(QueryInvalid, match="whole"):
        MeasureQuery(tenant=TenantId("acme"), **fields)


def test_whole_buckets_are_taken() -> None:
    query = MeasureQuery(tenant=TenantId("acme"), since=Nanoseconds(-DAY), until=DAY, grain="day")

    assert query.grain == "day"
