"""Tape files replayed in a test."""

import sys

import pytest

from agentreplay.core.transfer import export_tape
from agentreplay.errors import TapeUnreadable
from agentreplay.testing import explain, replay_tape
from tests.desk import ORDERS, Desk

pytestmark = pytest.mark.slow


def test_the_program_of_a_tape_runs_again(desk: Desk) -> None:
    desk.write("agent.py", ORDERS)
    key = desk.record("agent.py")
    tape = desk.folder / "orders.tape"
    with desk.reading() as store:
        export_tape(store, key, tape)

    assert replay_tape(tape).status == "identical"


def test_another_program_in_another_folder_can_take_its_place(desk: Desk) -> None:
    desk.write("agent.py", ORDERS)
    key = desk.record("agent.py")
    tape = desk.folder / "orders.tape"
    with desk.reading() as store:
        export_tape(store, key, tape)
    desk.write("elsewhere/renamed.py", ORDERS.replace("(7, 8)", "(7, 9)"))

    verdict = replay_tape(str(tape), [sys.executable, "renamed.py"], cwd=desk.folder / "elsewhere")

    assert verdict.exit_code == 3
    lines = explain(verdict)
    assert lines[0].startswith("diverged at ")
    assert "  got       number  9" in lines


def test_what_is_no_tape_is_refused(desk: Desk) -> None:
    with pytest.raises(TapeUnreadable):
        replay_tape(desk.write("a.tape", "no tape"))
