"""Collections as lines of JSON that can be kept, read by people, and taken in again exactly."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from agentreplay.core import memory
from agentreplay.core.memory_writing import MemoryWriting
from agentreplay.errors import FormatTooNew, ValueInvalid
from agentreplay.model.fact import FactPosition, check_key
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.memory import CollectionKey, Record, collection_key
from agentreplay.store.protocol import Facts

__all__ = ["FORMAT", "dump", "load"]

T = TypeVar("T")

FORMAT = 1
_WHAT = "an export of memories"
_NAME = "agentreplay-memory"


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    format: str = ""
    version: int = 0


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """A record with its id and where it belongs."""

    collection: str
    id: str
    record: Record
    owner: str = ""


def dump(facts: Facts, collections: Iterable[CollectionKey], at: FactPosition | None = None) -> Iterator[str]:
    """Yields a line that says what follows, and then one for each record, as of one position."""
    place = facts.position() if at is None else at
    yield _told(_Head(format=_NAME, version=FORMAT))
    for collection in collections:
        for key, version in memory.whole(facts, collection, place).items():
            if version.record is not None:
                yield _told(_Line(collection=collection.name, owner=collection.owner, id=key, record=version.record))


def load(
    writing: MemoryWriting,
    tenant: TenantId,
    project: ProjectId,
    lines: Iterable[str],
    into: CollectionKey | None = None,
) -> int:
    """Take in all records, each under its id and in its collection, or into one; how many are new or otherwise.

    All lines are read before anything is written; raises ValueInvalid where one is no record. Each collection is one
    transaction.
    """
    found: dict[CollectionKey, dict[str, Record]] = {}
    numbered = enumerate((line for line in lines if line.strip()), 1)
    _check_head(*next(numbered, (1, "{}")))
    for number, line in numbered:
        one = _read(number, line, _Line)
        collection = into or collection_key(tenant, project, one.owner, one.collection)
        found.setdefault(collection, {})[check_key(one.id)] = one.record
    return sum(len(writing.upsert(collection, records).ids) for collection, records in found.items())


def _check_head(number: int, line: str) -> None:
    head = _read(number, line, _Head)
    if head.format != _NAME:
        problem = "it does not say what it is; `agentreplay memory export` writes one that does"
        raise ValueInvalid(what=f"line {number} of {_WHAT}", problem=problem)
    if head.version != FORMAT:
        raise FormatTooNew(path=_WHAT, found=head.version, known=FORMAT, version="the version that wrote it")


def _read(number: int, line: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, ValueInvalid) as error:
        raise ValueInvalid(what=f"line {number} of {_WHAT}", problem=str(error)) from error


def _told(one: msgspec.Struct) -> str:
    return msgspec.json.encode(one).decode()
