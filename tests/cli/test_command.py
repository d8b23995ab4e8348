"""The global options, on either side of a command."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from agentreplay.cli.command import Command, Group, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.program import program


@click.group(cls=Group)
def tool() -> None:
    """A program of one command."""


@tool.command()
@click.option("--times", type=int, default=1, help="How often.")
@with_invocation
def say(invocation: Invocation, /, times: int) -> None:
    """Say what was chosen."""
    click.echo(sorted(invocation.chosen.items()) * times)


def _chosen(*arguments: str) -> str:
    result = CliRunner().invoke(tool, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


@pytest.mark.parametrize("arguments", [("--project", "x", "--json", "say"), ("say", "--project", "x", "--json")])
def test_global_options_stand_before_or_after_the_command(arguments: tuple[str, ...]) -> None:
    assert _chosen(*arguments) == "[('json', True), ('project', 'x')]"


def test_the_option_nearest_to_the_end_counts() -> None:
    assert _chosen("--project", "x", "--tenant", "t", "say", "--project", "y") == "[('project', 'y'), ('tenant', 't')]"


def test_nothing_is_chosen_unless_it_is_said() -> None:
    assert _chosen("say") == "[]"


def _commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            below = command.get_command(ctx, name)
            assert below is not None
            yield from _commands(below, (*path, name))


@pytest.mark.parametrize("path", list(_commands(program)), ids=" ".join)
def test_every_command_explains_itself_and_takes_the_global_options(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(program, [*path, "--help"])

    assert result.exit_code == 0
    usage, _, text = result.stdout.partition("\n\n")
    assert usage.startswith("Usage: agentreplay")
    assert len(text.strip().splitlines()[0]) > 20
    for option in ("--db-path", "--project", "--tenant", "--json", "-h, --help"):
        assert option in result.stdout
    assert CliRunner().invoke(program, [*path, "-h"]).stdout == result.stdout


@pytest.mark.parametrize("path", list(_commands(program)), ids=" ".join)
def test_every_option_and_argument_is_explained(path: tuple[str, ...]) -> None:
    command: click.Command = program
    for name in path:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert isinstance(found, Command)
        command = found

    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def test_help_is_as_wide_as_the_terminal() -> None:
    narrow = CliRunner().invoke(program, ["search", "--help"], env={"COLUMNS": "60"}).stdout
    wide = CliRunner().invoke(program, ["search", "--help"], env={"COLUMNS": "500"}).stdout

    assert max(map(len, narrow.splitlines())) < 60
    assert 80 < max(map(len, wide.splitlines())) < 100
