"""The same call has the same address, whatever the scheduler does."""

import asyncio
import contextvars
import functools
import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import agentreplay
from agentreplay.sdk import tasks
from agentreplay.sdk.instrument import instrument, uninstrument
from tests.sdk.home import Home, record

FLOWS = 4
delays = st.lists(st.integers(1, 5), min_size=FLOWS * 2, max_size=FLOWS * 2)


@agentreplay.tool
def look(number: int, place: str) -> str:
    """A call that says whose it is."""
    return f"{number} {place}"


@agentreplay.tool
async def look_async(number: int, place: str) -> str:
    return f"{number} {place}"


def work(number: int, waits: Sequence[int]) -> None:
    """One flow that looks twice, and waits in between for a time that nobody knows."""
    time.sleep(waits[number] / 2000)
    look(number, "first")
    time.sleep(waits[number + FLOWS] / 2000)
    look(number, "second")


async def work_async(number: int, waits: Sequence[int]) -> None:
    await asyncio.sleep(waits[number] / 2000)
    await look_async(number, "first")
    await asyncio.sleep(waits[number + FLOWS] / 2000)
    await asyncio.to_thread(look, number, "second")


async def gathered(waits: Sequence[int]) -> None:
    await asyncio.gather(*(work_async(number, waits) for number in range(FLOWS)))


async def grouped(waits: Sequence[int]) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(FLOWS):
            group.create_task(work_async(number, waits))


async def timed(waits: Sequence[int]) -> None:
    await asyncio.gather(*(asyncio.wait_for(work_async(number, waits), 5) for number in range(FLOWS)))


async def executed(waits: Sequence[int]) -> None:
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(loop.run_in_executor(None, work, number, waits) for number in range(FLOWS)))


async def to_threads(waits: Sequence[int]) -> None:
    await asyncio.gather(*(asyncio.to_thread(work, number, waits) for number in range(FLOWS)))


def mapped(waits: Sequence[int]) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda number: work(number, waits), range(FLOWS)))


def copied(waits: Sequence[int]) -> None:
    """As frameworks do that carry the context into their own pools."""
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(contextvars.copy_context().run, work, number, waits) for number in range(FLOWS)]
        for job in jobs:
            job.result()


def threaded(waits: Sequence[int]) -> None:
    threads = [threading.Thread(target=work, args=(number, waits)) for number in range(FLOWS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def looped(waits: Sequence[int]) -> None:
    """An event loop in each of several threads."""
    threads = [
        threading.Thread(target=lambda number=number: asyncio.run(work_async(number, waits))) for number in range(FLOWS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def running(program: Callable[[Sequence[int]], Any]) -> Callable[[Sequence[int]], Any]:
    return lambda waits: asyncio.run(program(waits))


PROGRAMS = {
    "asyncio.gather": running(gathered),
    "TaskGroup": running(grouped),
    "wait_for": running(timed),
    "run_in_executor": running(executed),
    "to_thread": running(to_threads),
    "ThreadPoolExecutor.map": mapped,
    "copied contexts": copied,
    "threads": threaded,
    "loops in threads": looped,
}


@pytest.mark.parametrize("name", PROGRAMS)
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(waits=delays)
def test_addresses_do_not_depend_on_the_scheduler(home: Home, name: str, waits: list[int]) -> None:
    orderly = home.addresses(record(PROGRAMS[name], [1] * len(waits)))

    shuffled = home.addresses(record(PROGRAMS[name], waits))

    assert len(orderly) == FLOWS * 2
    assert shuffled == orderly


@pytest.mark.parametrize("name", PROGRAMS)
def test_shuffled_flows_replay_as_they_were(home: Home, name: str) -> None:
    session = record(PROGRAMS[name], [4, 1, 3, 1, 2, 2, 1, 4])

    verdict = agentreplay.replay(session, PROGRAMS[name], [1, 3, 1, 4, 2, 1, 4, 1])

    assert verdict.status == "identical", verdict


def named(waits: Sequence[int]) -> None:
    """Each way to hand a function to a pool."""
    with ThreadPoolExecutor(3) as pool:
        pool.submit(work, 0, waits)
        pool.submit(contextvars.copy_context().run, work, 1, waits)
        pool.submit(functools.partial(contextvars.copy_context().run, functools.partial(work, 2), waits))
        pool.submit(lambda: work(3, waits))


def test_flows_are_named_by_what_they_run_and_the_order_in_which_they_were_made(home: Home) -> None:
    session = record(named, [0] * FLOWS * 2)

    assert sorted({address.partition("#")[0] for address in home.addresses(session)}) == [
        "main/<lambda>-1",
        "main/work-1",
        "main/work-2",
        "main/work-3",
    ]


def test_helpers_that_a_library_starts_by_chance_do_not_change_the_names_of_others(home: Home) -> None:
    """A graph that waits for news in a job of its own does so as often as the news are late."""

    def program(helpers: int) -> None:
        with ThreadPoolExecutor(3) as pool:
            for _ in range(helpers):
                pool.submit(time.monotonic)
            pool.submit(work, 1, [0] * FLOWS * 2).result()

    recorded = record(program, 1)

    assert agentreplay.replay(recorded, program, 3).status == "identical"


def test_a_span_reaches_into_threads_and_jobs(home: Home) -> None:
    with agentreplay.session("spans") as session, agentreplay.span("around", agent="scout"):
        threaded([0] * FLOWS * 2)
        mapped([0] * FLOWS * 2)

    spans = home.spans(session.id)
    around = next(span for span in spans if span.name == "around")
    assert {span.parent_id for span in spans if span.tool == "look"} == {around.span_id}
    assert {span.agent for span in spans if span.tool == "look"} == {"scout"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_a_forked_child_is_a_process_of_the_program(home: Home) -> None:
    with agentreplay.session("fork") as session:
        look(1, "before")
        for number in (2, 3):
            child = os.fork()
            if not child:
                look(number, "child")
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
        look(4, "after")

    asked = home.addresses(session.id)
    assert sorted(asked) == ["main!1#1", "main!2#1", "main#1", "main#2"]
    assert '"number":2' in asked["main!1#1"]


def test_a_child_that_leaves_the_session_does_not_end_it(home: Home) -> None:
    """It is forked inside of the block, and ends like any program, so that the block is left there too."""
    if not hasattr(os, "fork"):
        pytest.skip("nothing is forked here")
    child = -1
    try:
        with agentreplay.session("fork") as session:
            child = os.fork()
            if not child:
                sys.exit(0)
            os.waitpid(child, 0)
            running_still = home.row(session.id).status
    except SystemExit:
        os._exit(0)

    assert (running_still, home.row(session.id).status) == ("running", "completed")


def test_asyncio_is_imported_only_by_a_program_that_wants_it() -> None:
    program = (
        "import sys, agentreplay\n"
        "with agentreplay.session('s'): agentreplay.call('look', int, 1)\n"
        "heavy = {'asyncio', 'ssl', 'concurrent.futures', 'apsw', 'sqlite3', 'httpx', 'click'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_outside_of_everything_is_main() -> None:
    assert tasks.current().path == "main"


def test_closing_what_nobody_reads_to_its_end_is_not_counted() -> None:
    """It happens when memory is freed, which is chance; what the program creates next has the same name."""

    async def pieces() -> AsyncGenerator[int, None]:
        yield 1
        yield 2

    async def path_of_next(*, leaves: bool) -> str:
        if leaves:
            generator = pieces()
            await anext(generator)
            del generator
            gc.collect()
            await asyncio.sleep(0)
        return await asyncio.create_task(path())

    async def path() -> str:
        return tasks.current().path.rpartition("/")[2]

    instrument()
    try:
        names = {asyncio.run(path_of_next(leaves=leaves)) for leaves in (True, False)}
        assert names == {"path-1"}
    finally:
        uninstrument()
