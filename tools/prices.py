"""Write src/agentreplay/intake/prices.json from the prices that the package `genai-prices` collects.

Run it where that package is installed, which needs not be the environment of this project:

    python -m tools.prices
"""

import json
from datetime import UTC, datetime, time
from decimal import Decimal
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "src" / "agentreplay" / "intake" / "prices.json"

BUCKETS = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write_5m",
    "cache_write_5m_mtok": "cache_write_5m",
    "cache_write_1h_mtok": "cache_write_1h",
    "input_audio_mtok": "audio_in",
    "output_audio_mtok": "audio_out",
    "input_image_mtok": "image_in",
    "output_image_mtok": "image_out",
    "output_reasoning_mtok": "reasoning",
    "requests_kcount": "call",
}
SIGNS = {"equals": "=", "starts_with": "^", "ends_with": "$", "contains": "*", "regex": "~"}
NANO = 1_000_000_000
# Anthropic's price list: what is kept for an hour costs twice as much to write as to read afresh.
HOUR_LONG = 2


def main() -> None:
    providers = import_module("genai_prices.data").providers
    # Hugging Face passes calls on to others, and none of our names for a provider leads there.
    tables = {provider.id: table(provider) for provider in providers if not provider.id.startswith("huggingface")}
    rows = [f"{json.dumps(name)}:{json.dumps(tables[name], separators=(',', ':'))}" for name in sorted(tables)]
    TARGET.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
    models = sum(len(found["models"]) for found in tables.values())
    print(f"{TARGET.name}: {models} models of {len(tables)} providers, from genai-prices {version('genai-prices')}")


def table(provider: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"models": [model(provider, info) for info in provider.models]}
    if provider.fallback_model_providers:
        found["also"] = list(provider.fallback_model_providers)
    return found


def model(provider: Any, info: Any) -> list[Any]:
    is_claude = provider.id == "anthropic" or "claude" in info.id.lower()
    listed = info.prices if isinstance(info.prices, list) else [info]
    # Sound always costs more than text in these models, so a price for text says nothing about it.
    speaks = any(word in info.id for word in ("audio", "realtime"))
    prices = [
        price(entry.prices, getattr(entry, "constraint", None), is_claude=is_claude, speaks=speaks) for entry in listed
    ]
    found = [rules(info.match), prices]
    variants = [
        shortened([*full(variant.prices, variant.constraint, is_claude=is_claude), variant.when["service_tier"]])
        for variant in info.price_variants or ()
        if variant.when.keys() == {"service_tier"} and rates(variant.prices, is_claude=is_claude)
    ]
    if info.id.endswith(":free") and not any(entry[0] for entry in prices):
        prices[:] = [[{"input": 0, "output": 0}]]
    return [*found, variants] if variants else found


def price(prices: Any, constraint: Any, *, is_claude: bool, speaks: bool) -> list[Any]:
    return shortened(full(prices, constraint, is_claude=is_claude, speaks=speaks))


def full(prices: Any, constraint: Any, *, is_claude: bool, speaks: bool = False) -> list[Any]:
    since, hours = 0, None
    if constraint is not None and hasattr(constraint, "start_date"):
        since = int(datetime.combine(constraint.start_date, time(), UTC).timestamp())
    elif constraint is not None:
        hours = [second(constraint.start_time), second(constraint.end_time)]
    return [rates(prices, is_claude=is_claude, speaks=speaks), since, hours]


def shortened(entry: list[Any]) -> list[Any]:
    """Without the values at the end that are the usual ones."""
    while len(entry) > 1 and not entry[-1]:
        entry = entry[:-1]
    return entry


def rates(prices: Any, *, is_claude: bool, speaks: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {
        bucket: rate(given, key) for key, bucket in BUCKETS.items() if (given := getattr(prices, key)) is not None
    }
    if is_claude and "cache_write_5m" in found and "cache_write_1h" not in found and "input" in found:
        found["cache_write_1h"] = doubled(found["input"])
    if speaks and found:
        found = {"audio_in": None, "audio_out": None} | found
    return found


def rate(given: Any, key: str) -> int | list[Any]:
    if isinstance(given, Decimal):
        return whole(given * (1000 if key == "requests_kcount" else 1))
    return [rate(given.base, key), [[tier.start, rate(tier.price, key)] for tier in given.tiers]]


def doubled(given: int | list[Any]) -> int | list[Any]:
    if isinstance(given, int):
        return given * HOUR_LONG
    return [given[0] * HOUR_LONG, [[start, price * HOUR_LONG] for start, price in given[1]]]


def whole(dollars: Decimal) -> int:
    """Nano-dollars; some prices were divided by somebody and do not come out even."""
    return round(dollars * NANO)


def second(of_day: time) -> int:
    at = datetime.combine(datetime(2000, 1, 1, tzinfo=UTC), of_day.replace(tzinfo=of_day.tzinfo or UTC))
    at = at.astimezone(UTC)
    return at.hour * 3600 + at.minute * 60 + at.second


def rules(match: Any) -> list[Any]:
    return [rule(part) for part in match.or_] if hasattr(match, "or_") else [rule(match)]


def rule(match: Any) -> Any:
    if hasattr(match, "and_"):
        return [rule(part) for part in match.and_]
    ((kind, wanted),) = vars(match).items()
    return SIGNS[kind] + (wanted if kind == "regex" else wanted.lower())


if __name__ == "__main__":
    main()
