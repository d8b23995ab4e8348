"""The program as a whole, some of it as a process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from agentreplay import __version__
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.program import COMMANDS, program
from agentreplay.errors import AgentReplayError, Conflict, Damaged, InputInvalid, NotFound, Unavailable
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker

Run = Callable[..., Result]
MODULE = [sys.executable, "-m", "agentreplay.cli"]


def test_the_program_knows_its_version(run: Run) -> None:
    assert run("--version").stdout == f"agentreplay {__version__}\n"


def test_the_list_of_commands_says_what_each_says_itself() -> None:
    """The first lines of help are kept apart from the commands, so that they need not be loaded."""
    ctx = click.Context(program)

    for name, told in COMMANDS.items():
        command = program.get_command(ctx, name)

        assert command is not None
        assert command.get_short_help_str(1_000) == told


def test_help_for_nothing_goes_to_stderr(run: Run) -> None:
    result = run()

    assert (result.exit_code, result.stdout) == (2, "")
    assert "Commands:" in result.stderr


def test_a_command_nobody_knows_is_refused_with_a_guess(run: Run) -> None:
    result = run("session")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "sessions" in result.stderr


@pytest.mark.parametrize("family", [InputInvalid, NotFound, Conflict, Unavailable, Damaged])
def test_each_family_of_errors_has_its_exit_code(family: type[AgentReplayError]) -> None:
    def fail(_settings: Settings) -> Store:
        raise family

    result = CliRunner().invoke(program, ["sessions", "list"], obj=Invocation(opener=fail))

    assert (result.exit_code, result.stdout) == (family.exit_code, "")
    assert result.stderr.startswith("error: ")


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (ZeroDivisionError, 1), (BrokenPipeError, 141)])
def test_other_ends_have_their_codes(error: type[BaseException], code: int) -> None:
    def fail(_settings: Settings) -> Store:
        raise error

    result = CliRunner().invoke(program, ["stats"], obj=Invocation(opener=fail))

    assert (result.exit_code, result.stdout) == (code, "")
    assert "Traceback" not in result.stderr


def test_a_wrong_setting_is_refused(run: Run) -> None:
    result = run("stats", env={"AGENTREPLAY_DURABILITY": "forever"})

    assert (result.exit_code, result.stdout) == (2, "")
    assert "AGENTREPLAY_DURABILITY" in result.stderr


def test_help_loads_neither_the_store_nor_the_vocabulary() -> None:
    """What is not loaded costs no time: the whole of --help has 150 ms."""
    script = (
        "import sys; from agentreplay.cli.program import program\n"
        "program.main(['--help'], standalone_mode=False)\n"
        "ours = ('agentreplay.core', 'agentreplay.model', 'agentreplay.store')\n"
        "heavy = ('apsw', 'blake3', 'msgspec', *ours)\n"
        "print(*filter(lambda name: name.startswith(heavy), sys.modules), file=sys.stderr)"
    )

    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert "Commands:" in result.stdout
    assert result.stderr.split() == []


def test_the_program_runs_as_a_module() -> None:
    result = subprocess.run([*MODULE, "--version"], capture_output=True, text=True, check=False)

    assert (result.returncode, result.stdout) == (0, f"agentreplay {__version__}\n")


@pytest.mark.parametrize("arguments", [("--help",), ("completion", "bash")])
def test_a_reader_that_goes_away_is_no_failure(arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    process = subprocess.run([*MODULE, *arguments], stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)

    assert process.stderr == ""
    assert process.returncode == 141


def test_an_interrupt_ends_the_program_quietly(tmp_path: Path, make: Maker) -> None:
    """It waits for an answer, which never comes."""
    store = tmp_path / "store"
    script = (
        "from agentreplay.store.registry import open_store\n"
        "from agentreplay.testing import Maker, batch_of\n"
        f"store = open_store({str(store)!r})\n"
        "store.append(batch_of(Maker(tenant='local', project='default').span(session='x')))\n"
        "store.close()\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    # Who runs the tests in the background of a shell has it ignored, and so would whatever they start.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [*MODULE, "--db-path", str(store), "sessions", "delete", "x"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    signal.signal(signal.SIGINT, before)
    assert process.stderr is not None
    seen = ""
    give_up = time.monotonic() + 30
    while "[y/N]" not in seen and time.monotonic() < give_up:
        seen += process.stderr.read(1)

    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)

    assert (process.returncode, stdout) == (130, ""), seen + stderr
    assert "Traceback" not in stderr
