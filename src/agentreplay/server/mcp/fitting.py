"""Makes answers fit a budget of tokens: fewer items with a cursor to go on, then shorter texts.

How many tokens a text has depends on the model that reads it, so they are counted from above: no more than four
letters or two digits to a token, each sign by itself, and each byte of what is not ASCII.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import NamedTuple

import msgspec

from agentreplay.core.plain import Plain, plain
from agentreplay.errors import BudgetTooSmall
from agentreplay.model.values import is_list, is_map

__all__ = ["LEAST_BUDGET", "MOST_BUDGET", "USUAL_BUDGET", "Listing", "cut", "fit", "tokens"]

LEAST_BUDGET, USUAL_BUDGET, MOST_BUDGET = 200, 4_000, 100_000

_TOKEN = re.compile(r"\s?[A-Za-z]{1,4}|\s?[0-9]{1,2}|\s+|[^\sA-Za-z0-9]", re.ASCII)
_CUT = "…"


class _Measure(NamedTuple):
    """How much of a value is told."""

    letters: int
    entries: int
    depth: int


_MEASURES = (
    _Measure(4_000, 200, 32),
    _Measure(2_000, 100, 16),
    _Measure(1_000, 60, 12),
    _Measure(500, 40, 10),
    _Measure(250, 24, 8),
    _Measure(120, 16, 6),
    _Measure(60, 12, 5),
    _Measure(30, 8, 4),
    _Measure(16, 6, 3),
)
"""From the most to the least."""


@dataclass(frozen=True)
class Listing:
    """What a tool found: what is told once, and where there are several things, a page of them."""

    head: Mapping[str, object]
    items: Sequence[object] | None = None
    next: Callable[[int], str | None] = field(default=lambda _: None)
    """The cursor of what comes behind the first so many items, or None when nothing does."""


def tokens(text: str) -> int:
    """How many tokens the text has at most."""
    if text.isascii():
        return len(_TOKEN.findall(text))
    return sum(1 if piece.isascii() else len(piece.encode()) for piece in _TOKEN.findall(text))


def fit(found: Listing, budget: int) -> str:
    """The answer as JSON of no more tokens than the budget. Raises BudgetTooSmall."""
    head, items = plain(found.head), None if found.items is None else plain(list(found.items))
    for measure in _MEASURES:
        text = _told(found, _shortened(head, measure), _shortened_items(items, measure), budget)
        if text is not None:
            return text
    raise BudgetTooSmall(budget=budget)


def cut(text: str, budget: int) -> str:
    """As much of the beginning of the text as fits."""
    if tokens(text) <= budget:
        return text
    # A letter is never less than a quarter of a token, so this ends soon.
    text = text[: budget * 4]
    while text and tokens(text + _CUT) > budget:
        text = text[: len(text) * 7 // 8]
    return text + _CUT


def _told(found: Listing, head: Plain, items: list[Plain] | None, budget: int) -> str | None:
    """With as many items as fit; None when not even one does."""
    if items is None:
        text = _encoded(head)
        return text if tokens(text) <= budget else None
    whole = _encoded({**head, "items": items, "next": None})
    room = budget - tokens(_encoded({**head, "items": [], "next": None}))
    ends = accumulate(tokens(_encoded(item)) + 1 for item in items)
    many = len(items) if tokens(whole) <= budget else sum(end <= room for end in ends)
    # A cursor takes room as well, and how much is known when it is there.
    while many or not items:
        text = _encoded({**head, "items": items[:many], "next": found.next(many)})
        if tokens(text) <= budget:
            return text
        if not many:
            return None
        many = many * 7 // 8
    return None


def _shortened_items(items: list[Plain] | None, measure: _Measure) -> list[Plain] | None:
    # Of the items none is left out here: those that do not fit come with the next page.
    return None if items is None else [_shortened(item, measure) for item in items]


def _shortened(value: Plain, measure: _Measure) -> Plain:
    if isinstance(value, str):
        left = len(value) - measure.letters
        return value if left <= 0 else f"{value[: measure.letters]}{_CUT} {left} more characters"
    below = measure._replace(depth=measure.depth - 1)
    if is_list(value):
        if not measure.depth and value:
            return f"{_CUT} {len(value)} items"
        left = len(value) - measure.entries
        kept = [_shortened(item, below) for item in value[: measure.entries]]
        return kept if left <= 0 else [*kept, f"{_CUT} {left} more"]
    if is_map(value):
        if not measure.depth and value:
            return f"{_CUT} {len(value)} fields"
        left = len(value) - measure.entries
        fields = {_shortened(key, measure): _shortened(value[key], below) for key in islice(value, measure.entries)}
        return fields if left <= 0 else {**fields, _CUT: f"{left} more"}
    return value


def _encoded(value: Plain) -> str:
    return msgspec.json.encode(value).decode()
