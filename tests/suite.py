"""A folder with a test file that uses tapes, run by pytest as users run it."""

from importlib.metadata import entry_points
from textwrap import dedent

import pytest

from agentreplay.core.transfer import load_tape
from agentreplay.playback.tape import Tape, read_tape
from agentreplay.sdk.instrument import uninstrument

__all__ = ["PLUGIN", "SIMPLE", "Suite"]

# Where the package was installed before it had the plugin, its module is named.
PLUGIN = "agentreplay" if entry_points(group="pytest11", name="agentreplay") else "agentreplay.testing.plugin"
OPENING = """
import asyncio
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import agentreplay
import pytest

@agentreplay.tool
def roll(number):
    with Path("performed").open("a") as file:
        file.write(f"{number}\\n")
    return random.random()
"""
SIMPLE = """
@pytest.mark.agentreplay("tapes/simple.tape")
def test_simple():
    assert roll(1) != roll(2)
"""


class Suite:
    """A folder with one test file."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.folder = pytester.path

    def write(self, text: str) -> None:
        (self.folder / "test_it.py").write_text(OPENING + dedent(text), encoding="utf-8")

    def run(self, mode: str = "", *arguments: str) -> pytest.RunResult:
        chosen = [f"--agentreplay={mode}"] if mode else []
        try:
            return self.pytester.runpytest_inprocess("-p", PLUGIN, *chosen, *arguments)
        finally:
            # pytester takes back what else a run leaves behind, half of what holds the seams in place included.
            uninstrument()

    def run_apart(self, mode: str = "", *arguments: str) -> pytest.RunResult:
        """The same in a process of its own."""
        chosen = [f"--agentreplay={mode}"] if mode else []
        return self.pytester.runpytest_subprocess("-p", PLUGIN, *chosen, *arguments)

    def tape(self, name: str) -> Tape:
        return read_tape(*load_tape(self.folder / "tapes" / name))

    @property
    def tapes(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "tapes").glob("*"))

    @property
    def performed(self) -> list[str]:
        """What was really called."""
        path = self.folder / "performed"
        return path.read_text().splitlines() if path.exists() else []
