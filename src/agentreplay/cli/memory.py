"""`agentreplay memory`: what agents remember, found again by words and by meaning, now and at any past moment."""

import click

from agentreplay.cli import memory_reading, memory_writing
from agentreplay.cli.command import Group

__all__ = ["memory"]


@click.group(cls=Group)
def memory() -> None:
    """Remember, find, and look back at what agents know.

    Records lie in collections of the project, of an agent or of a workspace; each has all the versions it ever had.
    """


for _command in (*memory_writing.COMMANDS, *memory_reading.COMMANDS):
    memory.add_command(_command)
