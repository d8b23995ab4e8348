"""The arguments that several tools take, with what is told of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, TypeVar

from msgspec import Meta

from agentreplay.errors import CursorInvalid
from agentreplay.model.page import Cursor, Page, PageRequest
from agentreplay.server.mcp.fitting import Listing

__all__ = ["After", "Limit", "Project", "SessionName", "SpanName", "following", "paged", "place_of"]

T = TypeVar("T")

SessionName = Annotated[
    str, Meta(min_length=1, description="The id of a session, so much of its beginning as is unique, or `last`.")
]
SpanName = Annotated[str, Meta(description="The name of a span, as lists have it: TRACE_ID/SPAN_ID.")]
Limit = Annotated[int, Meta(ge=1, le=500, description="How many items at most.")]
After = Annotated[str | None, Meta(description="The `next` of the page before, to the same question.")]
Project = Annotated[
    str | None,
    Meta(description="A project. Without it lists look into all of them, and ids are looked up in the usual one."),
]


def paged(
    head: Mapping[str, object],
    ask: Callable[[PageRequest], Page[T]],
    told: Callable[[T], object],
    limit: int,
    after: str | None,
) -> Listing:
    """A page of a list of the store. Its cursors are the store's own: for one behind fewer items it is asked again."""

    def page(many: int) -> Page[T]:
        return ask(PageRequest(limit=many, after=None if after is None else Cursor(after)))

    found = page(limit)

    def behind(many: int) -> str | None:
        if many == len(found.items):
            return found.next
        return page(many).next if many else after

    return Listing(head, [told(item) for item in found.items], behind)


def place_of(after: str | None) -> int:
    """The place in a list that a cursor made by `following` names. Raises CursorInvalid."""
    if after is None:
        return 0
    if not after.isascii() or not after.isdecimal() or len(after) > 9:  # noqa: PLR2004  # longer than any list
        raise CursorInvalid(cursor=after[:60])
    return int(after)


def following(start: int, total: Sequence[T] | int) -> Callable[[int], str | None]:
    """The cursors of a list that is counted: what comes behind so many items from `start` on."""
    length = total if isinstance(total, int) else len(total)
    return lambda many: str(start + many) if start + many < length else None
