"""Answers fit their budget, whatever was recorded, and lose nothing but to the next page."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.errors import BudgetTooSmall
from agentreplay.server.mcp.fitting import LEAST_BUDGET, Listing, cut, fit, tokens

VALUES = st.recursive(
    st.none() | st.integers() | st.floats() | st.binary(max_size=9) | st.text(max_size=9).map(lambda text: text * 200),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(max_size=9), inner, max_size=9),
    max_leaves=8,
)
BUDGETS = st.integers(LEAST_BUDGET, 5_000)


def listing(items: list[Any], head: dict[str, Any] | None = None) -> Listing:
    return Listing(head or {}, items, lambda many: str(many) if many < len(items) else None)


@given(st.dictionaries(st.text(max_size=20), VALUES, max_size=4), st.none() | st.lists(VALUES, max_size=9), BUDGETS)
def test_no_answer_exceeds_its_budget(head: dict[str, Any], items: list[Any] | None, budget: int) -> None:
    """An error is an answer as well, where nothing fits."""
    found = Listing(head) if items is None else listing(items, head)

    try:
        text = fit(found, budget)
    except BudgetTooSmall:
        return

    assert tokens(text) <= budget
    json.loads(text)


@given(st.lists(st.text(max_size=400), max_size=40), BUDGETS)
def test_the_pages_together_hold_every_item_once(items: list[str], budget: int) -> None:
    start, seen = 0, 0

    while True:
        page = json.loads(fit(listing(items[start:]), budget))
        seen += len(page["items"])
        if page["next"] is None:
            break
        assert page["items"]
        start += int(page["next"])

    assert seen == len(items)


def test_what_fits_is_told_whole() -> None:
    found = listing([{"name": "x" * 300}, {"name": "y"}], {"of": "z"})

    assert json.loads(fit(found, 1_000)) == {"of": "z", "items": [{"name": "x" * 300}, {"name": "y"}], "next": None}


def test_long_texts_are_cut_only_where_not_one_item_fits() -> None:
    found = json.loads(fit(listing(["x" * 3_000, "y"]), LEAST_BUDGET))

    assert found["items"][0].endswith("more characters")
    assert found["items"][1] == "y"


def test_where_nothing_fits_it_says_so() -> None:
    def endless(many: int) -> str:
        return "9" * 1_000 + str(many)

    with pytest.raises(BudgetTooSmall):
        fit(Listing({}, ["x"], endless), LEAST_BUDGET)


@given(st.text(max_size=3_000), BUDGETS)
def test_a_text_is_cut_to_its_budget(text: str, budget: int) -> None:
    kept = cut(text, budget)

    assert tokens(kept) <= budget
    assert kept == text or (kept.endswith("…") and text.startswith(kept[:-1]))


@pytest.mark.parametrize(
    ("text", "most"), [("", 0), ("The order ships", 5), ("4bf92f3577b34da6", 10), ("注文", 6), ('{"a":1}', 7)]
)
def test_tokens_are_counted_from_above(text: str, most: int) -> None:
    assert tokens(text) == most
