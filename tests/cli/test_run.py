"""`agentreplay run`: a program is recorded, and behaves as by itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import SHOP, Runs

pytestmark = pytest.mark.slow

SOURCE = Path(__file__).parent.parent.parent / "src"


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def agentreplay(runs: Runs, *arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """The command line as users have it."""
    environment = {**os.environ, "AGENTREPLAY_DB": str(runs.settings.db_path), "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-m", "agentreplay.cli", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, env=environment, cwd=runs.folder, check=False)


def test_what_it_writes_and_how_it_exits_is_what_it_does_by_itself(runs: Runs) -> None:
    path = runs.write(SHOP + "    sys.stderr.write('over\\n'); sys.exit(3)\n")
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    alone = subprocess.run([sys.executable, path], input=b"hi\n", capture_output=True, env=environment, check=False)

    done = agentreplay(runs, "run", "--", sys.executable, str(path), stdin=b"hi\n")

    assert (done.stdout, done.returncode) == (alone.stdout, alone.returncode)
    assert done.stderr.startswith(alone.stderr)
    assert b"recorded as " in done.stderr


def test_options_behind_the_program_are_its_own(runs: Runs) -> None:
    path = runs.write("import sys; print(sys.argv[1:])")

    done = agentreplay(runs, "run", "--name", "n", sys.executable, str(path), "--json", "--name", "x", "-h")

    assert done.stdout == b"['--json', '--name', 'x', '-h']\n"


def test_with_json_only_the_document_is_on_stdout(runs: Runs) -> None:
    path = runs.write("import sys; print('hello'); sys.exit(4)")

    done = agentreplay(runs, "--json", "run", "--", sys.executable, str(path))

    told = json.loads(done.stdout)
    assert (done.returncode, told["exit_code"], told["signal"]) == (4, 4, None)
    assert done.stderr == b"hello\n"
    assert agentreplay(runs, "--json", "replay", told["session"]).returncode == 0


def test_a_program_that_is_missing_is_told_and_leaves_nothing(runs: Runs) -> None:
    done = agentreplay(runs, "run", "--", "no-such-program")

    assert done.returncode == 2
    assert done.stderr.startswith(
        b"error: the program 'no-such-program' cannot be started: there is no such program\nhint: give a program "
    )
    assert not runs.settings.db_path.exists()


def test_a_program_that_is_no_python_is_recorded_with_its_streams(runs: Runs) -> None:
    done = agentreplay(runs, "run", "--", "echo", "hi")

    assert done.stdout == b"hi\n"
    assert b"only the streams were recorded" in done.stderr
