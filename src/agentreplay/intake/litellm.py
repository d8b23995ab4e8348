"""Reads LiteLLM's price file, `model_prices_and_context_window.json`, into tables like those of `intake.prices`."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from agentreplay.intake.providers.wire import mapping, parse
from agentreplay.model.values import Value

__all__ = ["tables_of"]

_BUCKETS = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write_5m",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "input_cost_per_audio_token": "audio_in",
    "output_cost_per_audio_token": "audio_out",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_image_token": "image_in",
    "output_cost_per_image_token": "image_out",
}
_TIERS = {"flex": "flex", "priority": "priority", "batches": "batch"}
_STEP = re.compile(r"_above_(\d+)k_tokens$")
_PROVIDERS = {
    "bedrock_converse": "aws",
    "cohere_chat": "cohere",
    "text-completion-openai": "openai",
    "text-completion-codestral": "mistral",
}
_PER_MILLION = 10**15
"""A dollar for a token, in nano-dollars for a million of them."""
_DEAREST = 10**18


def tables_of(data: bytes) -> dict[str, Any]:
    """The prices in the file, by provider; nothing where it is no such file."""
    tables: dict[str, Any] = {}
    for name, told in mapping(parse(data)).items():
        entry = mapping(told)
        provider = _provider(entry)
        rates = _rates(entry, "")
        if not provider or not rates:
            continue
        variants = [[tier_rates, 0, None, tier] for key, tier in _TIERS.items() if (tier_rates := _rates(entry, key))]
        rules = [f"={spelling}" for spelling in _spellings(name.lower(), str(entry.get("litellm_provider")))]
        tables.setdefault(provider, {"models": []})["models"].append([rules, [[rates]], variants])
    return tables


def _provider(entry: Mapping[str, Value]) -> str:
    told = entry.get("litellm_provider")
    if not isinstance(told, str):
        return ""
    if told.startswith("vertex_ai") or told == "gemini":
        return "google"
    if told.startswith("azure"):
        return "azure"
    return _PROVIDERS.get(told, told.replace("bedrock", "aws") if told == "bedrock" else told)


def _spellings(name: str, provider: str) -> list[str]:
    """The model's name, with and without the provider in front of it."""
    vendor, slash, bare = name.partition("/")
    return [name, bare] if slash and bare and provider.lower().startswith(vendor) else [name]


def _rates(entry: Mapping[str, Value], tier: str) -> dict[str, Any]:
    rates: dict[str, Any] = {}
    steps: dict[str, list[tuple[int, int]]] = {}
    for key, told in entry.items():
        name = key.removesuffix(f"_{tier}") if tier else key
        if tier and name == key:
            continue
        rate = _rate(told)
        if rate is None:
            continue
        above = _STEP.search(name)
        bucket = _BUCKETS.get(_STEP.sub("", name))
        if bucket is not None and above is None:
            rates[bucket] = rate
        elif bucket is not None and above is not None:
            steps.setdefault(bucket, []).append((int(above[1]) * 1_000, rate))
    for bucket, told in steps.items():
        if bucket in rates:
            rates[bucket] = [rates[bucket], sorted(told)]
    return rates


def _rate(told: Value) -> int | None:
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told < _DEAREST / _PER_MILLION:
        return None
    # The file writes 3e-06 and means it: the shortest decimal that is the number, not the number itself.
    return int(Decimal(repr(told)) * _PER_MILLION)
