"""Prices of one's own and of a further list are kept in the data folder, and used by whoever indexes."""

import json
from pathlib import Path

import pytest

from agentreplay.core.prices import FILE, book_of, fetch, listing, own_price, price_of, read, remove, set_price, sync
from agentreplay.errors import PriceMissing, ValueInvalid
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.usage import Usage

NOW = Nanoseconds(1_790_000_000 * SECOND)
ONE = Usage(input=1_000_000)


def cost(folder: Path, model: str, project: str = "p", at: Nanoseconds = NOW) -> int | None:
    quote = book_of(folder).quote("openai", model, at, project=project)
    return None if quote is None else quote.cost(ONE)


def test_a_price_of_ones_own_comes_before_the_public_one(tmp_path: Path) -> None:
    public = cost(tmp_path, "gpt-5-mini")

    set_price(tmp_path, own_price("gpt-5-mini", {"input": "0.1"}))

    assert public is not None
    assert public != 100_000_000
    assert cost(tmp_path, "gpt-5-mini") == 100_000_000


def test_the_nearer_price_counts(tmp_path: Path) -> None:
    later = Nanoseconds(NOW + SECOND)
    set_price(tmp_path, own_price("gpt-*", {"input": "1"}))
    set_price(tmp_path, own_price("gpt-5-mini", {"input": "2"}))
    set_price(tmp_path, own_price("gpt-5-mini", {"input": "3"}, since=later))
    set_price(tmp_path, own_price("gpt-5-mini", {"input": "4"}, project="q"))
    set_price(tmp_path, own_price("gpt-5-mini", {"input": "9"}, provider="azure"))

    assert cost(tmp_path, "gpt-5-nano") == 1 * 10**9
    assert cost(tmp_path, "gpt-5-mini") == 2 * 10**9
    assert cost(tmp_path, "gpt-5-mini", at=later) == 3 * 10**9
    assert cost(tmp_path, "gpt-5-mini", project="q") == 4 * 10**9


def test_a_price_set_again_takes_the_place_of_the_first_and_can_be_removed(tmp_path: Path) -> None:
    set_price(tmp_path, own_price("mine", {"input": "1"}))
    set_price(tmp_path, own_price("mine", {"input": "2"}))
    assert cost(tmp_path, "mine") == 2 * 10**9

    assert remove(tmp_path, "MINE") == 1
    assert cost(tmp_path, "mine") is None


def test_a_further_list_is_asked_last(tmp_path: Path) -> None:
    file = {name: {"litellm_provider": "openai", "input_cost_per_token": 1e-06} for name in ("gpt-5-mini", "brand-new")}
    before = cost(tmp_path, "gpt-5-mini")

    assert sync(tmp_path, json.dumps(file).encode(), "list.json", NOW) == 2

    assert cost(tmp_path, "gpt-5-mini") == before
    assert cost(tmp_path, "brand-new") == 10**9
    assert price_of(book_of(tmp_path), "openai", "brand-new", NOW).source == "list.json"
    assert [one.source for one in listing(book_of(tmp_path), "brand-new")] == ["further"]


def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    for dollars in ({}, {"lunch": "1"}, {"input": "much"}, {"input": "-1"}, {"input": "NaN"}, {"input": "1e30"}):
        with pytest.raises(ValueInvalid):
            own_price("m", dollars)
    with pytest.raises(ValueInvalid):
        sync(tmp_path, b"{}", "empty.json", NOW)
    with pytest.raises(ValueInvalid):
        fetch(str(tmp_path / "absent.json"))
    with pytest.raises(PriceMissing):
        price_of(book_of(tmp_path), "openai", "nobody-knows-me", NOW)


def test_a_damaged_file_is_told_to_who_changes_it_and_does_not_stop_who_indexes(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"{")

    assert cost(tmp_path, "gpt-5-mini") is not None
    with pytest.raises(ValueInvalid):
        read(tmp_path)
    with pytest.raises(ValueInvalid):
        set_price(tmp_path, own_price("m", {"input": "1"}))
