"""The clock: read once, and again from the tape."""

# ruff: noqa: PLW0108  # what is patched is looked up when it is called
# ruff: noqa: DTZ001, DTZ002, DTZ003, DTZ005, DTZ011  # local times are what is tested

import asyncio
import datetime as dt
import inspect
import itertools
import random
import threading
import time
import zoneinfo
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import pytest

from agentreplay.sdk.boundary import Boundary
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.seams import asyncio_, clock
from tests.sdk.seams.taped import Memory, crossing, record, replay, twice

COUNTERS = ["time", "monotonic", "perf_counter", "process_time"]
ZONE = zoneinfo.ZoneInfo("Europe/Berlin")


class Moment(dt.datetime):
    """A datetime of the program's own."""


class Day(dt.date):
    """A date of the program's own."""


@pytest.mark.parametrize("name", [*COUNTERS, *(f"{name}_ns" for name in COUNTERS)])
def test_a_counter_reads_the_very_same_numbers(name: str) -> None:
    recorded, replayed = twice(lambda: [getattr(time, name)() for _ in range(50)], clock.install)

    assert recorded == replayed
    assert [type(value) for value in recorded] == [type(value) for value in replayed]


def test_a_loop_asks_the_system_for_the_time_unless_the_program_put_something_in_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A program that holds its clock in a test holds that of its loops."""
    loop, monotonic = asyncio.new_event_loop(), time.monotonic

    def program() -> tuple[object, float, float]:
        asked, now = clock.unread(time.monotonic), loop.time()
        with monkeypatch.context() as until_then:
            until_then.setattr(time, "monotonic", lambda: -1.0)
            return asked, now, loop.time()

    def install(patches: Patches) -> None:
        clock.install(patches)
        asyncio_.install(patches, asyncio)

    with closing(loop):
        (asked, now, held), memory = record(program, install)

    assert (asked, held) == (monotonic, -1.0)
    assert now > 0
    assert not memory.readings
    assert time.monotonic is monotonic


@pytest.mark.parametrize(
    "read",
    [
        lambda: time.localtime(),
        lambda: time.gmtime(),
        lambda: time.gmtime(None),
        lambda: time.ctime(),
        lambda: time.asctime(),
        lambda: time.strftime("%H:%M:%S %Z"),
        lambda: dt.datetime.now(),
        lambda: dt.datetime.now(dt.UTC),
        lambda: dt.datetime.now(tz=ZONE),
        lambda: dt.datetime.utcnow(),
        lambda: dt.datetime.today(),
        lambda: dt.date.today(),
        lambda: Moment.now(),
        lambda: Moment.now(ZONE),
        lambda: Moment.today(),
        lambda: Day.today(),
    ],
    ids=itertools.count(),
)
@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
def test_a_date_is_the_same_again(read: Callable[[], Any]) -> None:
    recorded, replayed = twice(read, clock.install)

    assert replayed == recorded
    assert type(replayed) is type(recorded)
    assert repr(replayed) == repr(recorded)
    if isinstance(recorded, time.struct_time):
        assert (replayed.tm_zone, replayed.tm_gmtoff) == (recorded.tm_zone, recorded.tm_gmtoff)


def test_a_time_that_is_given_is_not_read() -> None:
    def program() -> list[object]:
        return [time.gmtime(0), time.ctime(5), time.strftime("%Y", time.gmtime(0)), time.asctime(time.gmtime(0))]

    recorded, memory = record(program, clock.install)

    assert recorded == program()
    assert memory.readings == {}


def test_dates_keep_their_class_and_come_back_as_they_were() -> None:
    before = dt.datetime.__dict__["now"]

    with crossing(Boundary(Memory()), clock.install):
        moment = Moment.now(ZONE)
        assert isinstance(dt.datetime.now(), dt.datetime)
        assert type(dt.datetime.now()) is dt.datetime

    assert type(moment) is Moment
    assert moment.tzinfo is ZONE
    assert abs((dt.datetime.now(ZONE) - moment).total_seconds()) < 60
    assert dt.datetime.__dict__["now"] is before
    assert abs(dt.datetime.now().timestamp() - time.time()) < 60


def test_the_second_of_two_equal_local_times_is_told_from_the_first() -> None:
    told = "2026-10-25T02:30:00.000001~"

    made = clock._made(dt.datetime, told)

    assert made.fold == 1
    assert made == dt.datetime(2026, 10, 25, 2, 30, 0, 1)


def test_a_name_imported_later_is_read_too() -> None:
    def program() -> float:
        from time import time as now  # start-up

        return now()

    recorded, replayed = twice(program, clock.install)

    assert recorded == replayed


def test_eight_threads_read_each_their_own_times_and_wake_in_the_same_order() -> None:
    def program() -> tuple[list[int], dict[int, list[float]]]:
        woken: list[int] = []
        read: dict[int, list[float]] = {}
        waits = random.Random().sample(range(8), 8)

        def work(number: int) -> None:
            time.sleep(0.002 + 0.004 * waits[number])
            woken.append(number)
            read[number] = [time.time(), time.perf_counter()]

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return woken, read

    recorded, replayed = twice(program, clock.install)

    assert recorded == replayed


def test_fifty_tasks_with_shuffled_sleeps_wake_in_the_same_order() -> None:
    async def main() -> tuple[list[int], list[float]]:
        woken: list[int] = []
        waits = random.Random().sample(range(50), 50)

        async def work(number: int) -> float:
            await asyncio.sleep(0)
            assert await asyncio.sleep(0.001 * (1 + waits[number]), "slept") == "slept"
            woken.append(number)
            return time.time()

        return woken, await asyncio.gather(*(work(number) for number in range(50)))

    recorded, replayed = twice(lambda: asyncio.run(main()), clock.install, partial(asyncio_.install, library=asyncio))

    assert recorded == replayed
    assert inspect.iscoroutinefunction(asyncio.sleep)


def test_a_recorded_sleep_is_not_slept_again() -> None:
    def program() -> float:
        time.sleep(1)
        return 1.0

    _, memory = record(program, clock.install)
    began = time.perf_counter()
    replay(program, memory, clock.install)

    assert time.perf_counter() - began < 0.9


def test_a_sleep_of_nothing_and_a_wrong_one_go_through() -> None:
    def program() -> str:
        time.sleep(0)
        with pytest.raises(ValueError, match="sleep length"):
            time.sleep(-1)
        with pytest.raises(TypeError):
            time.sleep("long")  # type: ignore[arg-type]  # that is what is tried
        return "done"

    _, memory = record(program, clock.install)

    assert memory.readings == {}


def test_timers_of_the_library_stay_live() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(loop.create_future(), 0.02)
        threading.Event().wait(0.01)
        return loop.time() - began

    recorded, memory = record(lambda: asyncio.run(main()), clock.install)
    replayed, _ = replay(lambda: asyncio.run(main()), memory, clock.install)

    assert recorded >= 0.02
    assert replayed >= 0.02
    assert memory.readings == {}


def test_without_a_boundary_the_clock_is_the_clock() -> None:
    patches = Patches()
    before = time.time
    clock.install(patches)
    asyncio_.install(patches, asyncio)
    try:
        assert abs(time.time() - before()) < 60
        assert dt.date.today() == dt.datetime.now().date()
        assert asyncio.run(asyncio.sleep(0.001, "done")) == "done"
    finally:
        patches.undo()

    assert time.time is before
