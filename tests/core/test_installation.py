"""How this installation is started."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from agentreplay.core.installation import own_command, typed_command


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ours, beside a Python, in a folder with a space."""
    folder = tmp_path / "my environment"
    folder.mkdir()
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", "")
    script = folder / ("agentreplay.exe" if sys.platform == "win32" else "agentreplay")
    script.touch(mode=0o755)
    return script


def test_it_is_the_script_beside_python(script: Path) -> None:
    assert own_command() == [str(script)]


def test_without_a_script_python_starts_the_module(script: Path) -> None:
    script.unlink()

    assert own_command() == [sys.executable, "-m", "agentreplay.cli"]
    assert shlex.split(typed_command()) == own_command()


def test_what_is_typed_is_the_name_where_a_shell_finds_it(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shlex.split(typed_command()) == [str(script)]

    monkeypatch.setenv("PATH", str(script.parent))

    assert typed_command() == "agentreplay"


def test_another_installation_of_the_name_is_not_ours(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / script.name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert shlex.split(typed_command()) == [str(script)]


def test_what_is_typed_works() -> None:
    told = subprocess.run([*shlex.split(typed_command()), "--version"], capture_output=True, text=True, check=False)

    assert told.stdout.startswith("agentreplay"), told.stderr
