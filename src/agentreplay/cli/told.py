"""How far a replay, a fork or a check is, told to another program: lines of JSON in a file."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import click

from agentreplay.core.counting import Told
from agentreplay.errors import ValueInvalid

__all__ = ["PROGRESS", "written"]

PROGRESS = click.option(
    "--progress",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help='Add a line to this file whenever more was done: {"done": 3, "of": 10}.',
)


@contextmanager
def written(path: Path | None) -> Generator[Told | None]:
    """What writes to the file, if there is one."""
    if path is None:
        yield None
        return
    try:
        file = path.open("a", encoding="utf-8", buffering=1)
    except OSError as error:
        raise ValueInvalid(what=f"the file {path}", problem=error.strerror or str(error)) from error
    with file:
        yield lambda done, of: print(json.dumps({"done": done, "of": of}), file=file)
