"""The changes of a collection, the newest first: behind each of them it was what it was until the next."""

import msgspec

from agentreplay.core.state import latest
from agentreplay.errors import CursorInvalid
from agentreplay.model.fact import Author, FactPosition, Transaction
from agentreplay.model.memory import CollectionKey
from agentreplay.model.page import Cursor, Page, PageRequest
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Facts

__all__ = ["MemoryChange", "changes"]


class MemoryChange(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction that wrote to a collection, by what it came to."""

    position: FactPosition
    changed: Nanoseconds
    written: int
    """How many records it gave a new version,"""
    removed: int
    """and how many it took out."""
    author: Author | None
    """The span that did it; None outside of any recording."""


def changes(facts: Facts, collection: CollectionKey, request: PageRequest) -> Page[MemoryChange]:
    """A page of them, from the newest on or behind the cursor of the page before. Raises CursorInvalid."""
    until = None if request.after is None else FactPosition(_place(request.after) - 1)
    found = latest(facts, collection.state, request.limit + 1, until)[::-1]
    items = tuple(map(_told, found[: request.limit]))
    return Page(items=items, next=Cursor(str(items[-1].position)) if len(found) > request.limit else None)


def _told(entry: Transaction) -> MemoryChange:
    removed = sum(done.is_deleted for done in entry.operations)
    return MemoryChange(
        position=entry.position,
        changed=entry.committed,
        written=len(entry.operations) - removed,
        removed=removed,
        author=entry.author,
    )


def _place(cursor: str) -> int:
    if cursor.isascii() and cursor.isdigit() and 0 < int(cursor) < 1 << 63:
        return int(cursor)
    raise CursorInvalid(cursor=cursor[:40])
