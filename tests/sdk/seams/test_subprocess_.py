"""Child processes: which process of the recording each is."""

import asyncio
import multiprocessing.util
import os
import subprocess
import sys
import threading
from typing import Any

import pytest

from agentreplay.sdk.patching import Patches
from agentreplay.sdk.seams import subprocess_
from agentreplay.sdk.silence import silence
from agentreplay.settings import ORDERS_VARIABLE, PATH_VARIABLE
from tests.sdk.seams.taped import record

TELL = [
    sys.executable,
    "-c",
    f"import os; print(os.environ.get({ORDERS_VARIABLE!r}), os.environ.get({PATH_VARIABLE!r}))",
]


def tell(**options: Any) -> str:
    done: subprocess.CompletedProcess[str] = subprocess.run(TELL, capture_output=True, check=True, text=True, **options)
    return done.stdout.strip()


def path_of(_: int = 0) -> str:
    return os.environ.get(PATH_VARIABLE, "none")


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ORDERS_VARIABLE, "yes")


def test_children_are_numbered_by_the_task_that_starts_them(running: None) -> None:
    def program() -> list[str]:
        told = [tell(), tell(env=dict(os.environ)), tell(env={**os.environ, PATH_VARIABLE: "other"})]
        thread = threading.Thread(target=lambda: told.append(tell()))
        thread.start()
        thread.join()
        return told

    told, _ = record(program, subprocess_.install)

    assert [one for one in told if "/" not in one] == ["yes main!1", "yes main!2", "yes main!3"]
    assert told[3].startswith("yes main/")
    assert told[3].endswith("!1")
    assert PATH_VARIABLE not in os.environ


def test_without_a_run_nothing_is_given() -> None:
    told, _ = record(lambda: [tell(), tell(env={})], subprocess_.install)

    assert told == ["None None"] * 2


def test_an_environment_without_the_run_is_left_alone(running: None) -> None:
    told, _ = record(lambda: tell(env={"HOME": "/"}), subprocess_.install)

    assert told == "None None"


def test_a_child_of_a_call_is_not_recorded(running: None) -> None:
    def program() -> str:
        with silence():
            return tell()

    told, _ = record(program, subprocess_.install)

    assert told == "None None"


def test_a_task_names_its_children(running: None) -> None:
    async def main() -> str:
        child = await asyncio.create_subprocess_exec(*TELL, stdout=subprocess.PIPE)
        out, _ = await child.communicate()
        return out.decode().strip()

    told, _ = record(lambda: asyncio.run(main()), subprocess_.install)

    assert told == "yes main/main-1!1"


@pytest.mark.skipif(not hasattr(os, "posix_spawn"), reason="there is no posix_spawn here")
def test_a_spawned_child_is_named(running: None) -> None:
    def program() -> str:
        reading, writing = os.pipe()
        actions = [(os.POSIX_SPAWN_DUP2, writing, 1)]
        child = os.posix_spawn(sys.executable, TELL, os.environ, file_actions=actions)
        os.close(writing)
        os.waitpid(child, 0)
        with os.fdopen(reading) as pipe:
            return pipe.read().strip()

    told, _ = record(program, subprocess_.install)

    assert told == "yes main!1"


def test_processes_of_multiprocessing_are_named(running: None) -> None:
    def install(patches: Patches) -> None:
        subprocess_.install(patches)
        subprocess_.install(patches, multiprocessing.util)

    def program() -> str:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            return pool.map(path_of, [0])[0]

    told, _ = record(program, install)

    assert told.startswith("main!")
    assert PATH_VARIABLE not in os.environ
