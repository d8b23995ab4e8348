"""A span waits a moment before it is written, and is lost to nothing but a kill within that moment."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

import agentreplay
from agentreplay.model.batch import Batch
from agentreplay.model.call import Crossing
from agentreplay.model.ids import SpanId
from agentreplay.model.span import Span
from agentreplay.sdk import backlog as module
from agentreplay.sdk.backlog import Backlog
from agentreplay.sdk.recorder import troubles as counted
from agentreplay.sdk.recorder import troubles_since
from agentreplay.sdk.silence import silence
from agentreplay.testing import Maker
from tests.sdk.home import Home

make = Maker()
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")


class Written:
    """What a backlog has written, with what happens meanwhile."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.troubles: list[BaseException] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.backlog = Backlog(self._append, lambda span: span, self.troubles.append)

    def end(self, *names: str) -> None:
        for name in names:
            span = make.span(name=name)
            self.backlog.end(span.span_id, partial(_same, span))

    def _append(self, batch: Batch | Crossing) -> None:
        assert isinstance(batch, Batch)
        self.meanwhile()
        self.batches.append([span.name for span in batch.spans])


def _same(span: Span) -> Span:
    return span


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """Without the thread that would come by a moment later."""
    monkeypatch.setattr(module, "_start", lambda _: None)
    found = Written()
    yield found
    found.backlog.finish()


def test_what_gathers_is_written_together(written: Written) -> None:
    names = [str(number) for number in range(64)]

    written.end(*names[:63])
    assert written.batches == []
    written.end(names[63], "next")

    assert written.batches == [names]
    written.backlog.write()
    assert written.batches == [names, ["next"]]


def test_a_span_that_ends_while_others_are_written_waits_for_its_turn(written: Written) -> None:
    """A finalizer may end one anywhere, also in the middle of our own work, where the writer's lock is taken."""
    late = [str(number) for number in range(70)]

    def finalize() -> None:
        written.meanwhile = lambda: None
        written.end(*late)

    written.meanwhile = finalize
    written.end("first")
    written.backlog.write()

    assert written.batches == [["first"]]
    written.backlog.write()
    assert written.batches == [["first"], late]


def test_what_ends_as_part_of_a_call_is_not_written_inside_of_it(written: Written) -> None:
    with silence():
        written.end(*["inner"] * 64)
        assert written.batches == []

    written.end("outer")

    assert [len(batch) for batch in written.batches] == [65]


def test_what_is_open_is_announced_once_and_never_behind_its_end(written: Written) -> None:
    first, second = make.span(name="first", end=None), make.span(name="second", end=None)
    written.backlog.open(first.span_id, lambda: first)
    written.backlog.open(second.span_id, lambda: second)
    written.backlog.end(second.span_id, lambda: second)

    written.backlog.flush()
    written.backlog.flush()

    assert written.batches == [["second"], ["first"]]


def test_what_is_over_soon_is_told_once(written: Written) -> None:
    """Calls that are under way whenever the thread comes by would each be written twice."""
    short, long = make.span(name="short", end=None), make.span(name="long", end=None)
    written.backlog.open(long.span_id, lambda: long)
    written.backlog.come_by()
    written.backlog.open(short.span_id, lambda: short)

    written.backlog.come_by()
    written.backlog.end(short.span_id, lambda: short)
    written.backlog.come_by()
    written.backlog.come_by()

    assert written.batches == [["long"], ["short"]]


def test_a_span_that_ends_while_it_is_announced_is_told_as_ended_only(written: Written) -> None:
    span = make.span(name="span", end=None)

    def build() -> Span:
        written.backlog.end(span.span_id, lambda: span)
        return span

    written.backlog.open(span.span_id, build)
    written.backlog.flush()
    assert written.batches == []

    written.backlog.flush()
    assert written.batches == [["span"]]


def test_what_cannot_be_made_takes_nothing_with_it(written: Written) -> None:
    def break_down() -> Span:
        raise ValueError("no span")

    written.end("before")
    written.backlog.end(SpanId("0" * 16), break_down)
    written.end("behind")
    written.backlog.write()

    assert written.batches == [["before", "behind"]]
    assert [str(trouble) for trouble in written.troubles] == ["no span"]


def test_what_cannot_be_written_takes_nothing_with_it(written: Written) -> None:
    def refuse() -> None:
        written.meanwhile = refuse_second
        raise ValueError("not together")

    def refuse_second() -> None:
        written.meanwhile = pass_through
        raise ValueError("not the first")

    def pass_through() -> None:
        written.meanwhile = lambda: None

    written.meanwhile = refuse
    written.end("first", "second")
    written.backlog.write()

    assert written.batches == [["second"]]
    assert [str(trouble) for trouble in written.troubles] == ["not the first"]


def test_an_interrupt_loses_nothing(written: Written) -> None:
    def interrupt() -> None:
        written.meanwhile = lambda: None
        raise KeyboardInterrupt

    written.meanwhile = interrupt
    written.end("first", "second")
    with pytest.raises(KeyboardInterrupt):
        written.backlog.write()

    written.end("third")
    written.backlog.write()

    assert written.batches == [["first", "second", "third"]]


def test_without_a_thread_that_comes_by_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("no more threads")

    monkeypatch.setattr(module, "_start", refuse)
    written = Written()
    span = make.span(name="open", end=None)
    written.backlog.open(span.span_id, lambda: span)

    written.end("one")

    assert written.batches == [["one"]]
    assert len(written.troubles) == 1


def test_a_thread_that_hangs_does_not_hold_up_the_end(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.01)
    begun, free = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        free.wait(20)

    written.meanwhile = hang
    written.end("stuck")
    thread = threading.Thread(target=written.backlog.write)
    thread.start()
    begun.wait(20)

    written.backlog.leave(is_final=False)

    assert written.batches == []
    free.set()
    thread.join()


def test_a_span_is_kept_as_it_was_when_it_ended(home: Home) -> None:
    found = ["one"]
    with agentreplay.session("changed") as told:
        with agentreplay.span("step", found=found) as span:
            pass
        found.append("two")
        span.set(late=True)
        span.event("late")

    (step,) = [span for span in home.spans(told.id) if span.name == "step"]
    assert step.attributes == {"found": ["one"]}
    assert step.events == ()


def test_one_span_that_makes_no_sense_is_counted_and_the_others_are_kept(home: Home) -> None:
    before = counted.copy()

    with agentreplay.session("senseless") as told:
        for iteration in (1, 1 << 70, 3):
            with agentreplay.span("step", iteration=iteration):
                pass

    assert sorted(span.iteration for span in home.spans(told.id) if span.iteration) == [1, 3]
    assert list(troubles_since(before).values()) == [1]


def test_a_thread_that_outlives_its_session_is_recorded_to_its_end(home: Home) -> None:
    begun, free = threading.Event(), threading.Event()

    def work() -> None:
        with agentreplay.span("slow"):
            begun.set()
            free.wait(20)

    with agentreplay.session("short") as told:
        thread = threading.Thread(target=work)
        thread.start()
        begun.wait(20)
    free.set()
    thread.join()

    (slow,) = [span for span in home.spans(told.id) if span.name == "slow"]
    assert slow.status == "ok"


@forks
def test_a_fork_in_the_middle_of_writing_holds_up_nobody(written: Written) -> None:
    """The thread that writes has the lock, and is not there in the child to give it back."""
    begun, free = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        free.wait(20)

    written.meanwhile = hang
    written.end("parent")
    thread = threading.Thread(target=written.backlog.write)
    thread.start()
    begun.wait(20)
    child = os.fork()
    if not child:
        signal.alarm(10)
        written.meanwhile = lambda: None
        written.end("child")
        written.backlog.write()
        os._exit(written.batches != [["child"]])
    _, status = os.waitpid(child, 0)
    free.set()
    thread.join()

    assert status == 0
    assert written.batches == [["parent"]]


@forks
def test_a_forked_child_tells_of_its_own_spans_and_not_of_its_parents(home: Home) -> None:
    with agentreplay.session("forked") as told:
        with agentreplay.span("waiting"):
            pass
        with agentreplay.span("parent"):
            child = os.fork()
            if not child:
                with agentreplay.span("child"):
                    pass
        if not child:
            os._exit(0)
        os.waitpid(child, 0)

    spans = {span.name: span for span in home.spans(told.id)}
    assert len(home.spans(told.id)) == len(spans) == 4
    assert spans["child"].parent_id == spans["parent"].span_id
    assert all(span.status == "ok" for span in spans.values())


ENDINGS = {
    "exit": "sys.exit(3)",
    "exit at once": "os._exit(3)",
    "become another program": "os.execlp(sys.executable, sys.executable, '-c', '')",
    "fail to become another program": "os.execvp('/nothing', ['nothing'])",
    "return": "pass",
    "kill behind a call": "agentreplay.call('look', str, 1); os.kill(os.getpid(), 9)",
}
PROGRAM = """
import atexit, os, sys
import agentreplay

def late():
    with agentreplay.span("late"):
        pass

def live(ending):
    session = agentreplay.session(ending).__enter__()
    print(ending, session.id, sep="=", flush=True)
    for number in range(70):
        with agentreplay.span(str(number)):
            pass
    exec(endings[ending])

atexit.register(late)  # so early that it comes last
endings = {endings!r}
agentreplay.init(db_path={folder!r})
for ending in endings:
    child = os.fork()
    if not child:
        sys.stderr = None
        live(ending)
        sys.exit()
    os.waitpid(child, 0)
"""


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, dict[str, str]]:
    """What processes have left that ended in every way."""
    folder = tmp_path_factory.mktemp("left")
    program = PROGRAM.format(endings=ENDINGS, folder=str(folder))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return Home(folder), dict(line.split("=") for line in done.stdout.splitlines())


@forks
@pytest.mark.slow
@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_that_waits_is_lost_however_the_process_ends(left: tuple[Home, Any], ending: str) -> None:
    home, sessions = left

    spans = home.spans(sessions[ending])

    ended = {span.name for span in spans if span.status == "ok"}
    assert {str(number) for number in range(70)} <= ended
    assert ("late" in ended) == (ending in {"exit", "return", "fail to become another program"})
