"""What varies between two replays of one session."""

import pytest

from agentreplay.core.replay import Manner
from agentreplay.core.steadiness import Steadiness, Wavering, examine
from tests.desk import ORDERS, Desk

pytestmark = pytest.mark.slow

SERVING = Manner(on_divergence="serve")
COUNTING = """
from pathlib import Path

RUN = Path("run")
run = int(RUN.read_text() if RUN.exists() else 0)
RUN.write_text(str(run + 1))
"""
"""What makes each run another one, for certain: process ids may well agree in what is made of them."""


def examined(desk: Desk, text: str) -> Steadiness:
    desk.write("agent.py", text)
    key = desk.record("agent.py")
    with desk.reading() as store:
        return examine(store, key, SERVING)


def only(steadiness: Steadiness) -> Wavering:
    (found,) = steadiness.found
    return found


def test_a_program_that_learns_everything_through_calls_is_steady(desk: Desk) -> None:
    steadiness = examined(desk, ORDERS + "import random, time; print(time.time(), random.random())")

    assert [verdict.status for verdict in steadiness.verdicts] == ["identical", "identical"]
    assert steadiness.found == ()
    assert steadiness.exit_code == 0


def test_a_program_that_was_edited_parts_in_the_same_way_twice_and_is_steady(desk: Desk) -> None:
    desk.write("agent.py", ORDERS)
    key = desk.record("agent.py")
    desk.write("agent.py", ORDERS.replace("(7, 8)", "(7, 9, 10)"))

    with desk.reading() as store:
        steadiness = examine(store, key, SERVING)

    assert [verdict.status for verdict in steadiness.verdicts] == ["diverged", "diverged"]
    assert steadiness.found == ()


def test_a_call_that_asks_for_something_else_each_time_is_named_with_its_place(desk: Desk) -> None:
    asking = ORDERS.replace("print(lookup(number))", "lookup(number if number < 8 else os.getpid())")

    steadiness = examined(desk, "import os" + asking)

    found = only(steadiness)
    assert (found.kind, found.what, found.path) == ("call", "lookup", "body.number")
    assert "agent.py:" in found.where
    assert found.first != found.second
    assert "only numbers differ" in found.hint
    assert steadiness.exit_code == 3


def test_a_call_that_is_made_in_one_run_only_is_named(desk: Desk) -> None:
    once = """
    import os
    from pathlib import Path

    import agentreplay

    @agentreplay.tool
    def lookup(number):
        return number

    RUN = Path("run")
    number = int(RUN.read_text() if RUN.exists() else 0)
    RUN.write_text(str(number + 1))
    if number != 1:
        lookup(number=1)
    """

    steadiness = examined(desk, once)

    found = only(steadiness)
    assert (found.kind, found.what, found.first, found.second) == ("call", "lookup", "not made", "made")
    assert "no seam records" in found.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("print(object())", "address in memory"),
        ("print('run', run)", "only numbers differ"),
        ("print(' '.join(sorted('abcdefgh', reverse=run % 2)))", "another order"),
        ("print(run * 'x')", "no seam records"),
        ("raise SystemExit(run + 1)", "end otherwise"),
    ],
)
def test_what_is_put_out_differently_is_named_with_a_hint(desk: Desk, text: str, hint: str) -> None:
    steadiness = examined(desk, ORDERS + COUNTING + text)

    found = only(steadiness)
    assert found.kind == "output"
    assert hint in found.hint


def test_each_line_is_named_with_its_own_hint(desk: Desk) -> None:
    steadiness = examined(desk, ORDERS + "import os; print(object()); print('process', os.getpid())")

    assert [found.path for found in steadiness.found] == ["line 3", "line 4"]
    assert steadiness.found[0].hint != steadiness.found[1].hint


def test_what_is_read_more_often_in_one_run_is_named(desk: Desk) -> None:
    reading = """
    import time
    from pathlib import Path

    RUN = Path("run")
    number = int(RUN.read_text() if RUN.exists() else 0)
    RUN.write_text(str(number + 1))

    def wait():
        for _ in range(number + 1):
            time.time()

    wait()
    """

    steadiness = examined(desk, reading)

    found = only(steadiness)
    assert (found.kind, found.what) == ("reading", "time.time")
    assert "agent.py:wait" in found.where
    assert (found.first, found.second) == ("2 times", "3 times")


def test_of_what_cannot_be_replayed_nothing_is_said(desk: Desk) -> None:
    connecting = """
    import contextlib
    import socket

    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", 9), timeout=1)
    """

    steadiness = examined(desk, connecting)

    assert "127.0.0.1" in steadiness.why_unreplayable
    assert steadiness.exit_code == 4
