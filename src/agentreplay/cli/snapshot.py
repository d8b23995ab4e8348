"""`agentreplay snapshot`: states of agents as files, in folders and buckets."""

import secrets
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from agentreplay.cli import human, output
from agentreplay.cli.agreement import YES, agrees
from agentreplay.cli.command import Group, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.options import LABEL
from agentreplay.cli.output import BOLD, DIM, Cell, Column
from agentreplay.contents.shelf import Located, locate, open_shelf
from agentreplay.core import snapshots
from agentreplay.core.plain import plain
from agentreplay.core.snapshot_file import LIMIT
from agentreplay.errors import ValueInvalid
from agentreplay.model.snapshot import COMPRESSIONS, Keep, SnapshotMetadata, new_snapshot_id
from agentreplay.model.time import Nanoseconds
from agentreplay.playback.difference import shown

__all__ = ["snapshot"]

_COLUMNS = (
    Column("NAME", elastic=True),
    Column("TAKEN"),
    Column("AGENT", elastic=True),
    Column("SESSION", elastic=True),
    Column("#", right=True),
    Column("STATE", right=True),
    Column("FILE", right=True),
    Column("DESCRIPTION", elastic=True),
)
_PIECE = 1 << 20
_STANDARD = "-"
_WITH_LIMIT = click.option(
    "--limit",
    type=click.IntRange(1),
    default=LIMIT,
    show_default=True,
    metavar="BYTES",
    help="Read no larger state.",
)


@click.group(cls=Group)
def snapshot() -> None:
    """Save, list, verify, compare and copy states of agents as files.

    A PLACE is a path or the URL of a file in a bucket: s3://BUCKET/NAME, gs://BUCKET/NAME, az://CONTAINER/NAME. A name
    that ends in .json.gz is a file of Persist's. The passphrase of encrypted ones is AGENTREPLAY_SNAPSHOT_KEY.
    """


@snapshot.command("save")
@click.argument("state", metavar="FILE|-")
@click.argument("place")
@click.option("--agent", default="default_agent", show_default=True, metavar="NAME", help="Whose state it is.")
@click.option("--session", default="default_session", show_default=True, metavar="NAME", help="In which session.")
@click.option("--index", type=click.IntRange(0), default=0, metavar="NUMBER", help="Which one of the session it is.")
@click.option("--description", metavar="TEXT", help="What is to be told of it.")
@click.option("--label", "labels", type=LABEL, multiple=True, metavar="KEY=VALUE", help="A label; may be repeated.")
@click.option(
    "--compression",
    type=click.Choice(COMPRESSIONS),
    default="zstd",
    show_default=True,
    help="How the state is made smaller.",
)
@click.option("--encrypt", is_flag=True, help="With the passphrase in AGENTREPLAY_SNAPSHOT_KEY.")
@click.option("--force", is_flag=True, help="Write over what is there.")
@with_invocation
def _save(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation,
    /,
    *,
    state: str,
    place: str,
    agent: str,
    session: str,
    index: int,
    description: str | None,
    labels: Sequence[tuple[str, str]],
    compression: Any,
    encrypt: bool,
    force: bool,
) -> None:
    """Save a state, which is JSON in a file or on standard input, as a snapshot.

    It may be larger than the memory. `agentreplay.restore` makes of it what `agentreplay.snapshot` takes.
    """
    key = _key(invocation)
    if encrypt and key is None:
        raise ValueInvalid(what="the variable AGENTREPLAY_SNAPSHOT_KEY", problem="it is empty; it holds the passphrase")
    metadata = SnapshotMetadata(
        agent_id=agent,
        session_id=session,
        snapshot_id=new_snapshot_id(secrets.token_bytes(16)),
        timestamp=Nanoseconds(invocation.now()),
        snapshot_index=index,
        description=description,
        labels=dict(labels),
        compression_algorithm=compression,
    )
    saved = snapshots.save(locate(place), _pieces(state), metadata, key=key if encrypt else None, replace=force)
    _tell(invocation, saved, f"saved {place}")


@snapshot.command("list")
@click.argument("folder", required=False)
@click.option("--agent", metavar="NAME", help="Of this agent, in the order in which they were taken.")
@with_invocation
def _list(invocation: Invocation, /, *, folder: str | None, agent: str | None) -> None:
    """List the snapshots in a FOLDER or a bucket; by default in AGENTREPLAY_SNAPSHOTS."""
    where = folder or invocation.settings.snapshot_folder
    found = list(snapshots.find(open_shelf(where)))
    listed = found if agent is None else snapshots.history(found, agent)
    if invocation.wants_json:
        output.items([plain(each) for each in listed])
        return
    damaged = [each for each in found if each.metadata is None]
    rows = [_cells(each, invocation.now()) for each in listed if each.metadata is not None]
    if rows:
        for line in output.table(_COLUMNS, rows):
            output.data(line)
    else:
        output.note(f"there is no snapshot in {where}")
    for each in damaged:
        output.warn(output.clean(each.problem))


@snapshot.command("show")
@click.argument("place")
@with_invocation
def _show(invocation: Invocation, /, *, place: str) -> None:
    """Show what is told of a snapshot, without reading its state."""
    metadata = snapshots.metadata_of(locate(place), key=_key(invocation))
    if invocation.wants_json:
        output.document(plain(metadata))
        return
    for title, text in _facts(metadata):
        if text:
            output.data(output.paint(f"{title:<12}", DIM) + " " + output.clean(text))


@snapshot.command("verify")
@click.argument("places", metavar="PLACE...", nargs=-1, required=True)
@with_invocation
def _verify(invocation: Invocation, /, *, places: Sequence[str]) -> None:
    """Prove every byte of snapshots; the first that is not as it was written is an error."""
    for place in places:
        metadata = snapshots.verify(locate(place), key=_key(invocation))
        _tell(invocation, metadata, f"{place} is as it was written")


@snapshot.command("restore")
@click.argument("place")
@click.option("-o", "--output", "target", required=True, metavar="FILE|-", help="The file to write the state to.")
@click.option("--force", is_flag=True, help="Write over what is there.")
@_WITH_LIMIT
@with_invocation
def _restore(invocation: Invocation, /, *, place: str, target: str, force: bool, limit: int) -> None:
    """Write the state of a snapshot to a file, or to standard output, after all of it was proven."""
    key = _key(invocation)
    if target == _STANDARD:
        sys.stdout.buffer.write(snapshots.read(locate(place), key=key, limit=limit).state)
        sys.stdout.flush()
        return
    _, state = snapshots.open_state(locate(place), key=key, limit=limit)
    into = locate(target)
    # The file gets its name when the last piece was proven.
    size = into.shelf.write(into.name, state, replace=force)
    if invocation.wants_json:
        output.document({"file": target, "bytes": size})
    else:
        output.note(f"wrote {target}, {human.size(size)}")


@snapshot.command("diff")
@click.argument("one")
@click.argument("other")
@_WITH_LIMIT
@with_invocation
def _diff(invocation: Invocation, /, *, one: str, other: str, limit: int) -> None:
    """Show where the states of two snapshots differ."""
    differences = snapshots.diff(locate(one), locate(other), key=_key(invocation), limit=limit)
    if invocation.wants_json:
        output.items([difference.told for difference in differences])
        return
    for difference in differences:
        before, after = shown(difference)
        output.data(output.paint(output.clean(difference.path), BOLD))
        output.data(f"  {output.clean(before)}")
        output.data(f"  {output.clean(after)}")
    output.note(f"{human.noun(len(differences), 'difference')}")


@snapshot.command("copy")
@click.argument("source")
@click.argument("target")
@click.option("--force", is_flag=True, help="Write over what is there.")
@with_invocation
def _copy(invocation: Invocation, /, *, source: str, target: str, force: bool) -> None:
    """Copy a snapshot, proven on its way. A target that ends in .json.gz makes a file of Persist's."""
    copied = snapshots.copy(locate(source), locate(target), key=_key(invocation), replace=force)
    _tell(invocation, copied, f"copied {source} to {target}")


@snapshot.command("delete")
@click.argument("places", metavar="PLACE...", nargs=-1, required=True)
@YES
@with_invocation
def _delete(invocation: Invocation, /, *, places: Sequence[str], yes: bool) -> None:
    """Delete snapshots. Nothing is deleted unless all are found."""
    found = [locate(place) for place in places]
    for at in found:
        at.shelf.stat(at.name)
    _agree([at.place for at in found], yes=yes)
    for at in found:
        snapshots.delete(at)
    _tell_deleted(invocation, found)


@snapshot.command("retain")
@click.argument("folder", required=False)
@click.option("--agent", metavar="NAME", help="Only snapshots of this agent.")
@click.option("--last", type=click.IntRange(0), default=0, metavar="COUNT", help="Keep the last ones of each agent.")
@click.option("--daily", type=click.IntRange(0), default=0, metavar="DAYS", help="Keep the last of so many days.")
@click.option("--weekly", type=click.IntRange(0), default=0, metavar="WEEKS", help="Keep the last of so many weeks.")
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
@YES
@with_invocation
def _retain(  # each option comes by its name
    invocation: Invocation, /, *, folder: str | None, agent: str | None, dry_run: bool, yes: bool, **kept: int
) -> None:
    """Delete all snapshots in a FOLDER or a bucket but those to keep, agent by agent."""
    shelf, keep = open_shelf(folder or invocation.settings.snapshot_folder), Keep(**kept)
    going = snapshots.retain(shelf, keep, agent=agent, only_tell=True)
    if going and not dry_run:
        _agree([each.place for each in going], yes=yes)
        going = snapshots.retain(shelf, keep, agent=agent)
    if dry_run and not invocation.wants_json:
        output.note(f"{human.noun(len(going), 'snapshot')} would be deleted")
        for each in going:
            output.data(output.clean(each.place))
        return
    _tell_deleted(invocation, [Located(shelf, each.name) for each in going])


def _key(invocation: Invocation) -> str | None:
    return invocation.settings.snapshot_key or None


def _pieces(path: str) -> Iterator[bytes]:
    if path == _STANDARD:
        yield from iter(lambda: sys.stdin.buffer.read(_PIECE), b"")
        return
    try:
        with Path(path).open("rb") as file:
            yield from iter(lambda: file.read(_PIECE), b"")
    except OSError as error:
        raise ValueInvalid(what=f"the file {path}", problem=error.strerror or str(error)) from error


def _tell(invocation: Invocation, metadata: SnapshotMetadata, said: str) -> None:
    if invocation.wants_json:
        output.document(plain(metadata))
    else:
        sizes = f"{human.size(metadata.uncompressed_size)} in {human.size(metadata.file_size)}"
        output.note(f"{output.clean(said)}: {sizes}")


def _tell_deleted(invocation: Invocation, gone: Sequence[Located]) -> None:
    if invocation.wants_json:
        output.items([{"deleted": at.place} for at in gone])
        return
    for at in gone:
        output.data(output.clean(f"deleted {at.place}"))


def _agree(places: Sequence[str], *, yes: bool) -> None:
    """Show what would go, and ask. Ends the program where nobody agrees."""
    if yes:
        return
    for place in places:
        output.note(output.clean(place))
    if not agrees(f"Delete {'it' if len(places) == 1 else f'these {len(places)} snapshots'} for good?", "delete"):
        output.note("nothing was deleted")
        raise click.exceptions.Exit(1)


def _cells(found: snapshots.Found, now: int) -> list[Cell | str]:
    about = found.metadata
    if about is None:
        raise AssertionError("a damaged one is no row")
    return [
        Cell(found.name, BOLD),
        human.relative(about.timestamp, now),
        about.agent_id,
        about.session_id,
        human.count(about.snapshot_index),
        human.size(about.uncompressed_size),
        human.size(about.file_size),
        about.description or "",
    ]


def _facts(about: SnapshotMetadata) -> Iterator[tuple[str, str]]:
    yield "snapshot", about.snapshot_id
    yield "agent", about.agent_id
    yield "session", about.session_id
    yield "index", human.count(about.snapshot_index)
    yield "taken", human.time_of(about.timestamp)
    yield "follows", about.parent or ""
    yield "description", about.description or ""
    yield "labels", ", ".join(f"{name}={value}" for name, value in sorted(about.labels.items()))
    yield "serialiser", about.serialiser
    yield "state", f"{human.size(about.uncompressed_size)} of {about.media}, {about.content_hash}"
    yield "file", f"{human.size(about.file_size)}, {about.compression_algorithm}, format {about.format_version}"
    yield "encryption", "" if about.encryption == "none" else about.encryption
