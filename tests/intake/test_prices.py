"""A call costs what the provider charged for such a call on that day."""

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake import prices
from agentreplay.intake.prices import cost
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.usage import NO_USAGE, Usage

MILLION = 1_000_000
DOLLAR = 1_000_000_000


def at(year: int, month: int, day: int, hour: int = 0) -> Nanoseconds:
    return Nanoseconds(int(datetime(year, month, day, hour, tzinfo=UTC).timestamp()) * SECOND)


LATELY = at(2026, 9, 1)


@pytest.mark.parametrize(
    ("bucket", "dollars"),
    [
        ("input", 3.0),
        ("cache_read", 0.3),
        ("cache_write_5m", 3.75),
        ("cache_write_1h", 6.0),
        ("output", 15.0),
        ("reasoning", 15.0),
        ("image_in", 3.0),
    ],
)
def test_each_bucket_has_its_price(bucket: str, dollars: float) -> None:
    charged = cost("anthropic", "claude-3-7-sonnet-20250219", Usage(**{bucket: MILLION}), LATELY)

    assert charged == round(dollars * DOLLAR)


def test_audio_has_a_price_of_its_own() -> None:
    assert cost("gcp.gemini", "gemini-2.5-flash", Usage(audio_in=MILLION), LATELY) == DOLLAR
    assert cost("gcp.gemini", "gemini-2.5-flash", Usage(input=MILLION), LATELY) == 300_000_000


def test_sound_is_not_charged_as_text_where_its_price_is_not_known() -> None:
    assert cost("openai", "gpt-4o-audio-preview", Usage(input=MILLION), LATELY) == 2_500_000_000
    assert cost("openai", "gpt-4o-audio-preview", Usage(audio_in=MILLION), LATELY) is None


def test_prices_change_with_the_day() -> None:
    usage = Usage(input=MILLION, output=MILLION)

    assert cost("openai", "o3", usage, at(2025, 6, 9)) == 50 * DOLLAR
    assert cost("openai", "o3", usage, at(2025, 6, 10)) == 10 * DOLLAR


def test_prices_change_with_the_hour() -> None:
    usage = Usage(input=MILLION)

    day = cost("deepseek", "deepseek-chat", usage, at(2025, 5, 1, 12))
    night = cost("deepseek", "deepseek-chat", usage, at(2025, 5, 1, 20))

    assert day is not None
    assert night is not None
    assert day > night


def test_a_long_context_costs_more_for_all_its_tokens() -> None:
    at_most = Usage(input=200_000, output=1_000)
    beyond = Usage(input=100_000, cache_read=100_001, output=1_000)

    assert cost("gcp.gemini", "gemini-2.5-pro", at_most, LATELY) == 260_000_000
    assert cost("gcp.gemini", "gemini-2.5-pro", beyond, LATELY) == 250_000_000 + 100_001 * 250 + 15_000_000


def test_a_service_tier_has_its_price() -> None:
    usage = Usage(input=MILLION, output=MILLION)

    assert cost("openai", "o3", usage, at(2026, 11, 1), service_tier="flex") == 5 * DOLLAR
    assert cost("openai", "o3", usage, at(2026, 11, 1), service_tier="default") == 10 * DOLLAR


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-4o-mini"),
        ("OpenAI", "GPT-4o-mini"),
        ("openai", "gpt-4o-mini-2024-07-18"),
        ("openai", "gpt-4o-mini-20240718"),
        ("openai", "gpt-4o-mini-2031-01-01"),
        ("openai", "openai/gpt-4o-mini"),
        ("azure.ai.openai", "gpt-4o-mini"),
        ("openrouter", "openai/gpt-4o-mini"),
        ("a-gateway", "openai/gpt-4o-mini"),
    ],
)
def test_a_model_is_found_by_each_of_its_names(provider: str, model: str) -> None:
    assert cost(provider, model, Usage(input=MILLION), LATELY) == 150_000_000


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("gcp.vertex_ai", "claude-sonnet-4-5@20250929"),
        ("gcp.gemini", "models/gemini-2.0-flash"),
        ("aws.bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("aws.bedrock", "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("mistral_ai", "mistral-large-latest"),
        ("deepseek", "deepseek-reasoner"),
        ("x_ai", "grok-3-mini"),
        ("groq", "llama-3.3-70b-versatile"),
        ("moonshot_ai", "kimi-k2-0905-preview"),
        ("perplexity", "sonar-pro"),
        ("openai", "text-embedding-3-small"),
    ],
)
def test_models_of_many_providers_are_found(provider: str, model: str) -> None:
    assert (cost(provider, model, Usage(input=1_000), LATELY) or 0) > 0


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "my-own-model"),
        ("openai", ""),
        ("nobody", "gpt-4o"),
        ("ollama", "openai/gpt-4o"),
        ("", "/"),
        ("", ""),
    ],
)
def test_what_is_not_known_has_no_price(provider: str, model: str) -> None:
    assert cost(provider, model, Usage(input=1), LATELY) is None


def test_tokens_without_a_price_make_the_cost_unknown() -> None:
    assert cost("openai", "text-embedding-3-small", Usage(output=1), LATELY) is None


def test_what_is_free_costs_nothing() -> None:
    assert cost("openrouter", "deepseek/deepseek-r1:free", Usage(input=5, output=5), LATELY) == 0
    assert cost("openai", "gpt-4o", NO_USAGE, LATELY) == 0


@given(st.text(), st.text())
def test_no_name_raises(provider: str, model: str) -> None:
    cost(provider, model, Usage(input=1), LATELY)
    cost("openrouter", model, Usage(input=1), LATELY)


def test_the_whole_table_can_be_read() -> None:
    names = prices.listed().providers

    tables = {name: prices.listed()._table(name) for name in names}

    assert all(table is not None and set(table.also) <= set(names) for table in tables.values())
    assert set(prices._TABLES.values()) <= set(names)


def test_every_rate_is_for_a_bucket() -> None:
    known = {*Usage.__struct_fields__, "call"}

    for name in prices.listed().providers:
        table: Any = prices.listed()._table(name)
        entries = [price for model in table.models for price in [*model.prices, *model.variants]]
        assert {bucket for price in entries for bucket in price.rates} <= known, name


def test_nothing_is_read_before_a_price_is_asked_for() -> None:
    program = "from agentreplay.intake import prices; print(prices.listed.cache_info().currsize)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "0"
