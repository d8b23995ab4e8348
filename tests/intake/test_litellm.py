"""LiteLLM's price file is a list of prices like any other."""

import json

import msgspec
import pytest

from agentreplay.intake.litellm import tables_of
from agentreplay.intake.prices import PriceList
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import Usage

MILLION = 1_000_000
FILE = {
    "sample_spec": {"litellm_provider": "one of https://docs.litellm.ai/docs/providers", "mode": "chat"},
    "new-model": {
        "litellm_provider": "openai",
        "input_cost_per_token": 1.25e-06,
        "input_cost_per_token_above_200k_tokens": 2.5e-06,
        "input_cost_per_token_flex": 6.25e-07,
        "cache_read_input_token_cost": 1.25e-07,
        "output_cost_per_token": 1e-05,
    },
    "azure/new-model": {"litellm_provider": "azure", "input_cost_per_token": 2e-06, "output_cost_per_token": 3e-06},
    "vertex_ai/new": {"litellm_provider": "vertex_ai-language-models", "input_cost_per_token": 1e-06},
    "free": {"litellm_provider": "openai", "max_tokens": 5},
    "odd": {"litellm_provider": 7, "input_cost_per_token": 1},
    "odder": [1],
    "oddest": {"litellm_provider": "openai", "input_cost_per_token": "much", "output_cost_per_token": -1},
}


@pytest.fixture
def prices() -> PriceList:
    tables = tables_of(json.dumps(FILE).encode())
    return PriceList("file", {name: msgspec.Raw(msgspec.json.encode(table)) for name, table in tables.items()})


@pytest.mark.parametrize(
    ("provider", "model", "usage", "tier", "cost"),
    [
        ("openai", "new-model", Usage(input=MILLION // 10, output=MILLION), None, 10_125_000_000),
        ("openai", "new-model", Usage(cache_read=100), None, 12_500),
        ("openai", "new-model", Usage(input=300_000), None, 750_000_000),
        ("openai", "new-model", Usage(input=100), "flex", 62_500),
        ("azure.ai.openai", "new-model", Usage(input=1), None, 2_000),
        ("gcp.vertex_ai", "new", Usage(input=1), None, 1_000),
    ],
)
def test_a_model_costs_what_the_file_says(
    prices: PriceList, provider: str, model: str, usage: Usage, tier: str | None, cost: int
) -> None:
    quote = prices.quote(provider, model, Nanoseconds(0), service_tier=tier)

    assert quote is not None
    assert quote.source == "file"
    assert quote.cost(usage) == cost


def test_what_has_no_price_is_left_out(prices: PriceList) -> None:
    assert prices.models("openai") == ["new-model"]


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"a": 1}', b"\xff"])
def test_another_file_holds_no_prices(data: bytes) -> None:
    assert tables_of(data) == {}
