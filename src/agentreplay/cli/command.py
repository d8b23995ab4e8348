"""A command and a group of commands that take the global options, before or after their name."""

from typing import Any

import click

from agentreplay.cli.invocation import Invocation
from agentreplay.cli.output import terminal_width

__all__ = ["Command", "Group", "with_invocation"]

_HELP_OPTIONS = ["-h", "--help"]
_WIDEST_HELP = 100

with_invocation = click.make_pass_decorator(Invocation, ensure=True)


class _GlobalOption(click.Option):
    """An option of the whole program. Of several, the one nearest to the end of the line counts."""

    def __init__(self, name: str, **attributes: Any) -> None:
        super().__init__([name], expose_value=False, callback=_choose, **attributes)


def _choose(ctx: click.Context, option: click.Parameter, value: Any) -> None:
    invocation = ctx.ensure_object(Invocation)
    if value is not None:
        invocation.chosen[option.name] = value


def _global_options() -> list[click.Parameter]:
    return [
        _GlobalOption("--db-path", metavar="FOLDER", help="The data folder."),
        _GlobalOption("--project", metavar="NAME", help="The project to work in."),
        _GlobalOption("--tenant", metavar="NAME", help="Whose data it is."),
        _GlobalOption("--json", is_flag=True, default=None, help="Print JSON for programs."),
    ]


class Command(click.Command):
    """A command that takes the global options too."""

    def __init__(self, *arguments: Any, **attributes: Any) -> None:
        attributes.setdefault("context_settings", {})
        attributes["context_settings"].setdefault("help_option_names", _HELP_OPTIONS)
        super().__init__(*arguments, **attributes)
        self.params += _global_options()

    def get_help(self, ctx: click.Context) -> str:
        """The help, as wide as the terminal but not wider than the eye follows."""
        if ctx.terminal_width is None:
            ctx.terminal_width = min(terminal_width(), _WIDEST_HELP) - 1
        return super().get_help(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the command's own options, and then the global ones."""
        own: list[tuple[str, str]] = []
        everywhere: list[tuple[str, str]] = []
        for option in self.get_params(ctx):
            if isinstance(option, click.Option) and (record := option.get_help_record(ctx)) is not None:
                (everywhere if isinstance(option, _GlobalOption) else own).append(record)
        with formatter.section("Options"):
            formatter.write_dl(own)
        with formatter.section("Options before or after any command"):
            formatter.write_dl(everywhere)


class Group(Command, click.Group):
    """A command of commands."""

    command_class = Command
    group_class = type

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """In the order in which they are defined."""
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the options, and then the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)
