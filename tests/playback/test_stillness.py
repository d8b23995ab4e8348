"""Stillness is what a program does with its own time, and not what its machine does to it."""

import pytest

from agentreplay.playback.stillness import Stillness


class Machine:
    """A clock, and how much of its time the program got."""

    def __init__(self) -> None:
        self.time = 1_000.0
        self.work = 3.0

    def pass_by(self, seconds: float, work: float = 0.0) -> None:
        self.time += seconds
        self.work += work


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def stillness(machine: Machine) -> Stillness:
    return Stillness(lambda: machine.time, lambda: machine.work)


def looked(stillness: Stillness, machine: Machine, *, seconds: float, work: float = 0.0) -> float:
    """Look twenty times a second, as those do that wait."""
    looks = round(seconds * 20)
    for _ in range(looks):
        machine.pass_by(seconds / looks, work / looks)
        stillness.look()
    return stillness.look()


def test_who_does_nothing_is_still(stillness: Stillness, machine: Machine) -> None:
    assert looked(stillness, machine, seconds=2) == pytest.approx(2)


def test_what_moves_ends_it(stillness: Stillness, machine: Machine) -> None:
    looked(stillness, machine, seconds=2)

    stillness.end()

    assert stillness.look() == 0
    assert looked(stillness, machine, seconds=1) == pytest.approx(1)


@pytest.mark.parametrize("cores", [1, 4])
def test_who_computes_is_given_ten_times_the_time(stillness: Stillness, machine: Machine, cores: int) -> None:
    assert looked(stillness, machine, seconds=10, work=10 * cores) == pytest.approx(1)


def test_who_computes_half_of_the_time_is_still_in_the_other(stillness: Stillness, machine: Machine) -> None:
    assert looked(stillness, machine, seconds=2, work=1) == pytest.approx(1)


def test_a_machine_that_stands_still_says_nothing_about_the_program(stillness: Stillness, machine: Machine) -> None:
    machine.pass_by(3_600)

    assert stillness.look() == pytest.approx(0.1)
