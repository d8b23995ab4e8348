"""Opens a store by its address. Each kind names its class and, where one is needed, what to install."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, cast

from agentreplay.errors import StoreUnknown
from agentreplay.settings import Durability
from agentreplay.store.protocol import Store

__all__ = ["KINDS", "Kind", "open_store"]


class Kind(NamedTuple):
    """One kind of store."""

    factory: str
    """`module:function`, called with what follows the scheme and the durability."""
    install: str = ""


KINDS = {
    "memory": Kind("agentreplay.store.memory.store:open_memory"),
    "file": Kind("agentreplay.store.sqlite.store:open_folder"),
}


def open_store(address: str | Path, *, durability: Durability = "process") -> Store:
    """Open the store at an address: a folder, `file:` and a folder, or `memory:`."""
    scheme, colon, rest = str(address).partition(":")
    if isinstance(address, Path) or not colon or len(scheme) < 2:  # noqa: PLR2004 - one letter is a drive
        scheme, rest = "file", str(address)
    kind = KINDS.get(scheme)
    if kind is None:
        raise StoreUnknown(address=str(address), known=", ".join(f"{name}:" for name in KINDS))
    module, _, function = kind.factory.partition(":")
    factory = cast("Callable[[str, Durability], Store]", getattr(importlib.import_module(module), function))
    return factory(rest, durability)
