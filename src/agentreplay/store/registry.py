"""Finds by name what the store does not import: stores by their address, and readers of foreign frames by kind.

Each kind of store names its class and, where one is needed, what to install.
"""

import importlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple, cast

from agentreplay.errors import StoreUnknown
from agentreplay.model.batch import Batch
from agentreplay.settings import Durability
from agentreplay.store.journal.frame import CALL, CALL_VERSION, REQUEST
from agentreplay.store.journal.packing import HOOK, HOOK_VERSION
from agentreplay.store.protocol import Store

__all__ = ["FRAMES", "KINDS", "Kind", "frame_reader", "open_store"]


class Kind(NamedTuple):
    """One kind of store."""

    factory: str
    """`module:function`, called with what follows the scheme and the durability."""
    install: str = ""


KINDS = {
    "memory": Kind("agentreplay.store.memory.store:open_memory"),
    "file": Kind("agentreplay.store.sqlite.store:open_folder"),
}

FRAMES = {
    (REQUEST, 1): "agentreplay.core.ingest:batch_of_request",
    (CALL, CALL_VERSION): "agentreplay.core.calls:batch_of_call",
    (HOOK, HOOK_VERSION): "agentreplay.core.hooks:batch_of_hook",
}
"""Who makes a batch of the payload of a frame, by its kind and version. Batches themselves need nobody.

Called with the payload and the data folder, where settings lie that the reading depends on, such as prices."""


def open_store(address: str | Path, *, durability: Durability = "process") -> Store:
    """Open the store at an address: a folder, `file:` and a folder, or `memory:`."""
    scheme, colon, rest = str(address).partition(":")
    if isinstance(address, Path) or not colon or len(scheme) < 2:  # noqa: PLR2004 - one letter is a drive
        scheme, rest = "file", str(address)
    kind = KINDS.get(scheme)
    if kind is None:
        raise StoreUnknown(address=str(address), known=", ".join(f"{name}:" for name in KINDS))
    factory = cast("Callable[[str, Durability], Store]", _named(kind.factory))
    return factory(rest, durability)


def frame_reader(kind: int, version: int) -> Callable[[bytes, Path | None], Batch] | None:
    """What makes a batch of the payload of such a frame, or None when nobody knows how."""
    name = FRAMES.get((kind, version))
    return None if name is None else cast("Callable[[bytes, Path | None], Batch]", _named(name))


@cache
def _named(name: str) -> object:
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)
