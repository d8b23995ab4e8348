"""The stores that must keep the promises, each with how to open one in an empty folder."""

from collections.abc import Callable
from pathlib import Path

from agentreplay.store.memory import MemoryStore
from agentreplay.store.protocol import Store
from agentreplay.store.registry import open_store

__all__ = ["ADAPTERS", "REFERENCE", "open_adapter"]

REFERENCE = "memory"
"""The adapter that all others are compared with."""

ADAPTERS: dict[str, Callable[[Path], Store]] = {
    REFERENCE: lambda _: MemoryStore(),
    "sqlite": open_store,
}


def open_adapter(name: str, folder: Path) -> Store:
    """A store of this adapter in a folder that is still empty."""
    return ADAPTERS[name](folder)
