"""Cursors as text: a few integers that name a place in one list."""

from agentreplay.errors import CursorInvalid, QueryInvalid
from agentreplay.model.page import Cursor, PageRequest

__all__ = ["check_limit", "make_cursor", "read_cursor"]

_MOST = 10_000


def make_cursor(*numbers: int) -> Cursor:
    """The cursor that names this place."""
    return Cursor(".".join(str(number) for number in numbers))


def read_cursor(cursor: Cursor, size: int) -> tuple[int, ...]:
    """The numbers a cursor was made of; raises CursorInvalid when it was not made of that many."""
    try:
        numbers = tuple(int(part) for part in cursor.split("."))
    except ValueError:
        numbers = ()
    if len(numbers) != size or any(abs(number) >= 1 << 64 for number in numbers):
        raise CursorInvalid(cursor=cursor[:80])
    return numbers


def check_limit(request: PageRequest) -> int:
    """The limit of a request, or QueryInvalid."""
    if not 1 <= request.limit <= _MOST:
        raise QueryInvalid(problem=f"the limit {request.limit} is not between 1 and {_MOST}")
    return request.limit
