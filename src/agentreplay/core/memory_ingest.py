"""Takes documents and sessions into a collection, chunk by chunk, each of which knows where it is from.

A document is one transaction: it is there whole or not at all, and taking it in again changes only what is otherwise
in it now. A chunk is known by its text and its headings, so that it stays the same record where it only moved.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from blake3 import blake3

from agentreplay.core import memory
from agentreplay.core.account import Entry, account
from agentreplay.core.documents.chunk import USUAL_SIZE, Block, Chunk, pack
from agentreplay.core.documents.plain import blocks_of_text
from agentreplay.core.documents.reading import chunks_of, is_document
from agentreplay.core.ignore import NO_RULES, Rules
from agentreplay.core.memory_writing import MemoryWriting
from agentreplay.core.redact import Redactor
from agentreplay.errors import DocumentUnreadable, ExtraMissing
from agentreplay.intake.providers import wire
from agentreplay.model.fact import Author
from agentreplay.model.memory import IMPORTANCE, CollectionKey, MemoryFilter, Metadata, Record, Source
from agentreplay.model.session import SessionKey
from agentreplay.store.protocol import Store

__all__ = ["Ingested", "Ingesting", "documents_in", "place_of_session"]

_IGNORED = ".gitignore"
_OUTERMOST = Path()


class Ingested(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a document or a session."""

    place: str
    chunks: int = 0
    changed: int = 0
    """So many of them are new or otherwise;"""
    removed: int = 0
    """so many of before are in it no more."""
    problem: str = ""
    """Why it was left out."""


class Ingesting:
    """Takes things into one collection."""

    def __init__(  # noqa: PLR0913  # what all records of it have in common
        self,
        store: Store,
        writing: MemoryWriting,
        collection: CollectionKey,
        *,
        size: int = USUAL_SIZE,
        metadata: Metadata | None = None,
        author: str = "",
        importance: float = IMPORTANCE,
    ) -> None:
        self._store = store
        self._writing = writing
        self._collection = collection
        self._size = size
        self._metadata: Metadata = metadata or {}
        self._author = author
        self._importance = importance

    def document(self, data: bytes, place: str) -> Ingested:
        """Take in a document. Raises DocumentUnreadable, and ExtraMissing."""
        found = [(chunk, _source(chunk, place)) for chunk in chunks_of(data, place, self._size)]
        return self._take(found, place)

    def files(self, paths: Iterable[Path]) -> Iterator[Ingested]:
        """Take in files, one after the other; one that cannot be read is left out, and told of."""
        for path in paths:
            place = str(path.absolute())
            try:
                yield self.document(path.read_bytes(), place)
            except (DocumentUnreadable, ExtraMissing) as error:
                yield Ingested(place=place, problem=f"{error} {error.hint}")
            except OSError as error:
                yield Ingested(place=place, problem=str(error))

    def session(self, key: SessionKey, redactor: Redactor) -> Ingested:
        """Take in what was asked, said and done in a session, without secrets; it goes when the session is deleted.

        Raises SessionMissing.
        """
        place = place_of_session(key)
        told = account(self._store, key, redactor)
        found = [one for entry in told.entries for one in self._of_entry(key, entry, place)]
        return self._take(found, place, Author(session=key.session))

    def _of_entry(self, key: SessionKey, entry: Entry, place: str) -> Iterator[tuple[Chunk, Source]]:
        rows = self._store.spans.read(key, entry.seq, 1)
        for chunk in pack(_blocks_of(entry), self._size):
            source = Source(place=place, heading=chunk.heading, session=key.session)
            if rows:
                source = msgspec.structs.replace(source, trace_id=rows[0].trace_id, span_id=rows[0].span_id)
            yield chunk, source

    def _take(self, found: Sequence[tuple[Chunk, Source]], place: str, author: Author | None = None) -> Ingested:
        records: dict[str, Record] = {}
        for chunk, source in found:
            records[_id_of(source, chunk.text, records)] = Record(
                text=chunk.text,
                metadata=self._metadata,
                source=source,
                author=self._author,
                importance=self._importance,
            )
        before = memory.each(self._store.memories, self._collection, MemoryFilter(place=place))
        gone = [held.version.id for held in before if held.record.source.place == place]
        gone = [key for key in gone if key not in records]
        saved = self._writing.upsert(self._collection, records, gone, author)
        return Ingested(place=place, chunks=len(records), changed=len(saved.ids) - len(gone), removed=len(gone))


def documents_in(paths: Iterable[Path]) -> Iterator[Path]:
    """The files, and those in the folders that can be read as documents: not hidden ones, nor what git ignores."""
    for path in paths:
        if path.is_dir():
            yield from _below(path, _OUTERMOST, NO_RULES)
        else:
            yield path


def place_of_session(key: SessionKey) -> str:
    """The place that records have which were taken from a session."""
    return f"session:{key.session}"


def _below(top: Path, folder: Path, rules: Rules) -> Iterator[Path]:
    ignored = top / folder / _IGNORED
    if ignored.is_file():
        base = "" if folder == _OUTERMOST else f"{folder.as_posix()}/"
        rules = rules.with_lines(base, ignored.read_text("utf-8", "replace"))
    for path in sorted((top / folder).iterdir()):
        inner = folder / path.name
        is_folder = path.is_dir() and not path.is_symlink()
        if path.name.startswith(".") or rules.ignores(inner.as_posix(), path.name, is_folder=is_folder):
            continue
        if is_folder:
            yield from _below(top, inner, rules)
        elif path.is_file() and is_document(path.name):
            yield path


def _source(chunk: Chunk, place: str) -> Source:
    return Source(
        place=place,
        heading=chunk.heading,
        first_line=chunk.first_line,
        last_line=chunk.last_line,
        page=chunk.page,
    )


def _id_of(source: Source, text: str, taken: Mapping[str, object]) -> str:
    """The same for the same chunk of the same place; of several that are alike, each has its own."""
    number = 0
    while True:
        told = "\0".join((source.place, source.heading, source.span_id or "", text, str(number)))
        found = blake3(told.encode()).hexdigest(length=13)
        if found not in taken:
            return found
        number += 1


def _blocks_of(entry: Entry) -> Iterator[Block]:
    """What an entry of the account says, under a heading that tells who said it."""
    heading, text = entry.title, entry.text
    if entry.kind == "prompt":
        heading = "asked"
    elif entry.kind == "answer":
        heading = f"{entry.title} answered"
    elif entry.kind == "tool":
        asked = wire.to_json(entry.request).decode("utf-8", "replace")
        heading, text = f"tool {entry.title}", f"{asked}\n\n{entry.result}"
    for block in blocks_of_text(text):
        yield Block(block.text, block.first_line, block.last_line, heading)
