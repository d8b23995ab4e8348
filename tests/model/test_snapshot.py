"""Snapshots by what is told of them: which stay, and what their files are called."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.errors import ValueInvalid
from agentreplay.model.snapshot import Keep, SnapshotId, SnapshotMetadata, chosen, new_snapshot_id, suggested_name
from agentreplay.model.time import DAY, HOUR, Nanoseconds
from agentreplay.model.values import decode, encode

MONDAY = 1_799_625_600_000_000_000
"""The 11th of January 2027, at midnight in UTC."""


def made(number: int, time: int) -> SnapshotMetadata:
    return SnapshotMetadata(
        agent_id="a", session_id="s", snapshot_id=SnapshotId(str(number)), timestamp=Nanoseconds(time)
    )


@given(st.lists(st.integers(0, 60 * DAY), max_size=12, unique=True), st.integers(0, 5), st.integers(0, 5))
def test_the_newest_stays_and_no_more_than_was_asked_for(times: list[int], last: int, daily: int) -> None:
    keep = Keep(last=last, daily=daily, weekly=1)
    all_of_them = [made(number, MONDAY + time) for number, time in enumerate(times)]

    stays = chosen(all_of_them, keep)

    assert len(stays) <= last + daily + 1
    if all_of_them:
        assert max(all_of_them, key=lambda one: one.timestamp).snapshot_id in stays


def test_days_and_weeks_without_a_snapshot_do_not_count() -> None:
    times = (0, HOUR, 3 * DAY, 20 * DAY, 20 * DAY + HOUR)
    all_of_them = [made(number, MONDAY + time) for number, time in enumerate(times)]

    assert chosen(all_of_them, Keep(daily=2)) == {"4", "2"}
    assert chosen(all_of_them, Keep(weekly=2)) == {"4", "2"}
    assert chosen(all_of_them, Keep(last=2, weekly=9)) == {"4", "3", "2"}


def test_to_keep_nothing_is_no_way_to_keep() -> None:
    for wrong in ({}, {"last": 0}, {"daily": -1, "last": 2}):
        with pytest.raises(ValueInvalid):
            Keep(**wrong)


def test_a_name_tells_whose_it_is_and_when_it_was_taken_and_leads_nowhere() -> None:
    one = msgspec.structs.replace(made(1, MONDAY), agent_id="../a b/ö", snapshot_index=7)

    assert suggested_name(one) == "-a-b-ö_s_7_20270111_000000.snapshot"
    assert suggested_name(one, ".json.gz").endswith(".json.gz")


def test_metadata_keep_their_fields() -> None:
    one = msgspec.structs.replace(made(1, MONDAY), labels={"env": "prod"}, parent=SnapshotId("0"))

    assert decode(encode(one), SnapshotMetadata) == one
    assert new_snapshot_id(bytes(16)) == "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "wrong", [{"agent_id": ""}, {"session_id": "a\nb"}, {"snapshot_id": ""}, {"snapshot_index": -1}]
)
def test_metadata_that_say_nothing_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueInvalid):
        msgspec.structs.replace(made(1, MONDAY), **wrong)
