"""`agentreplay watch`: what is there is taken in, and what would be lost is told."""

import json
import os
from pathlib import Path

from tests.cli.conftest import Run
from tests.transcripts import corpus

NAMES = ("viewer-1af7fc5e.jsonl", "harness-main_tool_cycle.jsonl")


def test_what_an_agent_deletes_stays_and_is_told(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / ".claude" / "projects" / "-work"
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_bytes(corpus()[name])
        os.utime(folder / name, (1_700_000_000, 1_700_000_000))
    env = {"HOME": str(tmp_path), "CLAUDE_CONFIG_DIR": ""}

    taken = run("watch", "--once", env=env)
    (folder / NAMES[0]).unlink()
    told = run("--json", "watch", "--status", env=env)

    assert taken.exit_code == told.exit_code == 0
    assert "2 transcripts, 35 new lines" in taken.stderr
    assert "2 sessions will be deleted by the agent within a week" in taken.stderr
    (one,) = json.loads(told.stdout)["items"]
    assert (one["kept"], one["soon"], one["gone"]) == (
        2,
        ["session-main-1"],
        ["1af7fc5e-8455-4414-9ccd-011d40f70b2a"],
    )


def test_where_there_was_never_a_transcript_it_says_so(run: Run, tmp_path: Path) -> None:
    result = run("watch", "--once", env={"HOME": str(tmp_path), "CLAUDE_CONFIG_DIR": "", "CODEX_HOME": ""})

    assert (result.exit_code, result.stdout) == (0, "")
    assert "no transcript of a coding agent was ever read here" in result.stderr
