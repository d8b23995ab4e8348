"""`agentreplay completion`."""

from collections.abc import Callable

import pytest
from click.testing import Result

Run = Callable[..., Result]


@pytest.mark.parametrize(
    ("shell", "word"),
    [("bash", "complete -o nosort"), ("zsh", "#compdef agentreplay"), ("fish", "complete --no-files")],
)
def test_each_shell_gets_a_script_that_asks_the_program(run: Run, shell: str, word: str) -> None:
    result = run("completion", shell)

    assert (result.exit_code, result.stderr) == (0, "")
    assert word in result.stdout
    assert f"_AGENTREPLAY_COMPLETE={shell}_complete" in result.stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("agentreplay s", ["sessions", "state", "score", "snapshot", "search", "stats"]),
        ("agentreplay sessions list --min-c", ["--min-cost"]),
    ],
)
def test_the_program_completes_commands_and_options(run: Run, typed: str, offered: list[str]) -> None:
    words = typed.split()
    env = {
        "_AGENTREPLAY_COMPLETE": "bash_complete",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(words) - 1),
    }

    result = run(env=env)

    assert result.stdout.split() == [f"plain,{word}" for word in offered]


def test_a_shell_nobody_knows_is_refused(run: Run) -> None:
    result = run("completion", "tcsh")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: invalid value for")
