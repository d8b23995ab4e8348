"""The stores that must keep the promises, each with how to open one in an empty folder."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from agentreplay.store.memory import MemoryStore
from agentreplay.store.protocol import Store
from agentreplay.store.registry import open_store
from agentreplay.store.sqlite.transactions import database_of

__all__ = ["ADAPTERS", "REFERENCE", "open_adapter"]

REFERENCE = "memory"
"""The adapter that all others are compared with."""


@cache
def _empty_database() -> bytes:
    with TemporaryDirectory() as folder:
        open_store(Path(folder)).close()
        return database_of(Path(folder)).read_bytes()


def _open_copy(folder: Path) -> Store:
    """A store over a copy of an empty one: to make each anew takes five times as long."""
    folder.mkdir(exist_ok=True)
    database_of(folder).write_bytes(_empty_database())
    return open_store(folder)


ADAPTERS: dict[str, Callable[[Path], Store]] = {
    REFERENCE: lambda _: MemoryStore(),
    "sqlite": _open_copy,
}


def open_adapter(name: str, folder: Path) -> Store:
    """A store of this adapter in a folder that is still empty."""
    return ADAPTERS[name](folder)
