"""What a call cost, from the prices of its day.

`prices.json` holds public list prices, written by `python -m tools.prices`. It is read when the first price is
asked for, and of each provider only then what it charges.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

import msgspec
import msgspec.structs

from agentreplay.model.time import DAY, SECOND, Nanoseconds
from agentreplay.model.usage import NanoDollars, Usage

__all__ = ["BATCH", "Part", "PriceList", "Quote", "Rate", "cost", "listed", "same_provider"]

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

BATCH = "batch"
"""The service tier of what is asked in a batch."""
_HALF_IN_BATCHES = frozenset({"anthropic", "aws", "azure", "google", "mistral", "openai"})
"""The tables of those who charge half in batches, where a list does not say what it is exactly."""

_Rule: TypeAlias = str | list[str]
Rate: TypeAlias = int | tuple[int, list[tuple[int, int]]]

_compact_date = re.compile(r"([-@])(20\d\d)(\d\d)(\d\d)(?!\d)").sub
_date = re.compile(r"[-@](20\d\d-\d\d-\d\d|20\d{6}|latest)$").sub


class _Price(msgspec.Struct, frozen=True, array_like=True):
    """Rates by bucket: a number, or a number and those that hold beyond so many tokens read; None is not known."""

    rates: dict[str, Rate | None]
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


class Part(NamedTuple):
    """What tokens of one bucket cost."""

    bucket: str
    tokens: int
    rate: int
    """In nano-dollars for a million tokens."""
    paid_as: str
    """The bucket whose rate it is: its own, or the one that is paid where it has none."""


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """What a model cost at a time, and who says so."""

    source: str
    """`list` for the public prices that come with the program, `own`, or where a further list came from."""
    since: int
    """From when on, in seconds since the epoch; 0 where nobody says."""
    service_tier: str | None
    """The tier whose prices these are; None for those that everybody pays."""
    rates: dict[str, Rate | None]

    def parts(self, usage: Usage) -> list[Part] | None:
        """What each bucket costs, and the call itself (as 1,000,000 tokens); None when a price is not known."""
        counts = usage.counts
        # Beyond a threshold of what was read all tokens have another price.
        read = sum(counts) - usage.output - usage.reasoning - usage.audio_out - usage.image_out
        parts: list[Part] = []
        for bucket, tokens in zip(_BUCKETS, counts, strict=True):
            if tokens:
                paid_as = _paid_as(self.rates, bucket)
                rate = self.rates.get(paid_as)
                if rate is None:
                    return None
                parts.append(Part(bucket, tokens, _at(rate, read), paid_as))
        if call := _at(self.rates.get("call") or 0, read):
            parts.append(Part("call", 1, call, "call"))
        return parts

    def cost(self, usage: Usage) -> NanoDollars | None:
        """What the usage costs, rounded to the nano-dollar; None when a price is not known."""
        # As `parts` has it, without naming each part: this is asked for every call that is taken in.
        counts, rates = usage.counts, self.rates
        read = sum(counts) - usage.output - usage.reasoning - usage.audio_out - usage.image_out
        total = _at(rates.get("call") or 0, read)
        for bucket, tokens in zip(_BUCKETS, counts, strict=True):
            if tokens:
                rate = rates.get(_paid_as(rates, bucket))
                if rate is None:
                    return None
                total += tokens * _at(rate, read)
        return NanoDollars((total + _PER // 2) // _PER)


class PriceList:
    """The prices of one source, provider by provider; each is read when it is asked for."""

    def __init__(self, source: str, tables: Mapping[str, msgspec.Raw]) -> None:
        self._source = source
        self._raw = tables
        self._table = lru_cache(None)(self._read_table)
        self._find = lru_cache(1024)(self._find_uncached)
        self._known = lru_cache(1024)(self._known_uncached)

    @property
    def providers(self) -> list[str]:
        """Who has prices here."""
        return sorted(self._raw)

    def models(self, provider: str) -> list[str]:
        """The rules by which the models of a provider are known here, one text for each model."""
        table = self._table(_named(provider))
        return [] if table is None else [" or ".join(map(_spelled, model.rules)) for model in table.models]

    def quote(self, provider: str, model: str, at: Nanoseconds, *, service_tier: str | None = None) -> Quote | None:
        """The prices of a model at a time; None when they are not known."""
        constant, found = self._known(provider, model, service_tier)
        quote = constant if found is None else _quoted(self._source, found, at, service_tier)
        is_half = service_tier == BATCH and quote is not None and quote.service_tier is None
        return _halved(quote) if is_half and quote and _named(provider) in _HALF_IN_BATCHES else quote

    def _known_uncached(
        self, provider: str, model: str, service_tier: str | None
    ) -> tuple[Quote | None, _Model | None]:
        """The quote where it is always the same, which is nearly always; else the model, to be asked at each time."""
        found = self._find(provider.lower(), model.lower())
        if found is None:
            return None, None
        held = [*found.prices, *[one for one in found.variants if one.service_tier == service_tier]]
        if any(one.since or one.hours for one in held):
            return None, found
        return _quoted(self._source, found, Nanoseconds(0), service_tier), None

    def _read_table(self, name: str) -> _Table | None:
        raw = self._raw.get(name)
        return None if raw is None else msgspec.json.decode(raw, type=_Table)

    def _find_uncached(self, provider: str, model: str) -> _Model | None:
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
            table = self._table(table_name)
            for spelling in _spellings(model_id):
                if table and (found := self._find_in(table, spelling)):
                    return found
        return None

    def _find_in(self, table: _Table, model: str) -> _Model | None:
        others = (other for name in table.also if (other := self._table(name)))
        for place in (table, *others):
            for candidate in place.models:
                if any(_fulfils(model, rule) for rule in candidate.rules):
                    return candidate
        return None


def cost(
    provider: str, model: str, usage: Usage, at: Nanoseconds, *, service_tier: str | None = None
) -> NanoDollars | None:
    """What a call cost by the public prices at its time; None when they are not known."""
    found = listed().quote(provider, model, at, service_tier=service_tier)
    return None if found is None else found.cost(usage)


@lru_cache(1)
def listed() -> PriceList:
    """The public prices that come with the program."""
    data = Path(__file__).with_name("prices.json").read_bytes()
    return PriceList("list", msgspec.json.decode(data, type=dict[str, msgspec.Raw]))


def same_provider(one: str, other: str) -> bool:
    """Whether two names mean the same provider."""
    return _named(one.lower()) == _named(other.lower())


def _named(provider: str) -> str:
    return _TABLES.get(provider, provider)


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


def _spelled(rule: _Rule) -> str:
    if isinstance(rule, list):
        return " and ".join(map(_spelled, rule))
    shapes = {"=": "{}", "^": "{}*", "$": "*{}", "*": "*{}*"}
    return shapes.get(rule[0], "/{}/").format(rule[1:])


def _quoted(source: str, model: _Model, at: Nanoseconds, service_tier: str | None) -> Quote | None:
    standard = next((price for price in reversed(model.prices) if _holds(price, at)), None)
    if standard is None:
        standard = model.prices[0] if model.prices else _Price({})
    rates, since, tier = standard.rates, standard.since, None
    for variant in reversed(model.variants):
        if variant.service_tier == service_tier and _holds(variant, at):
            rates, since, tier = {**rates, **variant.rates}, max(since, variant.since), service_tier
    if not rates:
        return None
    return Quote(source=source, since=since, service_tier=tier, rates=rates)


def _halved(quote: Quote) -> Quote:
    rates: dict[str, Rate | None] = {}
    for bucket, rate in quote.rates.items():
        if isinstance(rate, tuple | list):
            rates[bucket] = rate[0] // 2, [(tokens, price // 2) for tokens, price in rate[1]]
        else:
            rates[bucket] = None if rate is None else rate // 2
    return msgspec.structs.replace(quote, rates=rates, service_tier=BATCH)


def _holds(price: _Price, at: Nanoseconds) -> bool:
    if at < price.since * SECOND:
        return False
    if price.hours is None:
        return True
    start, end = price.hours
    second = at % DAY // SECOND
    return start <= second < end if start <= end else (second >= start or second < end)


def _paid_as(rates: Mapping[str, Rate | None], bucket: str) -> str:
    while bucket not in rates and bucket in _INSTEAD:
        bucket = _INSTEAD[bucket]
    return bucket


def _at(rate: Rate, read: int) -> int:
    """The rate for a call that read so much. Beyond a threshold all tokens have the other price."""
    if isinstance(rate, int):
        return rate
    base, steps = rate
    return next((price for start, price in reversed(steps) if read > start), base)
