"""Tapes of every released version open, and say what they always said."""

import json
from pathlib import Path

import pytest

from agentreplay import __version__
from agentreplay.core.transfer import export_tape, load_tape
from tests.golden.tape import TAPES, tape_answers, write_tape

VERSIONS = sorted(path.stem for path in TAPES.glob("*.tape"))


@pytest.mark.parametrize("version", VERSIONS)
def test_it_says_what_it_always_said(version: str) -> None:
    path = TAPES / f"{version}.tape"

    assert tape_answers(path) == json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("version", VERSIONS)
def test_it_can_be_written_again(version: str, tmp_path: Path) -> None:
    store, key = load_tape(TAPES / f"{version}.tape")

    export_tape(store, key, tmp_path / "again.tape")

    assert tape_answers(tmp_path / "again.tape") == tape_answers(TAPES / f"{version}.tape")


def test_this_version_writes_the_tape_that_lies_here(tmp_path: Path) -> None:
    """Another form is another format, with a tape of its own beside this one."""
    write_tape(tmp_path / "new.tape")

    assert (tmp_path / "new.tape").read_bytes() == (TAPES / f"{__version__}.tape").read_bytes()
