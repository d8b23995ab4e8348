"""Snapshots again and again: in names of their own, never into the program's way."""

import threading
from pathlib import Path

import pytest

import agentreplay
from agentreplay.errors import StateUnkept, ValueInvalid


def test_snapshots_are_taken_until_the_end_and_once_more(tmp_path: Path) -> None:
    state = {"number": 0}
    enough = threading.Event()

    def now() -> dict[str, int]:
        state["number"] += 1
        if state["number"] == 3:
            enough.set()
        return dict(state)

    with agentreplay.snapshot_every(now, tmp_path, every=0.01, agent_id="a") as taking:
        assert enough.wait(30)

    listed = agentreplay.snapshot_history(tmp_path, "a")
    assert len(listed) == len(taking.taken) == state["number"]
    assert [each["snapshot_index"] for each in listed] == list(range(state["number"]))
    assert agentreplay.restore(listed[-1]["place"]) == state
    assert taking.failures == 0
    assert not any(thread.name == "agentreplay-snapshots" for thread in threading.enumerate())


def test_what_is_not_to_be_kept_goes_on_the_way(tmp_path: Path) -> None:
    with agentreplay.snapshot_every([1], tmp_path, every=3600, agent_id="a", last=2) as taking:
        for _ in range(4):
            assert taking.take()

    assert [each["snapshot_index"] for each in agentreplay.snapshot_history(tmp_path, "a")] == [3, 4]


def test_a_failure_is_counted_and_the_program_goes_on(tmp_path: Path) -> None:
    with agentreplay.snapshot_every([len], tmp_path, every=3600) as taking:
        assert taking.take() is None

    assert taking.failures == 2
    assert isinstance(taking.error, StateUnkept)
    assert list(tmp_path.iterdir()) == []


def test_no_time_between_two_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueInvalid):
        agentreplay.snapshot_every([1], tmp_path, every=0)
