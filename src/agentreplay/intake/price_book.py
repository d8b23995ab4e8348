"""All prices in force: those somebody set, the public ones that come with the program, and those of a further list.

They are asked in this order. What is set for a project comes before what is set for all of them.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from agentreplay.intake.prices import PriceList, Quote, listed, same_provider
from agentreplay.model.time import SECOND, Nanoseconds

__all__ = ["BUCKETS", "OWN", "PUBLIC", "Book", "OwnPrice", "Prices", "Synced"]

OWN = "own"
BUCKETS = (
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "audio_in",
    "audio_out",
    "image_in",
    "image_out",
    "call",
)
"""What may have a price: each bucket of tokens, and a call as such."""


class OwnPrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody said a model costs."""

    model: str
    """Its name, or a beginning and `*`."""
    rates: dict[str, int]
    """In nano-dollars for a million tokens, by bucket; of a call as such for a million calls."""
    provider: str | None = None
    """None: whoever sells it."""
    project: str | None = None
    """None: in all projects."""
    since: int = 0
    """From when on, in seconds since the epoch."""

    def holds_for(self, project: str | None, provider: str, model: str) -> bool:
        """Whether it is the price of this model there."""
        if self.project not in (None, project) or not (self.provider is None or same_provider(self.provider, provider)):
            return False
        name, wanted = model.lower(), self.model.lower()
        return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted


class Synced(msgspec.Struct, frozen=True, kw_only=True):
    """A further list."""

    origin: str
    """The file or the address it came from."""
    at: Nanoseconds
    tables: dict[str, Any]


class Prices(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The prices that a data folder keeps beside the public ones."""

    version: int = 1
    own: tuple[OwnPrice, ...] = ()
    synced: Synced | None = None


class Book:
    """Answers what a model cost at a time."""

    def __init__(self, kept: Prices | None = None) -> None:
        self.kept = kept or Prices()
        synced = self.kept.synced
        self.further = None
        if synced is not None:
            raw = {name: msgspec.Raw(msgspec.json.encode(table)) for name, table in synced.tables.items()}
            self.further = PriceList(synced.origin, raw)
        self._own = lru_cache(1024)(self._own_uncached)

    def quote(
        self,
        provider: str,
        model: str,
        at: Nanoseconds,
        *,
        service_tier: str | None = None,
        project: str | None = None,
    ) -> Quote | None:
        """The prices of a model at a time; None when nobody knows them."""
        if self.kept.own:
            for own in self._own(project, provider, model):
                if at >= own.since * SECOND:
                    return Quote(source=OWN, since=own.since, service_tier=None, rates=dict(own.rates))
        found = listed().quote(provider, model, at, service_tier=service_tier)
        if found is None and self.further is not None:
            return self.further.quote(provider, model, at, service_tier=service_tier)
        return found

    def _own_uncached(self, project: str | None, provider: str, model: str) -> Sequence[OwnPrice]:
        """Those of a model: of the project before those of all, the more exact and then the younger first."""
        found = [own for own in self.kept.own if own.holds_for(project, provider, model)]
        return sorted(
            found, key=lambda own: (own.project is not None, not own.model.endswith("*"), own.since), reverse=True
        )


PUBLIC = Book()
"""The public prices alone."""
