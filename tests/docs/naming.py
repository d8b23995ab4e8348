"""Whether what the documentation names is there: commands with their options, and public names."""

from collections.abc import Sequence
from importlib import import_module

import click

import agentreplay
from agentreplay.cli.program import program
from agentreplay.errors import ExtraMissing

__all__ = ["is_command", "is_python"]


def is_command(words: Sequence[str]) -> bool:
    """Whether there is such a command, with such options; what follows two dashes is another program's."""
    command: click.Command = program
    options = {text for option in program.params for text in option.opts}
    is_value = False
    for word in words:
        if word == "--":
            break
        if word.startswith("-") and len(word) > 1:
            options |= {text for option in command.params for text in (*option.opts, *option.secondary_opts)}
            name, equals, _ = word.partition("=")
            if name not in options | {"--help", "-h"}:
                return False
            is_value = not equals and _takes_value(command, name)
        elif is_value:
            is_value = False
        elif isinstance(command, click.Group):
            below = command.get_command(click.Context(command), word)
            if below is None:
                return False
            command = below
    return command is not program


def is_python(dotted: str) -> bool:
    """Whether it is public: a name of the package, or of something in it."""
    names = dotted.removeprefix("agentreplay").lstrip(".").split(".") if dotted != "agentreplay" else []
    found: object = agentreplay
    path = "agentreplay"
    for name in names:
        path = f"{path}.{name}"
        if hasattr(found, name):
            found = getattr(found, name)
            continue
        try:
            found = import_module(path)
        except ExtraMissing:
            return True  # it is there for those who have what it is for
        except ImportError:
            return False
    return True


def _takes_value(command: click.Command, name: str) -> bool:
    options = [*command.params, *program.params]
    return any(name in option.opts and isinstance(option, click.Option) and not option.is_flag for option in options)
