"""Turns are taken in order, by threads and tasks, and nobody waits for ever."""

import asyncio
import threading
import time
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentreplay.playback.order import Order


def _apart(flows: Sequence[Sequence[int]]) -> list[list[int]]:
    """Every turn belongs to one flow."""
    seen: set[int] = set()
    found: list[list[int]] = []
    for flow in flows:
        found.append([turn for turn in flow if turn not in seen])
        seen.update(flow)
    return found


FLOWS = st.lists(st.lists(st.integers(1, 60), max_size=8, unique=True).map(sorted), min_size=1, max_size=5).map(_apart)


class Watched(Order):
    """Remembers the order in which turns were taken."""

    def __init__(self, turns: Sequence[int], patience: float = 20.0) -> None:
        super().__init__(turns, patience)
        self.log: list[int] = []

    def _go(self, turn: int) -> None:
        self.log.append(turn)
        super()._go(turn)


def in_threads(order: Order, flows: Sequence[Sequence[int]], seed: int = 0) -> None:
    random = Random(seed)

    def flow(turns: Sequence[int], pauses: Sequence[float]) -> None:
        for turn, pause in zip(turns, pauses, strict=True):
            time.sleep(pause)
            order.take(turn)

    plans = [(turns, [random.choice((0, 0, 0.001)) for _ in turns]) for turns in flows]
    threads = [threading.Thread(target=flow, args=plan) for plan in plans]
    random.shuffle(threads)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)


async def in_tasks(order: Order, flows: Sequence[Sequence[int]], seed: int = 0) -> list[int]:
    random, log = Random(seed), list[int]()

    async def flow(turns: Sequence[int]) -> None:
        for turn in turns:
            for _ in range(random.randrange(4)):
                await asyncio.sleep(0)
            await order.take_async(turn)
            log.append(turn)

    await asyncio.wait_for(asyncio.gather(*map(flow, flows)), timeout=30)
    return log


@given(FLOWS, st.integers(0, 1_000))
@settings(max_examples=25)
def test_threads_take_their_turns_in_order(flows: list[list[int]], seed: int) -> None:
    turns = sorted(turn for flow in flows for turn in flow)
    order = Watched(turns)

    in_threads(order, flows, seed)

    assert order.log == turns
    assert order.skipped == 0


@given(FLOWS, st.integers(0, 1_000))
def test_tasks_take_their_turns_in_order_and_act_in_it(flows: list[list[int]], seed: int) -> None:
    turns = sorted(turn for flow in flows for turn in flow)
    order = Watched(turns)

    log = asyncio.run(in_tasks(order, flows, seed))

    assert log == turns


def test_tasks_of_two_loops_and_a_thread_share_one_order() -> None:
    order = Watched(range(1, 31))
    flows = [range(1, 31, 3), range(2, 31, 3), range(3, 31, 3)]
    loops = [threading.Thread(target=lambda flow=flow: asyncio.run(in_tasks(order, [flow]))) for flow in flows[:2]]

    for loop in loops:
        loop.start()
    in_threads(order, flows[2:])
    for loop in loops:
        loop.join(timeout=30)

    assert order.log == list(range(1, 31))


def test_what_nobody_asks_for_is_waited_for_only_so_long() -> None:
    order = Watched([1, 2, 3, 4, 5], patience=0.1)

    in_threads(order, [[2], [4, 5]])

    assert order.log == [2, 4, 5]
    assert order.skipped == 2


def test_tasks_lose_their_patience_too() -> None:
    order = Watched([1, 2, 3, 4], patience=0.1)

    assert asyncio.run(in_tasks(order, [[2], [4]])) == [2, 4]


def test_what_is_forgotten_is_not_waited_for() -> None:
    order = Watched([1, 2, 3])
    waiting = threading.Thread(target=order.take, args=(3,))
    waiting.start()

    order.forget([1, 2])
    waiting.join(timeout=10)

    assert order.log == [3]
    assert order.skipped == 0


def test_what_comes_late_or_was_never_foreseen_goes_at_once() -> None:
    order = Watched([3], patience=0.05)

    for turn in (3, 1, 9):
        order.take(turn)

    assert order.log == [3, 1, 9]


def test_a_task_that_is_cancelled_while_it_waits_does_not_hold_up_the_others() -> None:
    order = Watched([1, 2], patience=0.2)

    async def main() -> None:
        waiting = asyncio.create_task(order.take_async(2))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.wait_for(order.take_async(1), timeout=5)

    asyncio.run(main())
    order.take(2)

    assert order.log == [1, 2]
