"""Forks of programs that do several things at once, in another order each time, replay as they went."""

from pathlib import Path

import pytest

from agentreplay.core.fork import Change, Forked, fork
from agentreplay.core.launch import Streams
from agentreplay.model.session import SessionKey
from tests.running import Runs

pytestmark = pytest.mark.slow

# Both do something of their own accord for a while that no seam sees, so that they take another course each time.
THREADS = """
    import os, random, subprocess, sys, threading, time
    import agentreplay

    def dawdle():
        for _ in range(int.from_bytes(os.urandom(2), "big") // 4):
            pass
        if os.urandom(1)[0] < 40:
            threading.Event().wait(0.003)

    def words(number):
        yield from range(number)

    def work(plan):
        for number in range(plan.randrange(1, 5)):
            dawdle()
            kind = plan.choice(["call", "sleep", "read", "stream", "leave"])
            if kind == "call":
                agentreplay.call("call", int, number)
            elif kind == "sleep":
                time.sleep(0.001)
            elif kind == "read":
                agentreplay.call("read", float, random.random())
            elif kind == "stream":
                spoken = agentreplay.call("stream", words, 4)
                for word in spoken:
                    dawdle()
                    if word == 1:
                        agentreplay.call("inside", int, word)
            else:
                spoken = agentreplay.call("leave", words, 4)
                next(spoken)
                agentreplay.call("between", int, number)
                next(spoken)
                spoken.close()

    plan = random.Random(int(sys.argv[1]))
    children = [subprocess.Popen([sys.executable, __file__, child]) for child in sys.argv[2:]]
    threads = [threading.Thread(target=work, args=(random.Random(plan.random()),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    agentreplay.call("end", list)
    print([child.wait() for child in children])
"""
TASKS = """
    import asyncio, os, random, sys
    import agentreplay

    class Pause:
        def __await__(self):
            yield

    async def dawdle():
        for _ in range(os.urandom(1)[0] % 7):
            await Pause()

    @agentreplay.tool
    async def words(number):
        for word in range(number):
            await dawdle()
            yield word

    @agentreplay.tool
    async def look(number):
        await dawdle()
        return number

    async def work(plan):
        for number in range(plan.randrange(1, 5)):
            await dawdle()
            kind = plan.choice(["call", "sleep", "read", "gather", "stream", "leave"])
            if kind == "call":
                await look(number)
            elif kind == "sleep":
                await asyncio.sleep(0.001)
            elif kind == "read":
                await look(random.random())
            elif kind == "gather":
                await asyncio.gather(*map(look, range(3)))
            elif kind == "stream":
                async for word in words(4):
                    await dawdle()
                    if word == 1:
                        await look(word)
            else:
                spoken = words(4)
                await anext(spoken)
                await look(number)
                await anext(spoken)
                await spoken.aclose()

    async def main():
        plan = random.Random(int(sys.argv[1]))
        await asyncio.gather(*[work(random.Random(plan.random())) for _ in range(4)])
        print(await look("end"))

    asyncio.run(main())
"""


def _steps(runs: Runs, key: SessionKey) -> list[int]:
    return [one.seq for one in runs.tape(key).calls if not one.inner]


def _branch(runs: Runs, key: SessionKey, at: int) -> Forked:
    with runs.calm(), runs.store() as store:
        return fork(store, key, Change(at=str(at)), runs.settings, Streams())


@pytest.mark.parametrize(
    ("program", "arguments"),
    [(THREADS, ("3",)), (THREADS, ("4",)), (THREADS, ("5", "6")), (TASKS, ("7",))],
    ids=["threads", "other threads", "processes", "tasks"],
)
def test_forks_and_forks_of_forks_replay(program: str, arguments: tuple[str, ...], tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    key = runs.record(program, arguments=arguments).key
    steps = _steps(runs, key)

    first = _branch(runs, key, steps[len(steps) // 3])
    second = _branch(runs, key, steps[2 * len(steps) // 3])
    again = _steps(runs, second.key)
    third = _branch(runs, second.key, again[len(again) // 2])

    for done in (first, second, third):
        assert (done.parted, done.exit_code) == ((), 0), done.ended.stderr.decode()
        verdict = runs.replay(done.key)
        assert (verdict.status, verdict.notes) == ("identical", ()), done.key
    assert runs.replay(key).status == "identical"
