"""What the commands on facts and on memories share: moments of the ledger, and a store to write to."""

from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager
from typing import Any, TypeVar

import click

from agentreplay.cli.invocation import Invocation
from agentreplay.cli.options import MOMENT
from agentreplay.core import sessions
from agentreplay.core import state as asking
from agentreplay.model.fact import FactPosition
from agentreplay.store.protocol import Store
from agentreplay.store.registry import open_store

__all__ = ["NUMBER", "as_of", "place_of", "writing"]

F = TypeVar("F", bound=Callable[..., Any])

NUMBER = click.IntRange(0, (1 << 62))
"""A position, a version or a step."""


def as_of(command: F) -> F:
    """Add --position, --time, and --session with --step."""
    for option in reversed(
        (
            click.option("--position", type=NUMBER, metavar="NUMBER", help="As it was at this position of the log."),
            click.option("--time", "moment", type=MOMENT, metavar="TIME", help="As it was then."),
            click.option("--session", metavar="ID", help="As it was when this session began a --step."),
            click.option("--step", type=NUMBER, metavar="NUMBER", help="A step of --session, from 1."),
        )
    ):
        command = option(command)
    return command


def place_of(invocation: Invocation, store: Store, place: Mapping[str, Any]) -> FactPosition | None:
    """The position that the options of `as_of` mean; None for now."""
    session = place["session"]
    if session is not None:
        session = sessions.resolve(store.sessions, invocation.tenant, invocation.project, session).session.id
    within = (invocation.tenant, invocation.project)
    told = {"position": place["position"], "time_ns": place["moment"], "step": place["step"]}
    return asking.place_of(store, within, session=session, **told)


@contextmanager
def writing(invocation: Invocation) -> Generator[Store, None, None]:
    """The store, made if there is none."""
    settings = invocation.settings
    store = invocation.opener(settings) or open_store(settings.db_path, durability=settings.durability)
    with closing(store):
        yield store
