"""The options with which commands on memories name a collection and choose among its records."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from agentreplay.cli.invocation import Invocation
from agentreplay.cli.options import LABEL, MOMENT
from agentreplay.core.memory_places import USUAL_COLLECTION, collection_named, read_metadata
from agentreplay.model.ids import SessionId
from agentreplay.model.memory import CollectionKey, MemoryFilter, Metadata
from agentreplay.model.time import Nanoseconds

__all__ = ["chosen", "collection", "filter_of", "in_collection", "metadata_of", "of_records", "with_metadata"]

F = TypeVar("F", bound=Callable[..., Any])

_META = "A name and a value to find it by; may be given again."


def in_collection(command: F) -> F:
    """Add --collection, --agent and --workspace."""
    for option in reversed(
        (
            click.option(
                "--collection", "name", default=USUAL_COLLECTION, show_default=True, metavar="NAME", help="Which one."
            ),
            click.option("--agent", metavar="NAME", help="The one of this agent, not of the project."),
            click.option("--workspace", metavar="FOLDER", help="The one of this folder, not of the project."),
        )
    ):
        command = option(command)
    return command


def collection(invocation: Invocation, named: Mapping[str, Any]) -> CollectionKey:
    """The collection that these options name."""
    folder = named["workspace"]
    workspace = None if folder is None else str(Path(folder).expanduser().resolve())
    return collection_named(
        invocation.tenant, invocation.project, named["name"], agent=named["agent"], workspace=workspace
    )


def chosen(options: dict[str, Any]) -> dict[str, Any]:
    """The options of `in_collection`, taken out of all."""
    return {name: options.pop(name) for name in ("name", "agent", "workspace")}


def with_metadata(command: F) -> F:
    """Add --meta."""
    return click.option("--meta", type=LABEL, multiple=True, metavar="KEY=VALUE", help=_META)(command)


def metadata_of(options: dict[str, Any]) -> Metadata:
    """What --meta said."""
    return read_metadata(options.pop("meta"))


def of_records(command: F) -> F:
    """Add the options that choose among records."""
    for option in reversed(
        (
            click.option("--author", metavar="NAME", help="Only what this agent or person said."),
            click.option("--of-session", metavar="ID", help="Only what is from this session."),
            click.option("--place", metavar="TEXT", help="Only what is from a file or address that begins so."),
            click.option("--important", type=click.FloatRange(0, 1), metavar="SHARE", help="At least so important."),
            click.option("--since", type=MOMENT, metavar="TIME", help="Changed then or later."),
            click.option("--until", type=MOMENT, metavar="TIME", help="Changed before then."),
            click.option("--expired", is_flag=True, help="Also what does not hold any more, or not yet."),
            with_metadata,
        )
    ):
        command = option(command)
    return command


def filter_of(invocation: Invocation, options: dict[str, Any]) -> MemoryFilter:
    """What the options of `of_records` mean, taken out of all."""
    session, since, until = options.pop("of_session"), options.pop("since"), options.pop("until")
    return MemoryFilter(
        author=options.pop("author"),
        session=None if session is None else SessionId(session),
        place=options.pop("place"),
        importance=options.pop("important"),
        since=None if since is None else Nanoseconds(since),
        until=None if until is None else Nanoseconds(until),
        valid_at=None if options.pop("expired") else Nanoseconds(invocation.now()),
        metadata=metadata_of(options),
    )
