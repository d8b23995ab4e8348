"""Keeps prices beside the public ones, in a file of the data folder, so that whoever indexes uses them.

The file is read without the database, because what counts the money never opens it, and replaced as a whole.
"""

import os
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from agentreplay.errors import PriceMissing, ValueInvalid
from agentreplay.folders import make_private
from agentreplay.intake.litellm import tables_of
from agentreplay.intake.price_book import BUCKETS, OWN, PUBLIC, Book, OwnPrice, Prices, Synced
from agentreplay.intake.prices import listed
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.platform import lock_file, sync_data, sync_folder

__all__ = [
    "FILE",
    "Beyond",
    "BucketPrice",
    "Listed",
    "Price",
    "book_of",
    "fetch",
    "listing",
    "own_price",
    "price_of",
    "read",
    "remove",
    "set_price",
    "stamp_of",
    "sync",
]

FILE = "prices.json"
"""Its name in the data folder."""

_LOCK = "prices.lock"
_PATIENCE = 10.0
_PAUSE = 0.02
_LARGEST = 64 << 20
_MILLION_TOKENS = 10**9
"""A dollar for a million tokens, in nano-dollars for as many."""
_DEAREST = 1 << 53


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A model with a price."""

    provider: str
    model: str
    source: str


class Beyond(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a call that reads more."""

    tokens: int
    rate: int


class BucketPrice(msgspec.Struct, frozen=True, kw_only=True):
    """What the tokens of one bucket cost, in nano-dollars for a million of them."""

    bucket: str
    rate: int | None
    """None where it is known that nobody knows it."""
    beyond: tuple[Beyond, ...] = ()


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What a model costs at a time."""

    provider: str
    model: str
    source: str
    since: Nanoseconds
    service_tier: str | None
    buckets: tuple[BucketPrice, ...]


def read(folder: Path) -> Prices:
    """What is kept beside the public prices; raises ValueInvalid when the file cannot be read."""
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Prices)
    except FileNotFoundError:
        return Prices()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueInvalid(what=f"the file of prices {str(path)!r}", problem=str(error)) from error


def book_of(folder: Path | None) -> Book:
    """The prices in force for a data folder. A file that cannot be read is left out: what was recorded comes first."""
    stamp = None if folder is None else stamp_of(folder)
    return PUBLIC if folder is None or stamp is None else _book(folder, stamp)


def stamp_of(folder: Path) -> tuple[int, int, int] | None:
    """What is another when the prices kept in a data folder are others; None where none are kept."""
    try:
        told = (folder / FILE).stat()
    except OSError:
        return None
    return told.st_mtime_ns, told.st_size, told.st_ino


@lru_cache(8)
def _book(folder: Path, _stamp: tuple[int, int, int]) -> Book:
    try:
        return Book(read(folder))
    except ValueInvalid:
        return PUBLIC


def own_price(
    model: str,
    dollars: Mapping[str, str],
    *,
    provider: str | None = None,
    project: str | None = None,
    since: Nanoseconds = Nanoseconds(0),  # noqa: B008 - a number
) -> OwnPrice:
    """A price from dollars for a million tokens, by bucket, and for a single `call`. Raises ValueInvalid."""
    if not model or not dollars:
        raise ValueInvalid(what="the price", problem="it names no model or no bucket; give for example input=3")
    rates: dict[str, int] = {}
    for bucket, text in dollars.items():
        if bucket not in BUCKETS:
            raise ValueInvalid(what=f"the bucket {bucket!r}", problem=f"it is none of {', '.join(BUCKETS)}")
        rates[bucket] = _rate(bucket, text)
    return OwnPrice(model=model, rates=rates, provider=provider, project=project, since=since // SECOND)


def set_price(folder: Path, price: OwnPrice) -> None:
    """Keep a price; one that was set before for the same from the same day on gives way."""
    with _changing(folder) as prices:
        own = [one for one in prices.own if _place(one) != _place(price)]
        _write(folder, msgspec.structs.replace(prices, own=(*own, price)))


def remove(folder: Path, model: str) -> int:
    """Forget what was set for a model, and say how many prices that were."""
    with _changing(folder) as prices:
        own = [one for one in prices.own if one.model.lower() != model.lower()]
        _write(folder, msgspec.structs.replace(prices, own=tuple(own)))
        return len(prices.own) - len(own)


def sync(folder: Path, data: bytes, origin: str, now: Nanoseconds) -> int:
    """Keep LiteLLM's price file as a further list, in place of the one before; returns how many models it prices."""
    tables = tables_of(data)
    models = sum(len(table["models"]) for table in tables.values())
    if not models:
        raise ValueInvalid(what=f"the price file {origin!r}", problem="it holds no prices as LiteLLM's file does")
    with _changing(folder) as prices:
        _write(folder, msgspec.structs.replace(prices, synced=Synced(origin=origin, at=now, tables=tables)))
    return models


def fetch(source: str) -> bytes:
    """A price file, from a path or from an address. Raises ValueInvalid."""
    scheme = urlsplit(source).scheme
    try:
        if scheme in {"http", "https"}:
            # With TLS and all, it takes as long to load as everything else that counting the money needs.
            from urllib.request import Request, urlopen  # start-up

            asked = Request(source, headers={"accept": "application/json"})  # noqa: S310 - one of the two
            with urlopen(asked, timeout=30) as answer:  # noqa: S310 - as above
                data: bytes = answer.read(_LARGEST + 1)
        else:
            path = Path(source).expanduser()
            data = path.read_bytes() if path.stat().st_size <= _LARGEST else bytes(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise ValueInvalid(what=f"the price file {source!r}", problem=str(error)) from error
    if len(data) > _LARGEST:
        raise ValueInvalid(what=f"the price file {source!r}", problem=f"it is larger than {_LARGEST} bytes")
    return data


def price_of(  # noqa: PLR0913 - what a price depends on
    book: Book, provider: str, model: str, at: Nanoseconds, *, tier: str | None = None, project: str | None = None
) -> Price:
    """What a model costs at a time; raises PriceMissing."""
    quote = book.quote(provider, model, at, service_tier=tier, project=project)
    if quote is None:
        raise PriceMissing(model=model, provider=provider)
    buckets: list[BucketPrice] = []
    for bucket, rate in quote.rates.items():
        base, steps = (rate, []) if rate is None or isinstance(rate, int) else rate
        beyond = tuple(Beyond(tokens=tokens, rate=price) for tokens, price in steps)
        buckets.append(BucketPrice(bucket=bucket, rate=base, beyond=beyond))
    return Price(
        provider=provider,
        model=model,
        source=quote.source,
        since=Nanoseconds(quote.since * SECOND),
        service_tier=quote.service_tier,
        buckets=tuple(buckets),
    )


def listing(book: Book, wanted: str = "") -> list[Listed]:
    """The models with a price whose name or provider holds this text."""
    found = [Listed(provider=own.provider or "*", model=own.model, source=OWN) for own in book.kept.own]
    for prices, source in ((listed(), "list"), (book.further, "further")):
        if prices is not None:
            found += [
                Listed(provider=name, model=model, source=source)
                for name in prices.providers
                for model in prices.models(name)
            ]
    text = wanted.lower()
    return [one for one in found if text in one.model.lower() or text in one.provider.lower()]


def _place(price: OwnPrice) -> tuple[str, str | None, str | None, int]:
    return (price.model.lower(), price.provider, price.project, price.since)


def _rate(bucket: str, text: str) -> int:
    try:
        dollars = Decimal(text)
    except InvalidOperation:
        dollars = Decimal("NaN")
    # What is charged for a call is told for one call, and kept for a million like the rest.
    rate = dollars * _MILLION_TOKENS * (10**6 if bucket == "call" else 1)
    if not dollars.is_finite() or not 0 <= rate < _DEAREST:
        raise ValueInvalid(what=f"the price of {bucket}", problem=f"{text!r} is no amount of dollars")
    return int(rate)


@contextmanager
def _changing(folder: Path) -> Generator[Prices]:
    """What is kept, while nobody else changes it."""
    make_private(folder)
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + _PATIENCE
    try:
        while not lock_file(descriptor):
            if time.monotonic() > deadline:
                raise ValueInvalid(what="the prices", problem="another process is changing them; try again")
            time.sleep(_PAUSE)
        yield read(folder)
    finally:
        os.close(descriptor)


def _write(folder: Path, prices: Prices) -> None:
    draft = folder / f"{FILE}.new"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(prices))
        file.flush()
        sync_data(file.fileno())
    draft.replace(folder / FILE)
    sync_folder(folder)
