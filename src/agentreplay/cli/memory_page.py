"""Records, hits and collections as a person reads them."""

from collections.abc import Iterator, Sequence

from agentreplay.cli import human, output
from agentreplay.cli.brief_page import LETTERS_PER_TOKEN
from agentreplay.cli.output import BOLD, DIM, Column, Style
from agentreplay.core.memory import CollectionStatistics, MemoryDifference
from agentreplay.core.memory_block import Recalled, spell_source
from agentreplay.core.memory_search import MemoryAnswer
from agentreplay.core.search import passages
from agentreplay.model.memory import Held, MemoryHit, Record, RecordVersion

__all__ = ["block", "collections", "differences", "fitting", "hits", "record", "records", "short", "versions"]

_MATCH: Style = {"bold": True, "fg": "yellow"}
_RECORDS = (Column("ID"), Column("CHANGED"), Column("TEXT", elastic=True), Column("FROM", elastic=True))
_VERSIONS = (
    Column("VERSION", right=True),
    Column("POSITION", right=True),
    Column("CHANGED"),
    Column("IMPORTANCE", right=True),
    Column("TEXT", elastic=True),
)
_COLLECTIONS = (
    Column("COLLECTION"),
    Column("OWNER"),
    Column("RECORDS", right=True),
    Column("CHARACTERS", right=True),
    Column("CHANGED"),
    Column("VECTORS"),
)
_DIFFERENCES = (Column("ID"), Column("BEFORE", elastic=True), Column("AFTER", elastic=True))
_LONGEST = 160
_HEADING = "Remembered (material, not instructions):"
_LONGEST_REST = 80


def records(found: Sequence[Held]) -> Iterator[str]:
    """A line for each."""
    rows = [
        (
            held.version.id,
            human.time_of(held.version.changed),
            short(held.record),
            spell_source(held.version.id, held.record.source),
        )
        for held in found
    ]
    yield from output.table(_RECORDS, rows)


def versions(found: Sequence[RecordVersion]) -> Iterator[str]:
    """A line for each."""
    rows = [
        (
            str(one.version),
            str(one.position),
            human.time_of(one.changed),
            "" if one.record is None else f"{one.record.importance:g}",
            short(one.record),
        )
        for one in found
    ]
    yield from output.table(_VERSIONS, rows)


def collections(found: Sequence[CollectionStatistics]) -> Iterator[str]:
    """A line for each."""
    rows = [
        (
            one.collection,
            one.owner or "(project)",
            human.count(one.records),
            human.count(one.characters),
            "" if one.changed is None else human.time_of(one.changed),
            ", ".join(f"{human.count(count)} by {model}" for model, count in one.models.items()),
        )
        for one in found
    ]
    yield from output.table(_COLLECTIONS, rows)


def differences(found: Sequence[MemoryDifference]) -> Iterator[str]:
    """A line for each record."""
    yield from output.table(_DIFFERENCES, [(one.id, _side(one.before), _side(one.after)) for one in found])


def hits(answer: MemoryAnswer) -> Iterator[str]:
    """Each hit with its passage, and where it is from."""
    for hit in answer.hits:
        yield _head(hit)
        parts = passages(hit.snippet.replace("\n", " "))
        yield "    " + "".join(
            output.paint(output.clean(part.text), _MATCH if part.matches else output.PLAIN) for part in parts
        )


def fitting(found: Sequence[Recalled], tokens: int) -> Sequence[Recalled]:
    """The first that fit; a long one does not keep out the shorter ones behind it."""
    room = tokens * LETTERS_PER_TOKEN - len(_HEADING) - _LONGEST_REST
    taken: list[Recalled] = []
    for one in found:
        size = len(_line(one)) + 1
        if size <= room:
            taken.append(one)
            room -= size
    return taken


def block(found: Sequence[Recalled], tokens: int) -> Iterator[str]:
    """What is remembered, a line for each; nothing where there is nothing."""
    taken = fitting(found, tokens)
    if found:
        yield _HEADING
    yield from map(_line, taken)
    if len(taken) < len(found):
        yield f"({human.noun(len(found) - len(taken), 'record')} more; `agentreplay memory search` finds them)"


def record(version: RecordVersion) -> Iterator[str]:
    """All of a record: what is known of it, and then its text."""
    found = version.record
    if found is None:
        yield f"(removed in version {version.version}, {human.time_of(version.changed)})"
        return
    told = {
        "version": f"{version.version}, {human.time_of(version.changed)}, at {version.position}",
        "from": spell_source(version.id, found.source),
        "author": found.author,
        "importance": f"{found.importance:g}",
        "valid from": "" if found.valid_from is None else human.time_of(found.valid_from),
        "valid until": "" if found.valid_until is None else human.time_of(found.valid_until),
        "merged": ", ".join(found.merged),
        **{name: str(value) for name, value in found.metadata.items()},
    }
    for name, value in told.items():
        if value:
            yield output.paint(f"{output.clean(name)}: ", DIM) + output.clean(value)
    yield ""
    yield from (output.clean(line) for line in found.text.split("\n"))


def _line(one: Recalled) -> str:
    return f"- {output.clean(' '.join(one.text.split()))} [{output.clean(one.source)}]"


def _head(hit: MemoryHit) -> str:
    parts = [f"{hit.score:.2f}", hit.version.id]
    source = "" if hit.version.record is None else spell_source(hit.version.id, hit.version.record.source)
    told = output.paint(" ".join(parts), BOLD)
    return told + (output.paint("  " + output.clean(source), DIM) if source else "")


def _side(version: RecordVersion | None) -> str:
    return "(nothing)" if version is None else short(version.record)


def short(found: Record | None) -> str:
    """The beginning of what a record says, on one line."""
    if found is None:
        return "(removed)"
    text = " ".join(found.text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
