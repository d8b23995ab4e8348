"""The demo as a stranger runs it, and a fork of its session at every step."""

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agentreplay.cli.demo_models import support_models
from agentreplay.testing import ScriptedModels

pytestmark = pytest.mark.slow

TRANSCRIPTS = Path(__file__).resolve().parent.parent / "golden" / "transcripts"


def agentreplay(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "agentreplay.cli", "--project", "demo", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "AGENTREPLAY_DB": str(folder)},
        timeout=60,
        check=False,
    )


def told(folder: Path, *arguments: str) -> Any:
    done = agentreplay(folder, "--json", *arguments)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def _processor_time() -> float:
    """What all processes that ended used, in seconds; on a busy machine they wait, and use no more for it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_the_demo_takes_seconds_and_tells_what_became_of_the_fork(tmp_path: Path) -> None:
    before = _processor_time()

    done = agentreplay(tmp_path, "demo")

    assert done.returncode == 0, done.stderr
    assert _processor_time() - before < 10
    assert "identical  7 of 7 calls served" in done.stdout
    assert "your kettle was lost" in done.stdout
    typed = re.findall(r"^\d  \w+  \$ (.*)$", done.stdout, re.MULTILINE)
    assert len(typed) == 4
    assert all(line.startswith("agentreplay --project demo ") for line in typed)


def test_a_fork_at_each_step_goes_on_and_replays(tmp_path: Path) -> None:
    assert agentreplay(tmp_path, "demo").returncode == 0
    original = told(tmp_path, "sessions", "list")["items"][-1]["id"]
    exported = told(tmp_path, "export", original, "-o", str(tmp_path / "a.tape"))
    steps = [item["before"] for item in told(tmp_path, "diff", original, original, "--all")["items"]]
    url = _model_of(tmp_path, original)

    forks = []
    for step in steps:
        with ScriptedModels(support_models, port=int(url.rpartition(":")[2])):
            done = agentreplay(tmp_path, "fork", original, "--at", str(step))
        assert done.returncode == 0, done.stderr
        forks.append(told(tmp_path, "sessions", "list", "--limit", "1")["items"][0]["id"])

    assert len(steps) == 7
    for fork in forks:
        verdict = told(tmp_path, "replay", fork)
        assert verdict["status"] == "identical", json.dumps(verdict, indent=1)
    again = told(tmp_path, "export", original, "-o", str(tmp_path / "b.tape"))
    assert again["bytes"] == exported["bytes"]
    assert (tmp_path / "a.tape").read_bytes() == (tmp_path / "b.tape").read_bytes()


def _model_of(folder: Path, session: str) -> str:
    """Where the session's model was, as its calls say."""
    shown = told(folder, "diff", session, session, "--all")["items"]
    operation: str = next(item["operation"] for item in shown if item["operation"].startswith("POST "))
    return "http://" + operation.removeprefix("POST ").partition("/")[0]


def test_nobody_else_on_the_machine_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "share" / "agentreplay"
    before = os.umask(0)
    try:
        assert agentreplay(folder, "demo").returncode == 0
        assert agentreplay(folder, "import", "claude-code", str(TRANSCRIPTS)).returncode == 0
    finally:
        os.umask(before)

    readable = [path for path in (folder, *folder.rglob("*")) if path.is_dir() and path.stat().st_mode & 0o077]
    readable += [path for path in folder.iterdir() if path.is_file() and path.stat().st_mode & 0o077]
    assert readable == []
