"""The saver of LangGraph's threads keeps the promises of such a saver, and ours."""

import json
import subprocess
from pathlib import Path
from random import Random
from time import sleep

import pytest

from tests.slow.test_programs import PROGRAMS, Desk, python_of, shuffling_models

pytestmark = pytest.mark.slow


def promises(case: str, folder: Path, given: str = "") -> str:
    command = [python_of("programs"), str(PROGRAMS / "saver_promises.py"), case, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, input=given)
    assert done.returncode == 0, done.stderr[-3_000:]
    return done.stdout


def test_langgraphs_own_tests_of_a_checkpointer_pass(tmp_path: Path) -> None:
    assert int(promises("conformance", tmp_path).split()[0]) > 70


@pytest.mark.parametrize("case", ["deltas", "foreign"])
def test_what_a_saver_promises_holds(case: str, tmp_path: Path) -> None:
    assert promises(case, tmp_path)


def test_what_was_put_survives_kill_9(tmp_path: Path) -> None:
    chance = Random(9)
    for round_ in range(3):
        folder = tmp_path / str(round_)
        command = [python_of("programs"), str(PROGRAMS / "saver_promises.py"), "endless", str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(chance.randint(1, 40))]
            sleep(chance.random() / 50)
            process.kill()
            said += process.stdout.readlines()
        acknowledged = [line for line in said if line.endswith("\n")]

        assert promises("check", folder, "".join(acknowledged))


def test_a_thread_that_goes_on_is_recorded_and_replayed(tmp_path: Path) -> None:
    """The second run begins with what the first one left, and its replay too, though the store has moved on."""
    with shuffling_models() as models:
        desk = Desk(tmp_path / "data", models.url, python_of("programs"))
        runs = [desk.agentreplay("run", "--", desk.python, str(PROGRAMS / "langgraph_saver.py")) for _ in range(2)]
    session = desk.last_session()
    spans = json.loads(desk.agentreplay("--json", "sessions", "show", session).stdout)["spans"]
    verdict = desk.verdict(session)

    assert [run.returncode for run in runs] == [0, 0], runs[0].stderr.decode() + runs[1].stderr.decode()
    assert runs[0].stdout.startswith(b"0 messages from before")
    assert runs[1].stdout.startswith(b"6 messages from before")
    assert verdict["status"] == "identical", json.dumps(verdict, indent=1)
    asked = [span["name"] for span in spans if span["kind"] == "database"]
    assert {"langgraph.get", "langgraph.put", "langgraph.put_writes", "langgraph.steps"} == set(asked)
    kept = [span["name"] for span in spans if span["kind"] == "checkpoint"]
    assert len(kept) == asked.count("langgraph.put")
    assert all(name.startswith("1 step ") for name in kept)
