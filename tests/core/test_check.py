"""All that is stored, replayed against today's code."""

import signal
from collections.abc import Iterator

import pytest

from agentreplay.core.check import Checked, Wanted, check, counts, exit_code, select
from agentreplay.core.fork import Change, fork
from agentreplay.core.launch import Streams
from agentreplay.core.replay import Manner
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import Program
from agentreplay.model.time import Nanoseconds
from agentreplay.playback.verdict import Status
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of
from tests.desk import ORDERS, Desk

pytestmark = pytest.mark.slow

EVERYTHING = Wanted(tenant=TenantId("acme"), project=ProjectId("demo"))


def checked(status: Status) -> Checked:
    return Checked(session=SessionId("x"), name="", source="run", started=Nanoseconds(1), status=status)


def keep_runs(store: MemoryStore, make: Maker, number: int) -> list[SessionId]:
    """Sessions of programs that cannot be started."""
    names = [make.new_session_id() for _ in range(number)]
    for place, name in enumerate(names):
        program = Program(argv=("no-such-program-anywhere",))
        session = make.session(
            id=name, source="run", status="completed", program=program, labels={"parity": str(place % 2)}
        )
        store.append(batch_of(session, make.span(session=name)))
    return names


def test_each_session_is_classed_in_the_order_given(desk: Desk) -> None:
    desk.write("agent.py", ORDERS)
    desk.write("other.py", ORDERS)
    first, second = desk.record("agent.py"), desk.record("other.py")
    desk.write("other.py", ORDERS.replace("(7, 8)", "(7, 9)"))
    reported: list[tuple[int, int]] = []

    with desk.reading() as store:
        rows = select(store, EVERYTHING)
        found = check(store, rows, Manner(), jobs=2, report=lambda *figures: reported.append(figures))

    assert [row.session.id for row in rows] == [second.session, first.session]
    assert [(item.session, item.status) for item in found] == [
        (second.session, "diverged"),
        (first.session, "identical"),
    ]
    assert found[0].diverged_at is not None
    assert "expected  number  8" in "\n".join(found[0].told)
    assert (found[1].served, found[1].calls) == (2, 2)
    assert reported == [(0, 2), (1, 2), (2, 2)]
    assert exit_code(found) == 3


@pytest.mark.parametrize("patch", ['result={"order": 8, "item": "lost"}', "request.body.number=9"])
def test_a_fork_is_replayed_with_what_was_changed_in_it(desk: Desk, patch: str) -> None:
    """The program asks for what it always asked for; what was put in when the fork was recorded is on its tape."""
    desk.write("agent.py", ORDERS)
    key = desk.record("agent.py")
    with desk.reading() as store:
        fork(store, key, Change(at="4", patches=(patch,)), desk.settings, Streams())
        store.drain()

        found = check(store, select(store, EVERYTHING), Manner())

    assert [(item.source, item.status) for item in found] == [("fork", "identical"), ("run", "identical")]


def test_a_program_that_cannot_be_started_does_not_keep_the_others_from_being_checked(make: Maker) -> None:
    store = MemoryStore()
    keep_runs(store, make, 2)

    found = check(store, select(store, EVERYTHING), Manner())

    assert [item.status for item in found] == ["unreplayable", "unreplayable"]
    assert "no-such-program-anywhere" in found[0].why
    assert exit_code(found) == 4


def test_a_recording_that_was_interrupted_is_not_held_against_the_code(desk: Desk) -> None:
    """Its program was killed while it waited, and goes on today."""
    waiting = ORDERS.replace('return {"order"', 'os.kill(os.getpid(), 15) if number == 8 else 0\n    return {"order"')
    desk.write("agent.py", "import os" + waiting)
    desk.record("agent.py")

    with desk.reading() as store:
        found = check(store, select(store, EVERYTHING), Manner())

    assert [item.status for item in found] == ["unreplayable"]
    assert "interrupted" in found[0].why


@pytest.fixture
def in_the_background() -> Iterator[None]:
    """As a shell runs what need not be waited for."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("in_the_background")
def test_a_program_that_hangs_is_ended_and_says_how_far_it_came(desk: Desk) -> None:
    desk.write("agent.py", ORDERS)
    desk.record("agent.py")
    child = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import threading; threading.Event().wait()'])"
    )
    desk.write("agent.py", ORDERS + f"\n{child}\n")

    with desk.reading() as store:
        found = check(store, select(store, EVERYTHING), Manner(patience=20))

    assert [item.status for item in found] == ["hung"]
    assert (found[0].served, found[0].calls, found[0].diverged_at) == (2, 2, None)
    assert "did not end" in found[0].told[0]
    assert exit_code(found) == 3


def test_only_programs_that_ended_are_chosen(make: Maker) -> None:
    store = MemoryStore()
    running, ours, other = (make.new_session_id() for _ in range(3))
    store.append(
        batch_of(
            make.session(id=running, source="run", status="running"),
            make.session(id=ours, source="run", status="failed"),
            make.session(id=other, source="sdk", status="completed"),
        )
    )

    assert [row.session.id for row in select(store, EVERYTHING)] == [ours]


def test_all_labels_must_hold(make: Maker) -> None:
    store = MemoryStore()
    names = keep_runs(store, make, 4)

    found = select(store, Wanted(tenant=TenantId("acme"), project=ProjectId("demo"), labels={"parity": "1"}))

    assert {row.session.id for row in found} == {names[1], names[3]}


def test_a_sample_is_the_same_every_time_and_keeps_what_it_had_when_others_come(make: Maker) -> None:
    store = MemoryStore()
    keep_runs(store, make, 30)
    wanted = Wanted(tenant=TenantId("acme"), project=ProjectId("demo"), sample=10)
    first = {row.session.id for row in select(store, wanted)}

    again = {row.session.id for row in select(store, wanted)}
    keep_runs(store, make, 3)
    later = {row.session.id for row in select(store, wanted)}

    assert len(first) == 10
    assert first == again
    assert len(first - later) <= 3


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        ((), 0),
        (("identical", "drift"), 0),
        (("identical", "unreplayable"), 4),
        (("unreplayable", "diverged"), 3),
        (("unreplayable", "hung"), 3),
    ],
)
def test_the_worst_decides_about_the_exit_code(statuses: tuple[Status, ...], code: int) -> None:
    found = [checked(status) for status in statuses]

    assert exit_code(found) == code
    assert sum(counts(found).values()) == len(found)
