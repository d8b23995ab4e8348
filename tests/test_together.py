"""Commands run side by side, each is heard out, and one that fails is named."""

import sys
from pathlib import Path

import pytest

from tools import together

MEET = "touch {own}; for turn in $(seq 3000); do test -e {other} && exit 0; sleep 0.01; done; exit 1"
"""Ends well only if the other comes while this one is there."""


@pytest.mark.skipif(sys.platform == "win32", reason="the Makefile has a shell of Unix")
def test_they_run_side_by_side(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"

    assert together.main([MEET.format(own=one, other=two), MEET.format(own=two, other=one)], at_once=2) == 0


def test_all_are_run_and_what_they_wrote_is_not_mixed_up(capfd: pytest.CaptureFixture[str]) -> None:
    status = together.main(["echo first", "echo second; exit 3", "echo third; echo fourth >&2"], at_once=2)

    written = capfd.readouterr()
    assert status == 1
    lines = written.out.splitlines()
    assert sorted(lines) == ["first", "fourth", "second", "third"]
    assert lines.index("fourth") == lines.index("third") + 1
    assert written.err.splitlines() == ["error: this failed: echo second; exit 3"]
