"""What a call cost, from the prices of its day.

`prices.json` holds public list prices, written by `python -m tools.prices`. It is read when the first price is
asked for, and of each provider only then what it charges.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import msgspec

from agentreplay.model.time import DAY, SECOND, Nanoseconds
from agentreplay.model.usage import NanoDollars, Usage

__all__ = ["cost"]

_BUCKETS = Usage.__struct_fields__
_PER = 1_000_000
"""A rate is in nano-dollars for so many tokens, which makes all of them whole numbers."""
_INSTEAD = {
    "cache_write_1h": "cache_write_5m",
    "cache_write_5m": "input",
    "cache_read": "input",
    "audio_in": "input",
    "image_in": "input",
    "reasoning": "output",
    "audio_out": "output",
    "image_out": "output",
}
"""Whose rate is paid for tokens that have none of their own."""
_TABLES = {
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "azure_openai": "azure",
    "aws.bedrock": "aws",
    "aws_bedrock": "aws",
    "bedrock": "aws",
    "fireworks_ai": "fireworks",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "gemini": "google",
    "google_genai": "google",
    "vertex_ai": "google",
    "mistral_ai": "mistral",
    "mistralai": "mistral",
    "moonshot": "moonshotai",
    "moonshot_ai": "moonshotai",
    "together_ai": "together",
    "voyage": "voyageai",
    "x_ai": "x-ai",
    "xai": "x-ai",
    "z-ai": "zai",
}
"""How OpenTelemetry and others call those whose name in the table is another."""

_Rule: TypeAlias = str | list[str]
_Rate: TypeAlias = int | tuple[int, list[tuple[int, int]]]

_compact_date = re.compile(r"([-@])(20\d\d)(\d\d)(\d\d)(?!\d)").sub
_date = re.compile(r"[-@](20\d\d-\d\d-\d\d|20\d{6}|latest)$").sub


class _Price(msgspec.Struct, frozen=True, array_like=True):
    """Rates by bucket: a number, or a number and those that hold beyond so many tokens read; None is not known."""

    rates: dict[str, _Rate | None]
    since: int = 0
    """In seconds since the epoch."""
    hours: tuple[int, int] | None = None
    """From when to when in the day, in seconds; over midnight when the end is smaller."""
    service_tier: str | None = None


class _Model(msgspec.Struct, frozen=True, array_like=True):
    rules: list[_Rule]
    """Any of which the model's id fulfils; a list inside wants all of its rules fulfilled."""
    prices: list[_Price]
    """The last one that holds at a time is charged; the first one if none does."""
    variants: list[_Price] = []
    """What replaces single rates in a service tier; the first one that holds."""


class _Table(msgspec.Struct, frozen=True):
    models: list[_Model]
    also: list[str] = []
    """Providers whose models are sold here too."""


def cost(
    provider: str, model: str, usage: Usage, at: Nanoseconds, *, service_tier: str | None = None
) -> NanoDollars | None:
    """What a call cost by the list prices at its time, rounded to the nano-dollar; None when they are not known."""
    found = _find(provider.lower(), model.lower())
    if found is None:
        return None
    rates = _rates(found, at, service_tier)
    if not rates:
        return None
    counts = usage.counts
    read = sum(counts) - usage.output - usage.reasoning - usage.audio_out - usage.image_out
    total = _at(rates.get("call") or 0, read)
    for bucket, tokens in zip(_BUCKETS, counts, strict=True):
        if tokens:
            rate = _rate(rates, bucket)
            if rate is None:
                return None
            total += tokens * _at(rate, read)
    return NanoDollars((total + _PER // 2) // _PER)


@lru_cache(1)
def _tables() -> dict[str, msgspec.Raw]:
    data = Path(__file__).with_name("prices.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, msgspec.Raw])


@lru_cache(None)
def _table(name: str) -> _Table | None:
    raw = _tables().get(name)
    return None if raw is None else msgspec.json.decode(raw, type=_Table)


@lru_cache(1024)
def _find(provider: str, model: str) -> _Model | None:
    name = _named(provider)
    vendor, _, bare = model.rpartition("/")
    # The last part of an ARN is the model, and Google calls its models models/….
    is_path = model.startswith("arn:") or vendor.endswith("models")
    places = [(name, model)]
    if vendor and (is_path or _named(vendor) == name):
        places.append((name, bare))
    elif vendor and name != "ollama":
        # A gateway in front of several vendors names each model with its vendor. What runs at home has no price.
        places.append((_named(vendor.rpartition("/")[2]), bare))
    for table_name, model_id in places:
        table = _table(table_name)
        for spelling in _spellings(model_id):
            if table and (found := _find_in(table, spelling)):
                return found
    return None


def _named(provider: str) -> str:
    return _TABLES.get(provider, provider)


def _find_in(table: _Table, model: str) -> _Model | None:
    others = (other for name in table.also if (other := _table(name)))
    for place in (table, *others):
        for candidate in place.models:
            if any(_fulfils(model, rule) for rule in candidate.rules):
                return candidate
    return None


def _spellings(model: str) -> Iterator[str]:
    """The id as it came, with its date as others write it, and without."""
    yield model
    dashed = _compact_date(r"\1\2-\3-\4", model)
    if dashed != model:
        yield dashed
    dateless = _date("", model)
    if dateless != model:
        yield dateless


def _fulfils(model: str, rule: _Rule) -> bool:
    if isinstance(rule, list):
        return all(_fulfils(model, part) for part in rule)
    kind, wanted = rule[0], rule[1:]
    match kind:
        case "=":
            return model == wanted
        case "^":
            return model.startswith(wanted)
        case "$":
            return model.endswith(wanted)
        case "*":
            return wanted in model
        case _:
            return re.search(wanted, model) is not None


def _rates(model: _Model, at: Nanoseconds, service_tier: str | None) -> dict[str, _Rate | None]:
    if len(model.prices) == 1 and not model.variants and not model.prices[0].since and not model.prices[0].hours:
        return model.prices[0].rates
    standard = next((price for price in reversed(model.prices) if _holds(price, at)), None)
    rates = (standard or model.prices[0]).rates if model.prices else {}
    for variant in reversed(model.variants):
        if variant.service_tier == service_tier and _holds(variant, at):
            rates = {**rates, **variant.rates}
    return rates


def _holds(price: _Price, at: Nanoseconds) -> bool:
    if at < price.since * SECOND:
        return False
    if price.hours is None:
        return True
    start, end = price.hours
    second = at % DAY // SECOND
    return start <= second < end if start <= end else (second >= start or second < end)


def _rate(rates: dict[str, _Rate | None], bucket: str) -> _Rate | None:
    while bucket not in rates and bucket in _INSTEAD:
        bucket = _INSTEAD[bucket]
    return rates.get(bucket)


def _at(rate: _Rate, read: int) -> int:
    """The rate for a call that read so much. Beyond a threshold all tokens have the other price."""
    if isinstance(rate, int):
        return rate
    base, steps = rate
    return next((price for start, price in reversed(steps) if read > start), base)
