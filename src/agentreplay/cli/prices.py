"""`agentreplay prices`: what models cost."""

from collections.abc import Sequence

import click

from agentreplay.cli import human, output
from agentreplay.cli.command import Group, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.options import MOMENT
from agentreplay.cli.output import Column
from agentreplay.core import prices as keeping
from agentreplay.core.plain import plain
from agentreplay.errors import ValueInvalid
from agentreplay.model.time import Nanoseconds

__all__ = ["list_", "prices", "remove", "set_", "show", "sync"]

_MODELS = (Column("PROVIDER"), Column("MODEL", elastic=True), Column("SOURCE"))
_RATES = (Column("BUCKET"), Column("PER MILLION", right=True), Column("BEYOND", elastic=True))


@click.group(cls=Group)
def prices() -> None:
    """Look up what models cost, and set prices of your own.

    Calls are charged by the prices of their time: first those that were set here, then the public ones that come with
    the program, then those of a list that was synced. A change holds for what is taken in from then on.
    """


@prices.command("list")
@click.argument("wanted", default="")
@with_invocation
def list_(invocation: Invocation, /, *, wanted: str) -> None:
    """List the models with a price, or those whose name or provider holds WANTED."""
    found = keeping.listing(keeping.book_of(invocation.settings.db_path), wanted)
    if invocation.wants_json:
        output.items([plain(one) for one in found])
        return
    for line in output.table(_MODELS, [(one.provider, one.model, one.source) for one in found]):
        output.data(line)


@prices.command()
@click.argument("provider")
@click.argument("model")
@click.option("--at", type=MOMENT, metavar="TIME", help="At this time; now by default.")
@click.option("--tier", metavar="NAME", help="In this service tier: flex, priority, batch …")
@with_invocation
def show(invocation: Invocation, /, *, provider: str, model: str, at: Nanoseconds | None, tier: str | None) -> None:
    """Show what a MODEL of a PROVIDER costs."""
    moment = Nanoseconds(invocation.now()) if at is None else at
    book = keeping.book_of(invocation.settings.db_path)
    price = keeping.price_of(book, provider, model, moment, tier=tier, project=invocation.project)
    if invocation.wants_json:
        output.document(plain(price))
        return
    since = f" since {human.time_of(price.since)}" if price.since else ""
    output.note(f"from {price.source}{since}{f', tier {price.service_tier}' if price.service_tier else ''}")
    rows = [(one.bucket, human.money(one.rate), ", ".join(map(_beyond, one.beyond))) for one in price.buckets]
    for line in output.table(_RATES, rows):
        output.data(line)


@prices.command("set")
@click.argument("model")
@click.argument("dollars", nargs=-1, required=True, metavar="BUCKET=DOLLARS...")
@click.option("--provider", metavar="NAME", help="Of this provider; of whoever sells it by default.")
@click.option("--here", is_flag=True, help="In this project only.")
@click.option("--since", type=MOMENT, metavar="TIME", help="For calls from this time on.")
@with_invocation
def set_(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation,
    /,
    *,
    model: str,
    dollars: Sequence[str],
    provider: str | None,
    here: bool,
    since: Nanoseconds | None,
) -> None:
    """Set what a MODEL costs, in dollars for a million tokens: input=3 cache_read=0.3 output=15.

    MODEL may end in * and stand for all that begin so. `call` is what a call costs as such.
    """
    told = dict(_pair(text) for text in dollars)
    price = keeping.own_price(
        model,
        told,
        provider=provider,
        project=invocation.project if here else None,
        since=Nanoseconds(0) if since is None else since,
    )
    keeping.set_price(invocation.settings.db_path, price)
    output.note(f"{model} has a price of its own")


@prices.command()
@click.argument("model")
@with_invocation
def remove(invocation: Invocation, /, *, model: str) -> None:
    """Forget the prices that were set for a MODEL."""
    gone = keeping.remove(invocation.settings.db_path, model)
    output.note(f"{human.noun(gone, 'price')} removed")


@prices.command()
@click.argument("source", metavar="FILE|URL")
@with_invocation
def sync(invocation: Invocation, /, *, source: str) -> None:
    """Take in LiteLLM's price file, for models that the public prices do not know.

    It is read from a FILE, or from a URL: nothing else of agentreplay fetches prices.
    """
    models = keeping.sync(invocation.settings.db_path, keeping.fetch(source), source, Nanoseconds(invocation.now()))
    output.note(f"{human.noun(models, 'model')} priced by {source}")


def _beyond(step: keeping.Beyond) -> str:
    return f"{human.money(step.rate)} beyond {human.count(step.tokens)}"


def _pair(text: str) -> tuple[str, str]:
    bucket, equals, amount = text.partition("=")
    if not equals:
        raise ValueInvalid(what=f"the price {text!r}", problem="it is not BUCKET=DOLLARS")
    return bucket, amount
