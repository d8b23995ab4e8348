"""A watcher hears how many calls a program has made."""

from pathlib import Path

import pytest

from agentreplay.core.counting import Counter
from agentreplay.core.replay import Manner, replay
from tests.running import Runs


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_a_replay_tells_its_calls_up_to_the_last(runs: Runs) -> None:
    done = runs.record()
    told: list[tuple[int, int]] = []

    with runs.calm(), runs.store() as store:
        replay(store, done.key, Manner(is_trusted=True), lambda calls, of: told.append((calls, of)))

    assert told[-1] == (2, 2)
    assert told == sorted(told)


def test_a_counter_that_cannot_write_harms_nobody(tmp_path: Path) -> None:
    counter = Counter(tmp_path / "nowhere" / "1")

    counter.count()

    assert list(tmp_path.iterdir()) == []
