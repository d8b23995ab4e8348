"""Bytes that a fuzzer makes break nothing that reads what others send."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.server.running import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("atheris") is None, reason="the fuzzer is not there for every platform"),
]


@pytest.mark.parametrize("target", ["otlp", "coding", "filters", "tape", "submission", "headers"])
def test_no_bytes_break_it(target: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.slow.fuzz", target, str(tmp_path / "found")]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)

    assert done.returncode == 0, done.stderr[-4_000:]
    assert "stat::number_of_executed_units" in done.stderr
