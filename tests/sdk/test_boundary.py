"""Programs go on in the order of the turns."""

import os
import threading
import time
import warnings

import pytest

from agentreplay.model.call import Answer, Request
from agentreplay.model.values import Value
from agentreplay.playback.player import Plan, Player
from agentreplay.sdk import tasks
from agentreplay.sdk.boundary import Boundary, Pending
from tests.taping import call, tape_of


class SlowAtFirst:
    """Keeps what comes back, and takes long over the first of it, as a disk may."""

    def __init__(self, slow: int = 1) -> None:
        self.slow = slow
        self.kept: list[int] = []
        self.is_busy = threading.Event()

    def prepare(self, request: Request) -> Request:
        return request

    def begin(self, pending: Pending) -> None:
        pass

    def keep(self, pending: Pending, answer: Answer) -> None:
        del pending
        if answer.turn == self.slow:
            self.is_busy.set()
            time.sleep(0.3)
        self.kept.append(answer.turn)

    def read(self, path: str, place: str, value: Value) -> None:
        pass

    def unrecorded(self, what: str) -> None:
        pass


def asked(boundary: Boundary) -> Pending:
    pending = boundary.begin(Request(seam="tool", operation="x"))
    assert pending is not None
    return pending


def test_who_came_back_first_goes_on_first() -> None:
    recorder = SlowAtFirst()
    boundary = Boundary(recorder)
    first, second = asked(boundary), asked(boundary)
    gone_on: list[str] = []

    def finish(pending: Pending, name: str) -> None:
        pending.finish(Answer(body=b"1"))
        gone_on.append(name)

    one = threading.Thread(target=finish, args=(first, "first"))
    one.start()
    assert recorder.is_busy.wait(10)
    finish(second, "second")
    one.join(10)

    assert gone_on == ["first", "second"]
    assert recorder.kept == [1, 2]


def test_what_a_fork_is_served_does_not_overtake_what_came_anew() -> None:
    """Two threads: one is behind the beginning of the fork, and the disk is slow."""
    calls = [
        call(f"main/forked-1#{number}", Request(seam="tool", operation="x"), Answer(body=b"1", turn=number), seq=number)
        for number in (1, 2)
    ]
    player = Player(tape_of(*calls), Plan(at=2))
    recorder = SlowAtFirst(slow=3)
    boundary = Boundary(recorder, player)
    with tasks.within("main/forked-1"):
        served, anew = asked(boundary), asked(boundary)
    gone_on: list[str] = []

    def finish() -> None:
        anew.finish(Answer(body=b"2"))
        gone_on.append("anew")

    one = threading.Thread(target=finish)
    one.start()
    assert recorder.is_busy.wait(10)
    served.wait()
    gone_on.append("served")
    one.join(10)

    assert gone_on == ["anew", "served"]
    assert player.served_steps()["turns"] == [[1, 4]]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_child_that_was_forked_in_the_middle_of_it_goes_on() -> None:
    recorder = SlowAtFirst()
    boundary = Boundary(recorder)
    first, second = asked(boundary), asked(boundary)
    thread = threading.Thread(target=first.finish, args=(Answer(body=b"1"),))
    thread.start()
    assert recorder.is_busy.wait(10)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # a thread is there on purpose
        child = os.fork()
    if not child:
        second.finish(Answer(body=b"2"))
        os._exit(7)
    thread.join(10)

    until = time.monotonic() + 20
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < until:
        time.sleep(0.02)
    if ended == (0, 0):
        os.kill(child, 9)
        os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(ended[1]) == 7
