"""Chance: the same numbers again, and those of a seed as without us."""

# ruff: noqa: PLW0108  # what is patched is looked up when it is called

import asyncio
import itertools
import os
import random
import secrets
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable

import pytest

from agentreplay.sdk.seams import chance
from tests.sdk.seams.taped import record, replay, twice


@pytest.mark.parametrize(
    "draw",
    [
        lambda: random.random(),
        lambda: random.randint(1, 10**30),
        lambda: random.sample(range(1000), 20),
        lambda: random.gauss(0, 1),
        lambda: random.randbytes(1000),
        lambda: random.choices("abcdef", k=30),
        lambda: random.Random().random(),
        lambda: random.SystemRandom().randrange(10**9),
        lambda: os.urandom(64),
        lambda: secrets.token_hex(),
        lambda: secrets.choice(range(10**6)),
        lambda: uuid.uuid4(),
        lambda: uuid.uuid1(),
        lambda: uuid.uuid1().is_safe,
        lambda: uuid.uuid5(uuid.NAMESPACE_DNS, "example.org"),
    ],
    ids=itertools.count(),
)
def test_what_was_drawn_is_drawn_again(draw: Callable[[], object]) -> None:
    def program() -> list[object]:
        random.seed()
        return [draw() for _ in range(5)]

    recorded, replayed = twice(program, chance.install)

    assert recorded == replayed


def test_a_random_name_is_one_as_the_library_makes_it() -> None:
    made, _ = record(lambda: [uuid.uuid4() for _ in range(50)], chance.install)

    assert {(name.version, name.variant, name.is_safe) for name in made} == {(4, uuid.RFC_4122, uuid.SafeUUID.unknown)}
    assert len(set(made)) == 50


def test_a_seed_gives_the_numbers_it_gives_without_us() -> None:
    def program() -> list[object]:
        random.seed(1)
        own = random.Random(7)
        numbers = [random.random(), random.randint(1, 99), random.getrandbits(200), random.gauss(0, 1)]
        return [*numbers, random.sample(range(99), 5), own.random(), own.getrandbits(64), random.getstate()]

    plain = program()
    recorded, replayed = twice(program, chance.install)

    assert plain == recorded
    assert plain == replayed
    assert type(random._inst) is random.Random


def test_a_generator_with_a_seed_is_not_read() -> None:
    _, memory = record(lambda: [random.Random(3).random() for _ in range(9)], chance.install)

    assert memory.readings == {}


def test_threads_read_each_their_own_numbers() -> None:
    def program() -> dict[int, list[float]]:
        drawn: dict[int, list[float]] = {}

        def work(number: int) -> None:
            drawn[number] = [random.random() for _ in range(200)]

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return drawn

    recorded, replayed = twice(program, chance.install)

    assert recorded == replayed
    assert len({tuple(numbers) for numbers in recorded.values()}) == 8


def test_fifty_tasks_read_each_their_own_numbers() -> None:
    async def work() -> list[object]:
        drawn: list[object] = []
        for _ in range(4):
            await asyncio.sleep(random.random() / 200)
            drawn += [uuid.uuid4(), random.random()]
        return drawn

    async def main() -> list[list[object]]:
        return await asyncio.gather(*(work() for _ in range(50)))

    recorded, replayed = twice(lambda: asyncio.run(main()), chance.install)

    assert recorded == replayed


def test_numbers_beyond_the_tape_follow_those_that_were_served() -> None:
    """A fork goes on from where the generator was, although it was served what came before."""

    def some(count: int) -> list[float]:
        random.seed(5)
        return [random.random() for _ in range(count)]

    _, memory = record(lambda: some(3), chance.install)
    replayed, _ = replay(lambda: some(6), memory, chance.install)

    assert replayed == some(6)


def test_a_name_imported_before_goes_on_working() -> None:
    program = "from random import randint, Random; import random; random.seed(1); print(randint(1, 10**9))"
    installed = (
        "from agentreplay.sdk.patching import Patches; from agentreplay.sdk.seams import chance; "
        f"{program.replace('; import random', '; import random; chance.install(Patches())')}"
    )

    plain, watched = (
        subprocess.run([sys.executable, "-c", text], capture_output=True, check=True).stdout
        for text in (program, installed)
    )

    assert plain == watched
