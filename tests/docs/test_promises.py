"""What the pages about promises say is proven names tests that are there."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = ["security", "durability", "determinism", "privacy"]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")


@pytest.mark.parametrize("page", [*PAGES, "evidence"])
def test_every_test_it_names_is_there(page: str) -> None:
    named = NAMED.findall(_text(f"docs/{page}.md"))
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).is_file() or (test and f"def {test}(" not in _text(file))
    ]

    assert len(named) > 10
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_every_promise_has_a_proof(page: str) -> None:
    """In each table that has a column for it."""
    lines = _text(f"docs/{page}.md").splitlines()
    heads = [place for place, line in enumerate(lines) if line.endswith("| proven by |")]
    unproven: list[str] = []
    for head in heads:
        for line in lines[head + 2 :]:
            if not line.startswith("|"):
                break
            unproven += [] if NAMED.search(line) else [line]

    assert heads
    assert unproven == []


@cache
def _text(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")
