"""`agentreplay hook` in a process of its own, as an agent starts it."""

import os
import subprocess
import sys
from pathlib import Path

from agentreplay.store.journal.reader import journals_in
from tests.cli.conftest import Run


def test_the_help_is_that_of_any_command(run: Run) -> None:
    done = run("hook", "--help")

    assert done.exit_code == 0
    assert "appends it to a journal" in " ".join(done.output.split())


def test_the_process_says_nothing_and_leaves_a_journal(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "agentreplay.cli", "hook", "--agent", "codex", "Stop"]
    environment = {**os.environ, "AGENTREPLAY_DB": str(tmp_path)}

    done = subprocess.run(command, input=b'{"session_id": "s"}', capture_output=True, env=environment, check=True)

    assert (done.stdout, done.stderr) == (b"", b"")
    assert len(list(journals_in(tmp_path))) == 1
