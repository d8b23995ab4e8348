"""What docs/security.md says is proven names tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")


def test_every_test_it_names_is_there() -> None:
    named = NAMED.findall(PAGE)
    missing = [
        f"{file}::{test}" for file, test in named if not (ROOT / file).is_file() or f"def {test}" not in _text(file)
    ]

    assert len(named) > 30
    assert missing == []


def test_every_threat_has_an_answer_and_a_proof() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| threat")]

    assert [row for row in rows if not NAMED.search(row)] == []


def _text(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")
