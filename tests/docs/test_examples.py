"""The examples run offline, and print what they say."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.docs.pages import seen

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PATIENCE = 120


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_it_prints_what_it_says(example: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "AGENTREPLAY_DB": str(tmp_path / "data"),
        "HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    done = subprocess.run(
        [sys.executable, str(example)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert seen(_promised(example), done.stdout), done.stdout


def test_there_are_eight_and_each_is_told() -> None:
    told = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")

    assert len(EXAMPLES) == 8
    assert [path.name for path in EXAMPLES if f"[{path.name}]({path.name})" not in told] == []
    assert [path.name for path in EXAMPLES if not _promised(path)] == []


def _promised(example: Path) -> str:
    """What it prints, as its docstring ends."""
    docstring = ast.get_docstring(ast.parse(example.read_text(encoding="utf-8")), clean=False) or ""
    return dedent(docstring.partition("Prints:\n")[2]).strip()
