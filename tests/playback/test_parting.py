"""A task that is behind the beginning of a fork reads anew, and holds up nobody with what is left of its past."""

from agentreplay.model.call import Answer, Chunk
from agentreplay.model.time import Nanoseconds
from agentreplay.playback.order import Order
from agentreplay.playback.parting import Parting
from tests.taping import ask, call

STREAMED = Answer(body=b"ab", turn=1, chunks=tuple(Chunk(1, Nanoseconds(0), turn) for turn in (2, 5)))
FIRST = call("main/one-1#1", ask(), STREAMED)
SECOND = call("main/two-1#1", ask(), Answer(turn=3))
WITHIN = call("main/two-1/three-1#1", ask(), Answer(turn=6))
SLEPT = {"main": [8], "main/one-1": [4], "main/two-1": [7, 9]}


def parting() -> tuple[Parting, Order]:
    order = Order(range(1, 11))
    return Parting([FIRST, SECOND, WITHIN], SLEPT, order), order


def awaited(order: Order) -> list[int]:
    """The turns that are still waited for."""
    return [turn for turn in range(1, 11) if turn not in order._taken]


def test_nothing_is_anew_before_anybody_goes_on() -> None:
    found, order = parting()

    found.serve(FIRST)

    assert not any(map(found.is_behind, SLEPT))
    assert awaited(order) == list(range(1, 11))


def test_who_goes_on_before_the_step_is_reached_does_so_alone() -> None:
    found, order = parting()

    found.go_on("main/one-1")

    assert [path for path in SLEPT if found.is_behind(path)] == ["main/one-1"]
    assert awaited(order) == [3, 6, 7, 8, 9, 10]
    assert not found.has_begun


def test_when_the_step_is_reached_who_leads_to_calls_before_it_is_not_behind_it() -> None:
    found, order = parting()
    found.serve(FIRST)

    found.begin("main/one-1")

    assert not found.is_behind("main")
    assert not found.is_behind("main/two-1")
    assert found.is_behind("main/four-1")
    assert awaited(order) == [3, 6, 7, 8, 9, 10]


def test_who_made_the_last_call_before_the_step_is_behind_it() -> None:
    found, order = parting()
    found.begin("main/one-1")

    for served in (SECOND, SECOND):
        found.serve(served)
    assert not found.is_behind("main/two-1")
    found.serve(WITHIN)
    assert found.is_behind("main/two-1")
    assert awaited(order) == [3, 6, 8, 10]

    found.serve(FIRST)
    assert found.is_behind("main")
    assert awaited(order) == [3, 6, 10]
