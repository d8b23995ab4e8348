"""The commands that change memories."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import click

from agentreplay.cli import human, memory_page, output
from agentreplay.cli.agreement import YES, agrees
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.ledger import as_of, place_of, writing
from agentreplay.cli.memory_places import chosen, collection, in_collection, metadata_of, with_metadata
from agentreplay.cli.options import MOMENT
from agentreplay.cli.progress import shown
from agentreplay.core import memory, sessions
from agentreplay.core.documents.chunk import USUAL_SIZE
from agentreplay.core.memory_dump import load
from agentreplay.core.memory_ingest import Ingested, Ingesting, documents_in
from agentreplay.core.memory_meaning import StoredMeaning, forget_for_good, meaning_of, vectors_of
from agentreplay.core.memory_places import collection_named
from agentreplay.core.memory_writing import MemoryWriting, Saved, redactor_for
from agentreplay.core.plain import plain
from agentreplay.core.policy import redactor_of
from agentreplay.errors import DocumentUnreadable
from agentreplay.model.memory import IMPORTANCE, CollectionKey, Record, RecordId
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Store

__all__ = [
    "COMMANDS",
    "add",
    "expire",
    "forget",
    "fork",
    "import_",
    "ingest",
    "merge",
    "reembed",
    "remove",
    "sweep",
    "update",
]

_SHARE = click.FloatRange(0, 1)


@click.command(cls=Command)
@click.argument("text")
@in_collection
@click.option("--id", "record", metavar="ID", help="Under this id, in place of what it holds already.")
@click.option("--author", default="", metavar="NAME", help="Who says so.")
@click.option("--importance", type=_SHARE, default=IMPORTANCE, show_default=True, metavar="SHARE", help="From 0 to 1.")
@click.option("--valid-from", type=MOMENT, metavar="TIME", help="It does not hold before.")
@click.option("--valid-until", type=MOMENT, metavar="TIME", help="It does not hold from then on.")
@with_metadata
@with_invocation
def add(invocation: Invocation, /, *, text: str, record: str | None, **options: Any) -> None:
    """Remember a TEXT, or with - the standard input, as it is."""
    key = collection(invocation, chosen(options))
    made = Record(text=sys.stdin.read() if text == "-" else text, metadata=metadata_of(options), **options)
    with writing(invocation) as store:
        desk = _desk(invocation, store)
        saved = desk.add(key, [made]) if record is None else desk.upsert(key, {record: made})
    _tell(invocation, saved, "remembered")


@click.command(cls=Command)
@click.argument("record")
@in_collection
@click.option("--text", metavar="TEXT", help="What it says from now on.")
@click.option("--author", metavar="NAME", help="Who says so.")
@click.option("--importance", type=_SHARE, metavar="SHARE", help="From 0 to 1.")
@click.option("--valid-until", type=MOMENT, metavar="TIME", help="It does not hold from then on.")
@click.option("--expected", type=click.IntRange(1), metavar="VERSION", help="Only if it has this version.")
@with_metadata
@with_invocation
def update(invocation: Invocation, /, *, record: str, expected: int | None, **options: Any) -> None:
    """Change a RECORD. What it was stays in its history."""
    key = collection(invocation, chosen(options))
    metadata = metadata_of(options)
    changes = {name: value for name, value in options.items() if value is not None}
    with writing(invocation) as store:
        if metadata:
            changes["metadata"] = {**memory.get(store.memories, key, record).record.metadata, **metadata}
        changed = _desk(invocation, store).update(key, record, expected=expected, **changes)
    if invocation.wants_json:
        output.document(plain(memory.tell(key, changed)))
    else:
        output.note(f"{record} has version {changed.version} now")


@click.command(cls=Command)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@in_collection
@click.option("--author", default="", metavar="NAME", help="Who says so.")
@click.option("--importance", type=_SHARE, default=IMPORTANCE, show_default=True, metavar="SHARE", help="From 0 to 1.")
@click.option(
    "--size",
    type=click.IntRange(40),
    default=USUAL_SIZE,
    show_default=True,
    metavar="CHARACTERS",
    help="How long a chunk may be.",
)
@with_metadata
@with_invocation
def ingest(invocation: Invocation, /, *, sources: Sequence[str], **options: Any) -> None:
    """Take in files, folders, or sessions as session:ID, chunk by chunk.

    Text, Markdown, HTML, source code and PDF can be read. Taken in again, only what changed is written. A file that
    cannot be read is left out, and told of.
    """
    key = collection(invocation, chosen(options))
    found: list[Ingested] = []
    with writing(invocation) as store:
        store.drain()
        desk = Ingesting(store, _desk(invocation, store), key, metadata=metadata_of(options), **options)
        for source in sources:
            if source.startswith("session:"):
                row = sessions.resolve(
                    store.sessions, invocation.tenant, invocation.project, source.removeprefix("session:")
                )
                redactor = redactor_of(invocation.settings, row.session.id.encode(), "redacted")
                found.append(desk.session(row.session.key, redactor))
            else:
                found += desk.files(documents_in([Path(source)]))
    if invocation.wants_json:
        output.items([plain(one) for one in found])
    for one in found:
        if one.problem:
            output.warn(f"{one.place} was left out: {one.problem}")
        elif not invocation.wants_json:
            output.data(
                f"{output.clean(one.place)}: {human.noun(one.chunks, 'chunk')}, {one.changed} new, {one.removed} gone"
            )
    if found and all(one.problem for one in found):
        raise DocumentUnreadable(place=", ".join(sources), problem="nothing in it could be read")


@click.command(cls=Command)
@click.argument("records", nargs=-1, required=True, metavar="RECORD...")
@in_collection
@click.option("--at", "moment", type=MOMENT, metavar="TIME", help="From then on; now by default.")
@with_invocation
def expire(invocation: Invocation, /, *, records: Sequence[str], moment: int | None, **options: Any) -> None:
    """Let records hold no longer: searches leave them out, and `sweep` removes them."""
    with writing(invocation) as store:
        until = None if moment is None else Nanoseconds(moment)
        _desk(invocation, store).expire(collection(invocation, options), records, until)
    output.note(f"{human.noun(len(records), 'record')} expired")


@click.command(cls=Command)
@in_collection
@with_invocation
def sweep(invocation: Invocation, /, **options: Any) -> None:
    """Remove the records that do not hold any more. Their histories stay."""
    with writing(invocation) as store:
        saved = _desk(invocation, store).sweep(collection(invocation, options))
    _tell(invocation, saved, "removed")


@click.command(cls=Command)
@click.argument("records", nargs=-1, required=True, metavar="RECORD...")
@in_collection
@with_invocation
def remove(invocation: Invocation, /, *, records: Sequence[str], **options: Any) -> None:
    """Remove records. Their histories stay; `forget` takes these too."""
    with writing(invocation) as store:
        saved = _desk(invocation, store).remove(collection(invocation, options), records)
    _tell(invocation, saved, "removed")


@click.command(cls=Command)
@click.argument("records", nargs=-1, required=True, metavar="RECORD...")
@in_collection
@YES
@with_invocation
def forget(invocation: Invocation, /, *, records: Sequence[str], yes: bool, **options: Any) -> None:
    """Remove records for good, with all their versions, words and vectors, from every file of the store."""
    key = collection(invocation, options)
    with writing(invocation) as store:
        if not yes and not _agrees(store, key, records):
            output.note("nothing was forgotten")
            raise click.exceptions.Exit(1)
        went = forget_for_good(store, vectors_of(invocation.settings), key, records)
    if invocation.wants_json:
        output.document({"records": went.records, "versions": went.versions, "vectors": went.vectors})
    else:
        told = (
            human.noun(went.records, "record"),
            human.noun(went.versions, "version"),
            human.noun(went.vectors, "vector"),
        )
        output.note(f"{told[0]} forgotten: {told[1]}, {told[2]}")


@click.command(cls=Command)
@click.argument("into", required=False)
@click.argument("others", nargs=-1)
@in_collection
@click.option("--text", metavar="TEXT", help="What INTO says from now on.")
@with_invocation
def merge(
    invocation: Invocation, /, *, into: str | None, others: Sequence[str], text: str | None, **options: Any
) -> None:
    """Let the record INTO stand for OTHERS; without them, merge all that say the same in the same words."""
    key = collection(invocation, options)
    with writing(invocation) as store:
        desk = _desk(invocation, store)
        if into is not None:
            desk.merge(key, into, others, text)
        removed = len(others) if into is not None else desk.merge_duplicates(key)
    output.note(f"{human.noun(removed, 'record')} merged")


@click.command(cls=Command)
@click.argument("target")
@in_collection
@click.option("--to-agent", metavar="NAME", help="TARGET is one of this agent.")
@click.option("--without", multiple=True, metavar="RECORD", help="Except for this record; may be given again.")
@as_of
@with_invocation
def fork(
    invocation: Invocation, /, *, target: str, to_agent: str | None, without: Sequence[str], **options: Any
) -> None:
    """Give an empty collection TARGET what another one holds or held, as though some records had never been."""
    source = collection(invocation, chosen(options))
    into = collection_named(invocation.tenant, invocation.project, target, agent=to_agent)
    with writing(invocation) as store:
        store.drain()
        saved = _desk(invocation, store).fork(source, into, place_of(invocation, store, options), without)
    output.note(f"{human.noun(len(saved.ids), 'record')} in {memory.spell_collection(into)}")


@click.command(cls=Command)
@in_collection
@click.option("--all", "every", is_flag=True, help="All collections of the project.")
@with_invocation
def reembed(invocation: Invocation, /, *, every: bool, **options: Any) -> None:
    """Make vectors of all texts that have none of the embeddings in force, and drop those of others."""
    key = collection(invocation, options)
    with writing(invocation) as store:
        keys = store.memories.collections(invocation.tenant, invocation.project) if every else (key,)
        meaning = meaning_of(store, invocation.settings)
        made = sum(_reembedded(meaning, one) for one in keys)
    output.note(f"{human.noun(made, 'vector')} made by {invocation.settings.embeddings}")


@click.command("import", cls=Command)
@click.argument("source", type=click.File("r", encoding="utf-8"), metavar="FILE")
@click.option("--into", metavar="NAME", help="Into this collection of the project, whatever the lines name.")
@with_invocation
def import_(invocation: Invocation, /, *, source: IO[str], into: str | None) -> None:
    """Take in what `export` wrote: each record under its id, in its collection."""
    tenant, project = invocation.tenant, invocation.project
    target = None if into is None else collection_named(tenant, project, into)
    with writing(invocation) as store:
        changed = load(_desk(invocation, store), tenant, project, source, target)
    output.note(f"{human.noun(changed, 'record')} new or changed")


def _reembedded(meaning: StoredMeaning, key: CollectionKey) -> int:
    place = (0, 1)

    def tell(done: int, total: int) -> None:
        nonlocal place
        place = (done, total)

    with shown(f"embedding {memory.spell_collection(key)}", lambda: place):
        return meaning.reembed(key, tell)


def _agrees(store: Store, key: CollectionKey, records: Sequence[str]) -> bool:
    """Show what would go, and ask."""
    for record in records:
        held = store.memories.get(key, RecordId(record))
        output.note(output.clean(f"{record}: {memory_page.short(None if held is None else held.record)}"))
    return agrees(f"Forget {'it' if len(records) == 1 else f'these {len(records)} records'} for good?", "forget")


def _desk(invocation: Invocation, store: Store) -> MemoryWriting:
    redactor = redactor_for(invocation.settings, invocation.project)
    return MemoryWriting(store, clock=invocation.now, redactor=redactor)


def _tell(invocation: Invocation, saved: Saved, what: str) -> None:
    if invocation.wants_json:
        output.document(plain(saved))
        return
    for record in saved.ids:
        output.data(record)
    output.note(f"{human.noun(len(saved.ids), 'record')} {what}")


COMMANDS = (add, update, ingest, expire, sweep, remove, forget, merge, fork, import_, reembed)
"""In the order in which they are shown."""
