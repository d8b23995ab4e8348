"""What models cost, by the prices in force."""

from typing import Annotated

from msgspec import Meta

from agentreplay.core.prices import Listed, Price, book_of, listing, price_of
from agentreplay.model.page import Page
from agentreplay.model.time import Nanoseconds
from agentreplay.server.asking import MOST_ITEMS, Instant, Place
from agentreplay.server.routing import reads
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "get_price", "list_prices"]

_Wanted = Annotated[str, Meta(description="What the name of the model or its provider holds.")]
_Provider = Annotated[str, Meta(description="Who sells it, under any of its usual names.")]
_Model = Annotated[str, Meta(description="Its name; it may hold slashes.")]
_At = Annotated[Instant | None, Meta(description="A time in nanoseconds since the epoch; now by default.")]
_Tier = Annotated[str | None, Meta(description="A service tier: flex, priority, batch …")]


@reads("/prices", tag="prices", summary="The models with a price")
def list_prices(service: Service, q: _Wanted = "") -> Page[Listed]:
    """Those that were set, then the public ones, then those of a list that was synced."""
    found = listing(book_of(service.settings.db_path), q)
    return Page(items=tuple(found[:MOST_ITEMS]), next=None)


@reads("/prices/{provider}/{model:path}", tag="prices", summary="What a model costs")
def get_price(  # noqa: PLR0913, PLR0917 - what a price depends on
    service: Service, place: Place, provider: _Provider, model: _Model, at: _At = None, tier: _Tier = None
) -> Price:
    """Each bucket of tokens with its price, as it was at a time."""
    moment = Nanoseconds(service.now() if at is None else at)
    book = book_of(service.settings.db_path)
    project = place.project or place.usual
    return price_of(book, provider, model, moment, tier=tier, project=project)


HANDLERS = (list_prices, get_price)
