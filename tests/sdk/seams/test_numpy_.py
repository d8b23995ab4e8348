"""numpy's generators, seeded by the tape."""

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest

from agentreplay.sdk.patching import Patches
from agentreplay.sdk.seams import chance, numpy_
from tests.sdk.seams.taped import record, replay, twice

numpy: Any = pytest.importorskip("numpy")


def install(patches: Patches) -> None:
    chance.install(patches)
    numpy_.install(patches, numpy.random)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: numpy.random.default_rng().integers(0, 2**60, 20).tolist(),
        lambda: numpy.random.SeedSequence().entropy,
        lambda: numpy.random.SeedSequence(pool_size=8).entropy,
        lambda: numpy.random.Generator(numpy.random.PCG64()).normal(size=5).tolist(),
        lambda: numpy.random.RandomState().rand(5).tolist(),
        lambda: numpy.random.rand(5).tolist(),
        lambda: numpy.random.normal(size=3).tolist(),
        lambda: (numpy.random.seed(), numpy.random.rand(3).tolist())[1],
    ],
    ids=itertools.count(),
)
def test_what_was_drawn_is_drawn_again(draw: Callable[[], object]) -> None:
    recorded, replayed = twice(lambda: [draw(), draw()], install)

    assert recorded == replayed


def test_a_state_the_program_set_before_is_left_as_it_is() -> None:
    numpy.random.seed(42)
    plain = numpy.random.rand(3).tolist()

    numpy.random.seed(42)
    recorded, memory = record(lambda: numpy.random.rand(3).tolist(), install)
    numpy.random.seed(43)
    replayed, _ = replay(lambda: numpy.random.rand(3).tolist(), memory, install)

    assert recorded == plain
    assert replayed == plain


def test_a_seed_gives_the_numbers_it_gives_without_us() -> None:
    def program() -> list[object]:
        numpy.random.seed(1)
        return [
            numpy.random.rand(3).tolist(),
            numpy.random.default_rng(1).random(3).tolist(),
            random.Random(1).random(),
        ]

    plain = program()

    assert twice(program, install) == (plain, plain)
