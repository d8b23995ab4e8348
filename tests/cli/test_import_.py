"""`agentreplay import`: transcripts and tapes are taken in, and what came of it is told."""

import json
from pathlib import Path

from tests.cli.conftest import Run
from tests.transcripts import corpus, put_corpus


def test_a_folder_of_transcripts_is_taken_in_and_then_nothing_is_new(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    put_corpus(folder)

    first = run("import", "auto", str(folder))
    again = run("--json", "import", str(folder))

    assert first.exit_code == again.exit_code == 0
    assert {line.split()[0] for line in first.stdout.splitlines()} == {
        "AGENT", "claude-code", "codex", "opencode", "swe-agent",
    }  # fmt: skip
    assert "not understood, and kept as they came: no object (3)" in first.stderr
    told = json.loads(again.stdout)["items"]
    assert len(told) == len(corpus())
    assert {(one["lines"], one["spans"]) for one in told} == {(0, 0)}


def test_an_agent_that_left_nothing_here_is_no_failure(run: Run, tmp_path: Path) -> None:
    told = run("import", "codex", env={"HOME": str(tmp_path), "CODEX_HOME": ""})

    assert (told.exit_code, told.stdout) == (0, "")
    assert "no transcripts were found" in told.stderr


def test_a_file_of_another_kind_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("bread, milk")

    told = run("import", str(path))

    assert told.exit_code == 2
    assert "none of the formats" in told.stderr


def test_what_is_neither_an_agent_nor_a_file_is_refused(run: Run) -> None:
    told = run("import", "nonsense")

    assert told.exit_code == 2
    assert "swe-agent" in told.stderr
