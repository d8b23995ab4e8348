"""A run of an unchanged program becomes a session, whatever ends it."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from agentreplay.core.checkout import checkout, root_of
from agentreplay.core.fork import Change, fork
from agentreplay.core.launch import Streams
from agentreplay.core.live import settle
from agentreplay.core.orders import hash_seed_of
from agentreplay.core.record import CUT, Wish
from agentreplay.core.timeline import Timeline
from agentreplay.errors import ProgramMissing
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.query import SessionFilter
from agentreplay.model.session import SessionRow
from agentreplay.store.journal.reader import journals_in, read_frames
from agentreplay.store.sqlite.chunks import batch_of
from tests.running import SHOP, Runs
from tests.server.running import waited_for

pytestmark = pytest.mark.slow

WAITS = """
    import sys, time
    import agentreplay

    @agentreplay.tool
    def quick(n):
        return n * 2

    @agentreplay.tool
    def slow(n, long):
        time.sleep(60)

    for n in range(5):
        quick(n)
    print("waiting", flush=True)
    slow(1, "x" * 5000)
"""


def sessions(runs: Runs) -> list[SessionRow]:
    with runs.store() as store:
        settle(store, runs.settings.db_path, time.time_ns)
        return list(store.sessions.find(SessionFilter(tenant=TenantId("local"), project=ProjectId("default"))).items)


def test_a_run_is_recorded_with_its_program_its_calls_and_its_streams(runs: Runs) -> None:
    done = runs.record(stdin=b"thanks\n", wish=Wish(name="shop", agent="clerk", labels={"a": "b"}), arguments=("x y",))

    tape = runs.tape(done.key)
    session = tape.session
    assert (session.name, session.agent, session.labels, session.source) == ("shop", "clerk", {"a": "b"}, "run")
    assert session.program is not None
    assert session.program.argv[1:] == (str(runs.folder / "agent.py"), "x y")
    assert [one.label for one in tape.calls] == ["tool lookup", "tool refund"]
    assert tape.outputs.stdout == b"it ships on Friday\nrefunded 7\nthanks\n"
    assert (tape.stdin, tape.outputs.exit_code, tape.is_finished) == (b"thanks\n", 0, True)


@pytest.mark.parametrize(
    ("ending", "status", "code"),
    [("", "completed", 0), ("sys.exit(4)", "failed", 4), ("import os; os.kill(os.getpid(), 9)", "interrupted", 137)],
)
def test_how_it_ended_is_told(ending: str, status: str, code: int, runs: Runs) -> None:
    done = runs.record(SHOP + f"    {ending}\n")

    assert [row.status for row in sessions(runs)] == [status]
    assert done.ended.code == code
    assert len(runs.tape(done.key).calls) == 2


def test_what_the_program_holds_to_be_so_lies_with_its_recording(runs: Runs) -> None:
    """Wherever the command line put it, and whatever the environment says."""
    runs.settings = replace(runs.settings, project="shop")
    runs.record("""
        from agentreplay import State

        State("clerk").write("order/7", "shipped")
        print(State("clerk").get("order/7"))
    """)

    with runs.store() as store:
        (found,) = store.facts.states(runs.tenant, ProjectId("shop"))
        fact = store.facts.get(found, "order/7")
    assert (found.agent, fact and fact.value) == ("clerk", "shipped")


def test_a_program_that_is_missing_leaves_nothing_behind(runs: Runs) -> None:
    from agentreplay.core.launch import Streams
    from agentreplay.core.record import record

    with pytest.raises(ProgramMissing):
        record(["no-such-program"], runs.settings, Wish(), Streams())

    assert not runs.settings.db_path.exists()


def test_the_order_of_sets_is_that_of_the_recording(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "import agentreplay\nagentreplay.call('f', lambda x: 1, ''.join({f'{n}' for n in range(40)}))\n"

    done = runs.record(text)

    assert runs.tape(done.key).hash_seed == hash_seed_of(runs.tape(done.key).salt.hex())
    for _ in range(3):
        assert runs.replay(done.key).status == "identical"


def test_a_seed_the_user_chose_is_kept(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    from agentreplay.core import record as module

    monkeypatch.setattr(module, "_chosen_hash_seed", lambda: "5")
    done = runs.record("import os; print(os.environ['PYTHONHASHSEED'])")

    assert runs.tape(done.key).hash_seed == "5"
    assert runs.tape(done.key).outputs.stdout == b"5\n"
    assert runs.replay(done.key).status == "identical"


def test_streams_that_were_cut_are_named(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    from agentreplay.core import channels

    monkeypatch.setattr(channels, "_MOST_KEPT", 100)
    done = runs.record("print('x' * 500)")

    with runs.store() as store:
        root = store.spans.get(store.spans.read(done.key)[0].key)
    assert root is not None
    assert root.attributes[CUT] == ["stdout"]
    assert runs.replay(done.key).status == "identical"


def start(runs: Runs, *command: str) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "AGENTREPLAY_DB": str(runs.settings.db_path),
        "PYTHONPATH": str(Path("src").absolute()),
    }
    return subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, env=environment, cwd=runs.folder, start_new_session=True
    )


def is_waiting(runs: Runs) -> bool:
    """Whether the call that is not answered is on disk: what waits is written a moment after it began."""
    return any(
        span.tool == "slow" and span.end is None
        for journal in journals_in(runs.settings.db_path)
        for frame in read_frames(journal)
        for span in batch_of(frame).spans
    )


@pytest.mark.parametrize("is_launched", [True, False])
def test_what_is_killed_is_interrupted_and_goes_on_from_its_last_answer(runs: Runs, is_launched: bool) -> None:  # noqa: FBT001
    """Launched, the launcher is killed with it; in process there is nobody else."""
    inside = WAITS.replace("    for n", "    agentreplay.session('s').__enter__()\n    for n")
    path = str(runs.write(WAITS if is_launched else inside))
    command = ("-m", "agentreplay.cli", "run", "--", sys.executable, path) if is_launched else (path,)
    process = start(runs, *command)
    assert process.stdout is not None
    assert process.stdout.readline() == b"waiting\n"
    assert waited_for(lambda: is_waiting(runs), 60)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()

    row = sessions(runs)[0]
    tape = runs.tape(row.session.key)

    assert row.status == "interrupted"
    assert not tape.is_finished
    assert [one.request.operation for one in tape.calls if one.answer is not None] == ["quick"] * 5
    waiting = tape.calls[5]
    assert (waiting.request.operation, waiting.answer) == ("slow", None)
    assert b"x" * 5000 in waiting.request.body


def test_a_fork_goes_on_from_the_last_answer_of_a_run_that_was_killed(runs: Runs) -> None:
    from agentreplay.core.fork import Change, fork
    from agentreplay.core.launch import Streams

    process = start(runs, "-m", "agentreplay.cli", "run", "--", sys.executable, str(runs.write(WAITS)))
    assert process.stdout is not None
    process.stdout.readline()
    assert waited_for(lambda: is_waiting(runs), 60)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    key = sessions(runs)[0].session.key
    runs.write(WAITS.replace("time.sleep(60)", "return 'done'"))

    with runs.calm(), runs.store() as store:
        done = fork(store, key, Change(at="last"), runs.settings, Streams())

    assert done.exit_code == 0
    assert done.parted == ()
    tape = runs.tape(done.key)
    assert [one.request.operation for one in tape.calls] == ["quick"] * 5 + ["slow"]
    assert tape.calls[-1].answer is not None
    assert runs.replay(done.key).status == "identical"


def test_the_files_of_a_workspace_are_kept_step_by_step(runs: Runs, tmp_path: Path) -> None:
    """A step finds the files as the step before left them; a fork starts in that world."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "notes").write_text("0", encoding="utf-8")
    done = runs.record(
        """
        import pathlib, time
        import agentreplay

        @agentreplay.tool
        def write(text):
            pathlib.Path("notes").write_text(text)

        @agentreplay.tool
        def think():
            time.sleep(0.2)

        for text in "abc":
            write(text)
            think()
        agentreplay.checkpoint("over")
        print(pathlib.Path("notes").read_text())
        """,
        wish=Wish(workspace=work),
        cwd=work,
    )

    assert done.files is not None
    assert (done.files.trouble, done.files.left_out) == ("", ())
    with runs.store() as store:
        line = Timeline(store, done.key)
        tools = [row.seq for row in store.spans.read(done.key) if row.kind == "tool"]
        found: list[str] = []
        places: list[int | str] = [*tools, "over", "end"]
        for number, place in enumerate(places):
            out = tmp_path / f"out{number}"
            checkout(store, done.key.tenant, root_of(store, line.at(place)), out)
            found.append((out / "notes").read_text(encoding="utf-8"))
    assert found == ["0", "a", "a", "b", "b", "c", "c", "c"]
    assert runs.replay(done.key).status == "identical"

    with runs.calm(), runs.store() as store:
        change = Change(at=str(tools[4]), workspace=tmp_path / "forked")
        again = fork(store, done.key, change, runs.settings, Streams())
    assert runs.tape(again.key).outputs.stdout == b"c\n"
    assert (work / "notes").read_text(encoding="utf-8") == "c"
