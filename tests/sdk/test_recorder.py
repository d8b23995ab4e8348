"""Whatever breaks in the recorder, the program goes on: it is counted, and told once."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import agentreplay
from agentreplay.core import redact_call
from agentreplay.core.doctor import recorders_told
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.playback.tape import TROUBLES
from agentreplay.sdk import backlog, places, recorder, session, silence, sources
from agentreplay.sdk.recorder import Recorder, troubles, troubles_since
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.registry import open_store
from tests.sdk.home import Home


class Broken(Exception):
    """What a test injects."""


def breaking(*_: object, **__: object) -> Any:
    raise Broken("a collaborator broke")


COLLABORATORS: dict[str, tuple[object, str]] = {
    "writer": (JournalWriter, "append"),
    "writer of calls": (JournalWriter, "append_payloads"),
    "redactor of calls": (redact_call.CallRedactor, "call"),
    "redactor of spans": (redact_call.CallRedactor, "span"),
    "what is written down": (recorder, "crossing"),
    "sources": (session, "sources_of_program"),
    "settings": (session, "settings_in_force"),
    "life": (session, "Life"),
    "seams": (session, "begin"),
    "threads": (backlog, "_start"),
    "readings": (Recorder, "remaining_readings"),
    "spans": (Recorder, "span"),
}


@agentreplay.tool
def look(item: str) -> str:
    return item.upper()


def program() -> list[Any]:
    """A program that uses everything."""
    found: list[Any] = []
    with agentreplay.session("all") as told:
        with agentreplay.span("span", a=1) as span:
            span.event("event")
            found.append(look("kettle"))
            agentreplay.note("remark")
            found.append(len(agentreplay.checkpoint("here", {"a": 1})))
            try:
                look(3)  # type: ignore[arg-type]
            except AttributeError as error:
                found.append(str(error))
        found.append(told.returns(4))
    return found


@pytest.mark.parametrize("name", COLLABORATORS)
def test_no_collaborator_that_breaks_is_felt(home: Home, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    holder, attribute = COLLABORATORS[name]
    monkeypatch.setattr(holder, attribute, breaking if name != "threads" else _no_threads)
    before = set(threading.enumerate())

    assert program() == ["KETTLE", 64, "'int' object has no attribute 'upper'", 4]

    assert any("a collaborator broke" in kind for kind in troubles)
    # And the session ends all the same: nothing of it goes on behind the program.
    for left in set(threading.enumerate()) - before:
        left.join(10)
        assert not left.is_alive(), left.name


def _no_threads(*_: object) -> None:
    raise RuntimeError("a collaborator broke: no more threads")


def test_a_full_disk_is_told_once_and_counted_each_time(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[object] = []

    def full(*given: object) -> None:
        tried.append(given)
        breaking()

    before = troubles.copy()
    with (
        agentreplay.session("full") as told,
        caplog.at_level(logging.WARNING, "agentreplay"),
        monkeypatch.context() as patched,
    ):
        patched.setattr(JournalWriter, "append_payloads", full)
        # Or what takes long on a slow machine would be announced by another thread while the troubles are counted.
        patched.setattr(backlog.Backlog, "come_by", lambda _: None)
        for _ in range(5):
            look("kettle")
    since = troubles_since(before)

    assert list(since.values()) == [len(tried)] == [5]
    assert sum("a collaborator broke" in record.message for record in caplog.records) == 1
    root = home.spans(told.id)[0]
    assert root.attributes[TROUBLES] == {**root.attributes[TROUBLES], **since}


def test_doctor_tells_of_errors_that_programs_were_spared(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with agentreplay.session("spared") as told:
        with monkeypatch.context() as patched:
            patched.setattr(redact_call.CallRedactor, "call", breaking)
            look("kettle")
        assert told.id is not None

    with closing(open_store(home.folder)) as store:
        store.drain()
        (finding,) = recorders_told(store, TenantId("local"), ProjectId("default"), home.folder / "spool")

    assert finding.level == "warning"
    assert "in 1 of 1 sessions" in finding.text


def test_the_working_folder_may_be_gone(home: Home, tmp_path: Path) -> None:
    program_text = (
        "import os, sys, tempfile, agentreplay\n"
        "folder = tempfile.mkdtemp(); os.chdir(folder); os.rmdir(folder)\n"
        f"agentreplay.init(db_path={str(home.folder)!r})\n"
        "with agentreplay.session('gone'): print(agentreplay.call('look', int, 1))\n"
    )

    done = subprocess.run([sys.executable, "-c", program_text], capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("1\n", "")


def test_a_program_that_records_needs_little_beside_itself(home: Home) -> None:
    """Whatever else the package is installed with, an environment that only records may lack it."""
    program_text = (
        "import sys\n"
        "class Bare:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        top = name.partition('.')[0]\n"
        "        known = top in sys.stdlib_module_names or top.startswith('_sysconfig')\n"
        "        if not known and top not in {'agentreplay', 'msgspec', 'blake3'}:\n"
        "            raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Bare())\n"
        "import agentreplay\n"
        f"agentreplay.init(db_path={str(home.folder)!r})\n"
        "with agentreplay.session('bare') as session, agentreplay.span('plan'):\n"
        "    agentreplay.call('look', lambda: {'password': 'correct horse', 'found': 'x' * 50_000})\n"
        "    session.checkpoint('here')\n"
        "from agentreplay.sdk import recorder\n"
        "print(session.id, recorder.troubles)\n"
    )

    done = subprocess.run([sys.executable, "-c", program_text], capture_output=True, text=True, check=True)

    told, _, troubled = done.stdout.strip().partition(" ")
    assert troubled == "{}"
    (call,) = home.tape(told).calls
    assert call.answer is not None
    assert b"correct horse" not in call.answer.body


@pytest.mark.parametrize("ending", ["sys.exit(3)", "os._exit(3)", "os.kill(os.getpid(), 9)"])
def test_what_came_back_before_the_end_is_kept(home: Home, ending: str) -> None:
    """However it ends, with a call still open and a daemon thread in the middle of one."""
    program_text = (
        "import os, sys, threading, time, agentreplay\n"
        f"agentreplay.init(db_path={str(home.folder)!r})\n"
        "session = agentreplay.session('end').__enter__()\n"
        "def hang():\n"
        "    agentreplay.call('hang', time.sleep, 60)\n"
        "threading.Thread(target=hang, daemon=True).start()\n"
        "agentreplay.call('look', str, 1)\n"
        "print(session.id, flush=True)\n"
        f"{ending}\n"
    )

    done = subprocess.run([sys.executable, "-c", program_text], capture_output=True, text=True, check=False)

    assert done.stderr == ""
    calls = home.tape(done.stdout.strip()).calls
    assert [call.request.operation for call in calls if call.answer] == ["look"]


def test_a_call_that_hangs_is_seen_hanging(home: Home) -> None:
    begun, free = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        free.wait(20)

    with agentreplay.session("hanging") as told:
        thread = threading.Thread(target=lambda: agentreplay.call("hang", hang))
        thread.start()
        begun.wait(20)
        until = time.monotonic() + 20
        while not any(span.tool == "hang" for span in home.spans(told.id)) and time.monotonic() < until:
            time.sleep(0.05)
        (hanging,) = [span for span in home.spans(told.id) if span.tool == "hang"]
        assert hanging.end is None
        assert [call.answer for call in home.tape(told.id).calls] == [None]
        free.set()
        thread.join()

    assert all(span.end is not None for span in home.spans(told.id))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_ids_of_a_forked_child_are_its_own(home: Home) -> None:
    with agentreplay.session("ids"):
        found = boundary_recorder()
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.write(writing, found.new_span_id().encode())
            os._exit(0)
        os.waitpid(child, 0)

        assert os.read(reading, 100).decode() != found.new_span_id()


def boundary_recorder() -> Recorder:
    from agentreplay.sdk.scope import scope

    around = scope().boundary
    assert around is not None
    assert isinstance(around.recorder, Recorder)
    return around.recorder


def test_digests_of_code_are_the_same_in_every_process() -> None:
    """Sets among the constants of a function come in another order in each."""
    program_text = (
        "from agentreplay.sdk.sources import code_digest\n"
        "def f(x): return x in {'a', 'b', 'c', 'd', 'e'}\n"
        "print(code_digest(f.__code__))\n"
    )

    found = {
        subprocess.run(
            [sys.executable, "-c", program_text],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in (1, 2, 3)
    }

    assert len(found) == 1


def test_machinery_is_told_from_programs() -> None:
    assert places.is_own(__file__)
    assert not places.is_own(threading.__file__)
    assert places.is_machinery(threading.__file__)
    assert sources.versions()["python"].startswith("3.")
    assert not silence.is_silent()
    _: Callable[..., Any] = breaking
