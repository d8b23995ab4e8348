"""How the text of an option is read, and what is said when it cannot be."""

import click
import pytest
from click.testing import CliRunner

from agentreplay.cli.command import Group, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.options import COUNT, DURATION, LABEL, MONEY, all_projects, paged, period, typed


@click.group(cls=Group)
def tool() -> None:
    """A program of one command."""


@tool.command()
@click.option("--cost", type=MONEY)
@click.option("--tokens", type=COUNT)
@click.option("--duration", type=DURATION)
@click.option("--label", type=LABEL)
@period
@paged(default=7)
@all_projects
@with_invocation
def say(_invocation: Invocation, /, **options: object) -> None:
    """Say what was read."""
    click.echo({name: value for name, value in options.items() if value not in (None, False)})


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(tool, ["say", *arguments], obj=Invocation(now=lambda: 1_000_000_000_000))
    return result.stdout.strip() or result.stderr.strip()


@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        ((), {}),
        (("--cost", "0.5"), {"cost": 500_000_000}),
        (("--tokens", "2k"), {"tokens": 2000}),
        (("--duration", "2s"), {"duration": 2_000_000_000}),
        (("--label", "a=b"), {"label": ("a", "b")}),
        (("--since", "1s", "--until", "now"), {"since": 999_000_000_000, "until": 1_000_000_000_000}),
        (("--after", "there", "--all-projects"), {"after": "there", "all_projects": True}),
    ],
)
def test_options_are_read(arguments: tuple[str, ...], read: dict[str, object]) -> None:
    found = _run(*arguments)

    assert eval(found) == {"limit": 7, **read}  # what say() printed above


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--cost", "dear"), "Invalid value for '--cost': 'dear' is no amount of dollars"),
        (("--since", "soon"), "Invalid value for '--since': 'soon' is no time"),
        (("--label", "x"), "Invalid value for '--label': 'x' is no label; try key=value."),
        (("--limit", "0"), "Invalid value for '--limit'"),
        (("--limit", "10001"), "Invalid value for '--limit'"),
    ],
)
def test_what_cannot_be_read_names_the_option_and_the_way_out(arguments: tuple[str, ...], message: str) -> None:
    assert message in _run(*arguments)


def test_what_the_shell_took_the_quotes_from_is_one_value_again() -> None:
    assert typed(["order", "tool:web search", "name=a b", "-agent:x y"]) == (
        'order tool:"web search" name="a b" -agent:"x y"'
    )
    assert typed(['tool:"web search"', '"order 7" ships', "order 7", "kind:tool"]) == (
        'tool:"web search" "order 7" ships order 7 kind:tool'
    )
