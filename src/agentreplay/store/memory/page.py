"""Pages by keyset: a cursor holds the place of the last item, and the question it belongs to."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from blake3 import blake3

from agentreplay.errors import CursorInvalid, ValueInvalid
from agentreplay.model.page import Cursor, Page, PageRequest
from agentreplay.model.values import decode, encode
from agentreplay.store.cursors import check_limit

__all__ = ["take_page"]

T = TypeVar("T")


def take_page(
    items: Iterable[T], place: Callable[[T], tuple[Any, ...]], request: PageRequest, question: object
) -> Page[T]:
    """The part of the items that was asked for, ordered by their places, which are all different."""
    limit = check_limit(request)
    ordered = sorted(items, key=place)
    digest = blake3(encode(question)).digest(8)
    if request.after is not None:
        behind = _place(request.after, digest)
        ordered = [item for item in ordered if place(item) > behind]
    taken = tuple(ordered[:limit])
    more = len(ordered) > len(taken)
    return Page(items=taken, next=_cursor(place(taken[-1]), digest) if more else None)


def _cursor(place: tuple[Any, ...], digest: bytes) -> Cursor:
    return Cursor(urlsafe_b64encode(digest + encode(place)).decode())


def _place(cursor: Cursor, digest: bytes) -> tuple[Any, ...]:
    try:
        data = urlsafe_b64decode(cursor.encode())
        if data.startswith(digest):
            return tuple(decode(data.removeprefix(digest), list[Any]))
    except (ValueError, ValueInvalid):
        pass
    raise CursorInvalid(cursor=cursor[:80])
