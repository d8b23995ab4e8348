"""`agentreplay promote`."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from agentreplay.store.memory import MemoryStore
from tests.desk import ORDERS, Desk

pytestmark = pytest.mark.slow

Run = Callable[..., Result]


def test_a_test_and_its_tape_are_written_once(run: Run, memory: MemoryStore, desk: Desk) -> None:
    desk.write("agent.py", ORDERS)
    key = desk.record("agent.py")
    desk.hand_over(key, memory)
    target = desk.folder / "tests" / "test_orders.py"

    done = run("promote", key.session[:9], "-o", str(target))
    again = run("promote", key.session, "-o", str(target))
    forced = run("--json", "promote", key.session, "-o", str(target), "--force")

    assert (done.exit_code, done.stdout) == (0, "")
    assert "tapes/orders.tape beside it" in done.stderr
    assert target.exists()
    assert again.exit_code == 6
    assert "hint: --force writes over it" in again.stderr
    assert json.loads(forced.stdout) == {
        "session": key.session,
        "test": str(target),
        "tape": str(target.parent / "tapes" / "orders.tape"),
    }
