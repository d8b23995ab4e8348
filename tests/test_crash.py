"""What was acknowledged survives kill -9 at any moment, whole and once."""

from pathlib import Path
from random import Random
from time import sleep

import pytest

from agentreplay.store.registry import open_store
from tests.doomed import LARGEST, Moment, context, killed, remaining, started, write_and_drain
from tests.evidence import Story, assert_holds

FEW = range(10)
MANY = range(10, 200)
AT_ONCE = 19
"""So many of the many are one test: short enough that several processes have their share of them."""

PLACES_TO_DIE = [
    ("open", 1, 0.03),
    ("", 60, 0.001),
    ("write", 30, 0.0001),
    ("write much", 3, 0.01),
    ("drain", 4, 0.05),
]
"""After the n-th moment of a kind, n being at most this, and at most so many seconds."""


def moments_until_death(folder: Path, seed: int) -> list[Moment]:
    """Let a process write, kill it at a moment drawn from the seed, and return what it said until then."""
    random = Random(seed)
    here, there = context().Pipe(duplex=False)
    process = context().Process(
        target=write_and_drain, args=(there, folder, seed, "process"), kwargs={"with_store": random.random() < 0.8}
    )
    moments: list[Moment] = []
    with started(process), here:
        there.close()
        what, count, seconds = random.choice(PLACES_TO_DIE)
        left = random.randint(1, count)
        while left:
            moments.append(here.recv())
            left -= moments[-1].what.startswith(what)
        sleep(random.uniform(0, seconds))
        assert killed(process) == -9
        moments += remaining(here)
    return moments


def check_a_death(folder: Path, seed: int) -> None:
    moments = moments_until_death(folder, seed)
    acknowledged = {moment.number for moment in moments if moment.what == "written"}
    tried = max((moment.number + 1 for moment in moments if moment.what.startswith("write")), default=0)

    store = open_store(folder)
    try:
        lag = store.drain()

        assert_holds(store, [(Story(seed, LARGEST), acknowledged, tried)])
        assert (lag.bytes, lag.damaged) == (0, ())
        assert store.drain() == lag
    finally:
        store.close()


@pytest.mark.parametrize("seed", FEW)
def test_a_killed_writer_loses_nothing(seed: int, tmp_path: Path) -> None:
    check_a_death(tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", MANY[::AT_ONCE])
def test_no_writer_of_many_that_are_killed_loses_anything(first: int, tmp_path: Path) -> None:
    for seed in MANY[first - MANY.start :][:AT_ONCE]:
        check_a_death(tmp_path / str(seed), seed)
