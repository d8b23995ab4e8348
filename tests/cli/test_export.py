"""`agentreplay export --as`; tapes are exported in tests/cli/test_replay.py and tests/core/test_transfer.py."""

import json
from pathlib import Path

import pytest

from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker
from tests.cli.conftest import Run
from tests.cli.sessions_told import SECRET, coding_session


@pytest.mark.parametrize(("form", "begins"), [("markdown", "# The parser\n"), ("html", "<!doctype html>\n")])
def test_a_page_is_written_without_secrets(
    run: Run, memory: MemoryStore, make: Maker, tmp_path: Path, form: str, begins: str
) -> None:
    memory.append(coding_session(make))

    done = run("export", make.session_id, "--as", form, "-o", str(tmp_path / "page"), "--json")

    text = (tmp_path / "page").read_text()
    assert json.loads(done.stdout)["bytes"] == len(text.encode())
    assert text.startswith(begins)
    assert SECRET not in text


def test_of_a_structure_no_text_is_left(run: Run, memory: MemoryStore, make: Maker, tmp_path: Path) -> None:
    memory.append(coding_session(make))

    run("export", make.session_id, "--as", "markdown", "--structure", "-o", str(tmp_path / "page"))

    assert "It fails on" not in (tmp_path / "page").read_text()


def test_a_page_may_end_at_a_step_and_a_tape_not(run: Run, memory: MemoryStore, make: Maker, tmp_path: Path) -> None:
    memory.append(coding_session(make))
    file = str(tmp_path / "page")

    cut = run("export", make.session_id, "--as", "markdown", "--until", "2", "-o", file)
    refused = run("export", make.session_id, "--until", "2", "-o", file)
    nowhere = run("export", make.session_id, "--as", "html", "-o", str(tmp_path / "no" / "page"))

    assert (cut.exit_code, refused.exit_code, nowhere.exit_code) == (0, 2, 2)
    assert "## 3." not in (tmp_path / "page").read_text()
    assert "cannot be written" in nowhere.stderr


@pytest.mark.parametrize("form", ["claude-code", "atif", "codex"])
def test_it_may_be_written_for_other_tools(
    run: Run, memory: MemoryStore, make: Maker, tmp_path: Path, form: str
) -> None:
    memory.append(coding_session(make))
    file = tmp_path / "session.json"

    done = run("export", make.session_id, "--as", form, "-o", str(file))

    assert done.exit_code == 0, done.stderr
    assert file.exists()
