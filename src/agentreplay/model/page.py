"""A stretch of a list, and where the next one begins."""

from typing import Generic, NewType, TypeVar

import msgspec

__all__ = ["Cursor", "Page", "PageRequest"]

Cursor = NewType("Cursor", str)
"""Opaque text that names a place in one list; valid for the same question only."""

T = TypeVar("T")


class PageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """How much, and from where."""

    limit: int = 50
    after: Cursor | None = None


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """Items in order; `next` is None on the last page."""

    items: tuple[T, ...]
    next: Cursor | None = None
