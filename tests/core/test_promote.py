"""Regression tests made of sessions pass at once, and fail when the program was changed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentreplay.core.promote import promote
from agentreplay.errors import FileInTheWay, FunctionUnknown, NotPromoted, ProgramUnknown, ValueInvalid
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.query import SessionFilter
from agentreplay.model.session import SessionKey
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of
from tests.desk import ORDERS, Desk
from tests.suite import PLUGIN

pytestmark = pytest.mark.slow

FUNCTIONS = """
import asyncio
import sys

import agentreplay

@agentreplay.tool
def lookup(number):
    return {"order": number}

@agentreplay.tool
async def ask(number):
    return number + 1

@agentreplay.session
def refund(number, *, reason="none"):
    return [lookup(number), (reason,)]

@agentreplay.session
async def answer(number):
    return await asyncio.gather(ask(number), ask(number + 1))

@agentreplay.session
def fail():
    raise LookupError("no such order")

@agentreplay.session
def take(thing):
    return 1

def outer():
    @agentreplay.session
    def inner():
        return 1
    return inner

if __name__ == "__main__":
    eval(sys.argv[1])
"""


def pytest_run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", PLUGIN, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def record_call(desk: Desk, call: str) -> SessionKey:
    """Run the functions as a program of their own that records itself."""
    desk.write("agent.py", FUNCTIONS)
    settings = desk.settings
    environment = {
        **os.environ,
        "AGENTREPLAY_DB": str(settings.db_path),
        "AGENTREPLAY_TENANT": settings.tenant,
        "AGENTREPLAY_PROJECT": settings.project,
    }
    subprocess.run(
        [sys.executable, "agent.py", call], cwd=desk.folder, env=environment, capture_output=True, check=False
    )
    with desk.reading() as store:
        where = SessionFilter(tenant=TenantId(settings.tenant), project=ProjectId(settings.project))
        return store.sessions.find(where).items[0].session.key


def test_a_recorded_program_becomes_a_test_that_passes_and_that_an_edit_breaks(desk: Desk) -> None:
    desk.write("agent.py", ORDERS)
    key = desk.record("agent.py")
    with desk.reading() as store:
        done = promote(store, key, desk.folder / "tests" / "test_orders.py")
    assert (done.test.name, done.tape.relative_to(done.test.parent)) == ("test_orders.py", Path("tapes/orders.tape"))

    passed = pytest_run(done.test.parent, "test_orders.py")
    desk.write("agent.py", ORDERS.replace("(7, 8)", "(7, 9)"))
    failed = pytest_run(done.test.parent, "test_orders.py")

    assert "1 passed" in passed.stdout, passed.stdout
    assert "1 failed" in failed.stdout
    assert "expected  number  8" in failed.stdout


def test_a_recorded_call_of_a_function_becomes_a_test_that_calls_it(desk: Desk) -> None:
    sync = record_call(desk, "refund(7, reason='it is late')")
    asynchronous = record_call(desk, "asyncio.run(answer(3))")
    with desk.reading() as store:
        promote(store, sync, desk.folder / "tests" / "test_refund.py")
        promote(store, asynchronous, desk.folder / "tests" / "test_answer.py")
    text = (desk.folder / "tests" / "test_refund.py").read_text()
    assert 'assert refund(7, reason="it is late") == [{"order": 7}, ("it is late",)]' in text

    passed = pytest_run(desk.folder, "tests")
    desk.write("agent.py", FUNCTIONS.replace("lookup(number), (", "lookup(number + 1), ("))
    failed = pytest_run(desk.folder, "tests")

    assert "2 passed" in passed.stdout, passed.stdout
    assert "1 failed, 1 passed" in failed.stdout
    assert "expected  number  7" in failed.stdout


def test_what_does_not_come_out_the_same_today_makes_no_test(desk: Desk) -> None:
    desk.write("agent.py", ORDERS)
    key = desk.record("agent.py")
    desk.write("agent.py", ORDERS.replace("(7, 8)", "(7, 9)"))

    with desk.reading() as store, pytest.raises(NotPromoted, match="diverged"):
        promote(store, key, desk.folder / "test_orders.py")

    assert not (desk.folder / "test_orders.py").exists()
    assert not (desk.folder / "tapes").exists()


@pytest.mark.parametrize("name", ["test_orders.py", "tapes/orders.tape"])
def test_no_file_is_written_over_unless_that_is_wanted(desk: Desk, name: str) -> None:
    desk.write("agent.py", ORDERS)
    key = desk.record("agent.py")
    there = desk.write(name, "mine")
    target = desk.folder / "test_orders.py"

    with desk.reading() as store:
        with pytest.raises(FileInTheWay, match="is there already"):
            promote(store, key, target)
        assert there.read_bytes() == b"mine"
        promote(store, key, target, force=True)

    assert there.read_bytes() != b"mine"


@pytest.mark.parametrize("name", ["orders.py", "test_orders.txt", "test_a-b.py"])
def test_a_file_that_pytest_would_not_find_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(ValueInvalid, match="pytest finds tests"):
        promote(MemoryStore(), SessionKey(*"abc"), desk.folder / name)


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("outer()()", "cannot be imported"),
        ("fail()", "no such order"),
        ("take(object())", "no plain value"),
        ("take(__import__('datetime').date(2026, 1, 1))", "the type date"),
        ("agentreplay.session('a block').__enter__().__exit__(None, None, None)", "nothing tells of a function"),
    ],
)
def test_what_cannot_be_called_again_is_refused(desk: Desk, call: str, problem: str) -> None:
    key = record_call(desk, call)

    with desk.reading() as store, pytest.raises(FunctionUnknown, match=problem):
        promote(store, key, desk.folder / "test_it.py")


def test_a_function_whose_module_is_gone_is_refused(desk: Desk) -> None:
    key = record_call(desk, "refund(7)")
    (desk.folder / "agent.py").unlink()

    with desk.reading() as store, pytest.raises(FunctionUnknown, match="is not found"):
        promote(store, key, desk.folder / "test_it.py")


def test_a_run_of_no_known_program_is_refused(make: Maker, tmp_path: Path) -> None:
    store = MemoryStore()
    store.append(batch_of(make.session(id=SessionId("x"), source="run"), make.span(session="x")))

    with pytest.raises(ProgramUnknown):
        promote(store, make.session(id=SessionId("x")).key, tmp_path / "test_it.py")
