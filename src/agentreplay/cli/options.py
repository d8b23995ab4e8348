"""The options that several commands share, and how the text of an option is read."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from agentreplay.cli.invocation import Invocation
from agentreplay.core import inputs

__all__ = [
    "COUNT",
    "DURATION",
    "LABEL",
    "MOMENT",
    "MONEY",
    "all_projects",
    "paged",
    "period",
    "typed",
]

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

_LONGEST_PAGE = 10_000
_FIELD = re.compile(r"(-?\w[\w.]*(?:!=|[:=]))(.+)", re.DOTALL)


def _reader(parse: Callable[[str], T]) -> Callable[[str], T]:
    """What click takes as the type of an option: a function of the text."""

    def read(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise click.BadParameter(f"{error}.") from error

    return read


def _moment(text: str) -> int:
    invocation = click.get_current_context().ensure_object(Invocation)
    return inputs.parse_moment(text, invocation.now)


COUNT = _reader(inputs.parse_count)
DURATION = _reader(inputs.parse_duration)
LABEL = _reader(inputs.parse_label)
MOMENT = _reader(_moment)
MONEY = _reader(inputs.parse_money)


def typed(words: Sequence[str]) -> str:
    """The filter that was given in several words. The shell took quotes away: `tool:"web search"` came without."""
    return " ".join(_FIELD.sub(r'\1"\2"', word) if " " in word and '"' not in word else word for word in words)


def period(command: F) -> F:
    """Add --since and --until."""
    since = "Started then or later: 2h, 7d, today, 2026-03-31."
    command = click.option("--until", type=MOMENT, metavar="TIME", help="Started before then.")(command)
    return click.option("--since", type=MOMENT, metavar="TIME", help=since)(command)


def paged(default: int) -> Callable[[F], F]:
    """Add --limit and --after."""

    def add(command: F) -> F:
        limit = click.option(
            "--limit",
            type=click.IntRange(1, _LONGEST_PAGE),
            default=default,
            show_default=True,
            metavar="COUNT",
            help="How many at most.",
        )
        after = click.option("--after", metavar="CURSOR", help="Go on where the page before ended.")
        return limit(after(command))

    return add


def all_projects(command: F) -> F:
    """Add --all-projects."""
    return click.option("--all-projects", is_flag=True, help="In every project of the tenant.")(command)
