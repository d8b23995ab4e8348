"""The commands that look into memories."""

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import click

from agentreplay.cli import human, memory_page, output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.ledger import NUMBER, as_of, place_of
from agentreplay.cli.memory_places import chosen, collection, filter_of, in_collection, of_records
from agentreplay.cli.options import paged
from agentreplay.core import memory
from agentreplay.core.memory_block import bearing_on, collections_for
from agentreplay.core.memory_dump import dump
from agentreplay.core.memory_meaning import meaning_of
from agentreplay.core.memory_reranking import reranker_of
from agentreplay.core.memory_search import MemoryQuestion, search, tell_hit
from agentreplay.core.plain import plain
from agentreplay.model.fact import FactPosition
from agentreplay.model.memory import By
from agentreplay.model.page import Cursor, PageRequest
from agentreplay.model.time import Nanoseconds

__all__ = ["COMMANDS", "collections", "context", "diff", "export", "history", "list_", "search_", "show", "stats"]

_MOST_LINES = 20
_WEIGHT = click.FloatRange(0, 1)


@click.command("search", cls=Command)
@click.argument("words", nargs=-1, required=True)
@in_collection
@click.option(
    "--limit",
    "count",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    metavar="COUNT",
    help="How many at most.",
)
@click.option(
    "--by", type=click.Choice(("words", "meaning", "both")), default="both", show_default=True, help="What counts."
)
@click.option("--recency", type=_WEIGHT, default=0.0, metavar="SHARE", help="So much of the score is how new it is.")
@click.option(
    "--half-life", type=float, default=30.0, show_default=True, metavar="DAYS", help="After so many it counts half."
)
@click.option(
    "--importance", type=_WEIGHT, default=0.0, metavar="SHARE", help="So much of the score is its importance."
)
@click.option(
    "--diversity",
    type=_WEIGHT,
    default=0.0,
    metavar="SHARE",
    help="How much being like a better hit counts against one.",
)
@of_records
@as_of
@with_invocation
def search_(invocation: Invocation, /, *, words: Sequence[str], by: By, **options: Any) -> None:
    """Find what is remembered, by words and by meaning.

    Any of the words may stand in it; "words in quotes" count as a phrase, and beginn* finds beginnings. The answer says
    what it went by.
    """
    where = filter_of(invocation, options)
    key = collection(invocation, chosen(options))
    with invocation.reading() as store:
        place = {name: options.pop(name) for name in ("position", "moment", "session", "step")}
        asked = MemoryQuestion(
            text=" ".join(words),
            collections=(key,),
            where=where,
            by=by,
            at=place_of(invocation, store, place),
            **options,
        )
        settings = invocation.settings
        meaning, reranker = meaning_of(store, settings), reranker_of(settings)
        answer = search(store, asked, Nanoseconds(invocation.now()), meaning, reranker)
    if invocation.wants_json:
        hits = [plain(tell_hit(hit)) for hit in answer.hits]
        head = {"by": answer.by, "note": answer.note, "reranker": answer.reranker}
        output.document({**head, "items": hits, "next": None})
        return
    for line in memory_page.hits(answer):
        output.data(line)
    ranked = f" and ranked by {answer.reranker}" if answer.reranker else ""
    note = f": {answer.note}" if answer.note else ""
    output.note(f"{human.noun(len(answer.hits), 'record')} found by {answer.by}{ranked}{note}")


@click.command("list", cls=Command)
@in_collection
@of_records
@paged(50)
@with_invocation
def list_(invocation: Invocation, /, *, limit: int, after: str | None, **options: Any) -> None:
    """List the records of a collection, those that changed last first."""
    where = filter_of(invocation, options)
    key = collection(invocation, chosen(options))
    with invocation.reading() as store:
        page = store.memories.find(key, where, PageRequest(limit=limit, after=None if after is None else Cursor(after)))
    if invocation.wants_json:
        output.items([plain(memory.tell(key, held.version)) for held in page.items], page.next)
        return
    for line in memory_page.records(page.items):
        output.data(line)
    if page.next is not None:
        output.note(f"more: --after {page.next}")


@click.command("show", cls=Command)
@click.argument("record")
@in_collection
@click.option("--version", type=NUMBER, metavar="NUMBER", help="In this version.")
@with_invocation
def show(invocation: Invocation, /, *, record: str, version: int | None, **options: Any) -> None:
    """Show all of a RECORD, with where it is from."""
    key = collection(invocation, options)
    with invocation.reading() as store:
        found = memory.at_version(store.facts, key, record, version)
    if invocation.wants_json:
        output.document(plain(memory.tell(key, found)))
        return
    for line in memory_page.record(found):
        output.data(line)


@click.command("history", cls=Command)
@click.argument("record")
@in_collection
@paged(100)
@with_invocation
def history(invocation: Invocation, /, *, record: str, limit: int, after: str | None, **options: Any) -> None:
    """List all versions of a RECORD, newest first."""
    key = collection(invocation, options)
    with invocation.reading() as store:
        request = PageRequest(limit=limit, after=None if after is None else Cursor(after))
        page = memory.history(store.facts, key, record, request)
    if invocation.wants_json:
        output.items([plain(memory.tell(key, version)) for version in page.items], page.next)
        return
    for line in memory_page.versions(page.items):
        output.data(line)
    if page.next is not None:
        output.note(f"more: --after {page.next}")


@click.command("diff", cls=Command)
@click.argument("before", type=NUMBER)
@click.argument("after", type=NUMBER, required=False)
@in_collection
@click.option("--session", metavar="ID", help="BEFORE and AFTER are steps of this session.")
@with_invocation
def diff(invocation: Invocation, /, *, before: int, after: int | None, session: str | None, **options: Any) -> None:
    """Show what was known otherwise at the position AFTER, or now, than at BEFORE."""
    key = collection(invocation, options)
    with invocation.reading() as store:

        def place(number: int) -> FactPosition:
            step = {"position": None, "session": session, "step": number}
            named = step if session is not None else {"position": number, "session": None, "step": None}
            found = place_of(invocation, store, {"moment": None, **named})
            return store.facts.position() if found is None else found

        found = memory.diff(store.facts, key, place(before), None if after is None else place(after))
    if invocation.wants_json:
        output.items([plain(memory.tell_difference(key, one)) for one in found])
        return
    for line in memory_page.differences(found):
        output.data(line)


@click.command("context", cls=Command)
@click.argument("task", nargs=-1)
@click.option("--cwd", default=".", metavar="FOLDER", help="Where the task is; what is remembered there counts too.")
@click.option("--agent", metavar="NAME", help="Who is at it; likewise.")
@click.option("--tokens", type=click.IntRange(50), default=1_000, show_default=True, metavar="COUNT", help="At most.")
@with_invocation
def context(invocation: Invocation, /, *, task: Sequence[str], cwd: str, agent: str | None, tokens: int) -> None:
    """Print what is remembered that bears on a TASK, each line with where it is from; for an agent that begins.

    Without a TASK it is what is most important. A token is taken to be four letters; what does not fit is counted.
    """
    folder = str(Path(cwd).expanduser().resolve())
    with invocation.reading() as store:
        keys = collections_for(store, invocation.tenant, invocation.project, workspace=folder, agent=agent)
        found = bearing_on(
            store,
            keys,
            " ".join(task),
            Nanoseconds(invocation.now()),
            _MOST_LINES,
            meaning_of(store, invocation.settings),
        )
    if invocation.wants_json:
        output.items([plain(one) for one in memory_page.fitting(found, tokens)])
        return
    for line in memory_page.block(found, tokens):
        output.data(line)


@click.command("collections", cls=Command)
@with_invocation
def collections(invocation: Invocation, /) -> None:
    """List the collections of the project, and what each comes to."""
    with invocation.reading() as store:
        keys = store.memories.collections(invocation.tenant, invocation.project)
        found = [memory.statistics(store.memories, key) for key in keys]
    if invocation.wants_json:
        output.items([plain(one) for one in found])
        return
    for line in memory_page.collections(found):
        output.data(line)


@click.command("stats", cls=Command)
@in_collection
@with_invocation
def stats(invocation: Invocation, /, **options: Any) -> None:
    """Show what a collection comes to."""
    key = collection(invocation, options)
    with invocation.reading() as store:
        found = memory.statistics(store.memories, key)
    if invocation.wants_json:
        output.document(plain(found))
        return
    for line in memory_page.collections([found]):
        output.data(line)


@click.command("export", cls=Command)
@in_collection
@click.option("--all", "every", is_flag=True, help="All collections of the project.")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.File("w", encoding="utf-8"),
    default="-",
    metavar="FILE",
    help="Where to; the standard output by default.",
)
@as_of
@with_invocation
def export(invocation: Invocation, /, *, every: bool, target: IO[str], **options: Any) -> None:
    """Write a collection as lines of JSON that `import` takes."""
    key = collection(invocation, chosen(options))
    with invocation.reading() as store:
        keys = store.memories.collections(invocation.tenant, invocation.project) if every else (key,)
        for line in dump(store.facts, keys, place_of(invocation, store, options)):
            target.write(line + "\n")


COMMANDS = (search_, list_, show, history, diff, context, collections, stats, export)
"""In the order in which they are shown."""
