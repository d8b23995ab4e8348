"""Brings a store of an older format up to ours, in one transaction.

`migrations/NNN.sql` leads from format NNN - 1 to NNN. Files of released formats never change.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

import apsw

from agentreplay.store.sqlite.transactions import writing

__all__ = ["migrate", "migrations"]


@cache
def migrations() -> Mapping[int, str]:
    """The SQL that leads to each format."""
    files = resources.files("agentreplay.store.sqlite").joinpath("migrations").iterdir()
    return {int(Path(file.name).stem): file.read_text("utf-8") for file in files if file.name.endswith(".sql")}


def migrate(connection: apsw.Connection, folder: Path, target: int, steps: Mapping[int, str]) -> None:
    """Go from the format of the file to `target`, all the way or not at all."""
    with writing(connection, folder):
        # Read inside the transaction: another process may have done it meanwhile, or gone further than we can.
        for number in range(connection.pragma("user_version") + 1, target + 1):
            for _row in connection.execute(steps[number]):
                pass  # a statement that answers must be heard before the next one runs
            connection.pragma("user_version", number)
