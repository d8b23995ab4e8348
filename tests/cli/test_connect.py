"""`agentreplay connect` and `agentreplay disconnect`."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def test_the_change_is_shown_and_asked_for(run: Run, home: Path) -> None:
    declined = run("connect", "claude-code", stdin="n\n")

    assert declined.exit_code == 1
    assert '+    "SessionStart": [' in declined.stderr
    assert not (home / ".claude").exists()

    agreed = run("connect", "claude-code", stdin="y\n")

    assert agreed.exit_code == 0
    assert "SessionStart" in (home / ".claude" / "settings.json").read_text()
    assert run("connect", "claude-code").exit_code == 0, "there is nothing to ask"


def test_where_nobody_can_be_asked_nothing_is_changed(run: Run, home: Path) -> None:
    result = run("connect", "codex", stdin="")

    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert not (home / ".codex").exists()


def test_a_project_is_handed_on_to_the_hook(run: Run, home: Path) -> None:
    run("connect", "cursor", "--yes", "--project", "shop")

    assert "--project shop stop" in (home / ".cursor" / "hooks.json").read_text()


def test_it_may_be_for_one_folder_only(run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    run("connect", "gemini", "--here", "--yes")

    assert (tmp_path / ".gemini" / "settings.json").exists()
    assert not (home / ".gemini").exists()


def test_programs_are_told_too(run: Run, home: Path) -> None:
    told = json.loads(run("connect", "gemini", "--yes", "--json").stdout)
    again = json.loads(run("connect", "gemini", "--yes", "--json").stdout)
    gone = json.loads(run("disconnect", "gemini", "--yes", "--json").stdout)

    assert (told["changed"], again["changed"], gone["changed"]) == (True, False, True)
    assert told["file"] == str(home / ".gemini" / "settings.json")
    assert not (home / ".gemini" / "settings.json").exists()


def test_what_may_be_connected_is_told_in_one_line(run: Run) -> None:
    first, *_ = run("connect").stderr.splitlines()

    assert "Choose from: claude-code, codex, " in first
