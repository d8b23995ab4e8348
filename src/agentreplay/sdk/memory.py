"""`Memory`: what an agent remembers across sessions, for programs in which agents run."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec

from agentreplay.core.memory_ingest import Ingested
from agentreplay.core.memory_places import USUAL_COLLECTION, collection_named
from agentreplay.core.memory_search import MemoryAnswer, MemoryQuestion
from agentreplay.core.memory_writing import MemoryWriting, redactor_for
from agentreplay.errors import ValueInvalid
from agentreplay.model.memory import By, Forgotten, MemoryFilter, Metadata, Record, RecordId, RecordVersion, Source
from agentreplay.model.time import Nanoseconds
from agentreplay.sdk.memory_calls import MemoryDesk, RecordedMemory
from agentreplay.sdk.session import settings_in_force
from agentreplay.sdk.state import States, author

__all__ = ["Memory"]

_now = time.time_ns
_NO_SOURCE = Source()


class Memory:
    """A collection of records that agents remember: of the project, or of one agent or workspace in it.

    It lives in the data folder of this machine, which any number of processes share. Inside a recording each use is a
    call of the kind `memory`: a replay is served what was found, keeps nothing, and what is kept names its session and
    span. Secrets are taken out of texts, as the project's policy says.
    """

    def __init__(  # noqa: PLR0913  # whose it is, and where
        self,
        collection: str = USUAL_COLLECTION,
        *,
        agent: str | None = None,
        workspace: str | os.PathLike[str] | None = None,
        db_path: str | os.PathLike[str] | None = None,
        project: str | None = None,
        tenant: str | None = None,
    ) -> None:
        states = self._states = States(db_path=db_path, project=project, tenant=tenant)
        folder = None if workspace is None else str(Path(workspace).expanduser().resolve())
        self.key = collection_named(states.tenant, states.project, collection, agent=agent, workspace=folder)
        self._memory = RecordedMemory(
            MemoryDesk(
                collection=self.key,
                store=lambda: states.store,
                writing=self._writing,
                sign=_signed,
                now=_this_moment,
                settings=states.settings,
            )
        )

    def add(  # noqa: PLR0913  # what is known of a record
        self,
        text: str,
        *,
        id: str | None = None,  # noqa: A002  # what it is called everywhere
        metadata: Metadata | None = None,
        importance: float = 0.5,
        author: str = "",
        source: Source = _NO_SOURCE,
        valid_from: int | None = None,
        valid_until: int | None = None,
    ) -> str:
        """Remember a text, and say under which id; with an `id` in place of what it holds already."""
        record = Record(
            text=text,
            metadata=metadata or {},
            source=source,
            author=author,
            importance=importance,
            valid_from=None if valid_from is None else Nanoseconds(valid_from),
            valid_until=None if valid_until is None else Nanoseconds(valid_until),
        )
        if id is None:
            return self._memory.add([record]).ids[0]
        self._memory.upsert({id: record})
        return id

    def update(self, id: str, *, expected: int | None = None, **changes: Any) -> RecordVersion:  # noqa: A002  # as above
        """Change fields of a record; with `expected` only if it has that version. What it was stays in its history."""
        unknown = changes.keys() - set(Record.__struct_fields__)
        if unknown:
            known = ", ".join(Record.__struct_fields__)
            raise ValueInvalid(what="a field of a memory", problem=f"{min(unknown)!r} is none of {known}")
        return self._memory.update(id, expected, changes)

    def get(self, id: str) -> Record:  # noqa: A002  # as above
        """A record; raises MemoryMissing."""
        found = self._memory.get(id).record
        if found is None:
            raise AssertionError("what is held was not removed")
        return found

    def search(  # noqa: PLR0913  # what counts
        self,
        text: str,
        count: int = 10,
        *,
        where: MemoryFilter | None = None,
        by: By = "both",
        recency: float = 0.0,
        half_life: float = 30.0,
        importance: float = 0.0,
        diversity: float = 0.0,
        position: int | None = None,
        time_ns: int | None = None,
        session: str | None = None,
        step: int | None = None,
    ) -> MemoryAnswer:
        """What is remembered of this, best first, and how it was looked for; or what was known at an earlier moment."""
        return self._memory.search(
            MemoryQuestion(
                text=text,
                collections=(self.key,),
                where=MemoryFilter() if where is None else where,
                count=count,
                by=by,
                recency=recency,
                half_life=half_life,
                importance=importance,
                diversity=diversity,
            ),
            _moment(position=position, time_ns=time_ns, session=session, step=step),
            holds_now=where is None,
        )

    def list(self, where: MemoryFilter | None = None) -> Sequence[RecordVersion]:
        """The records, those that changed last first."""
        return self._memory.records(MemoryFilter() if where is None else where)

    def at(
        self,
        *,
        position: int | None = None,
        time_ns: int | None = None,
        session: str | None = None,
        step: int | None = None,
    ) -> Mapping[str, RecordVersion]:
        """All that was known at a position, at a time, or when a session began a step."""
        return self._memory.whole(_moment(position=position, time_ns=time_ns, session=session, step=step))

    def history(self, id: str) -> Sequence[RecordVersion]:  # noqa: A002  # as above
        """All versions of a record, newest first, removals among them; raises MemoryMissing."""
        return self._memory.history(id)

    def remove(self, *ids: str) -> None:
        """Take records out. Their histories stay; raises MemoryMissing."""
        self._memory.remove(ids)

    def expire(self, *ids: str, time_ns: int | None = None) -> None:
        """Let records hold no longer than until a time, or until now."""
        self._memory.expire(ids, None if time_ns is None else Nanoseconds(time_ns))

    def forget(self, *ids: str) -> Forgotten:
        """Remove records for good: all versions, words and vectors, from every file of the store."""
        return self._memory.forget([RecordId(one) for one in ids])

    def ingest(
        self, source: str | os.PathLike[str], *, data: bytes | None = None, metadata: Metadata | None = None
    ) -> Ingested:
        """Take in a file chunk by chunk, or these bytes as though they stood at that place.

        Text, Markdown, HTML, source code and PDF can be read. Taken in again, only what changed is written.
        """
        path = Path(source)
        place = str(path.absolute()) if data is None else str(source)
        return self._memory.ingest(path.read_bytes() if data is None else data, place, metadata or {})

    def close(self) -> None:
        """Let go of the files. Closing twice is harmless."""
        self._states.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _writing(self) -> MemoryWriting:
        redactor = redactor_for(settings_in_force(), self._states.project)
        return MemoryWriting(self._states.store, author=author, clock=_now, redactor=redactor)


def _moment(**given: int | str | None) -> dict[str, int | str]:
    return {name: value for name, value in given.items() if value is not None}


def _signed(record: Record) -> Record:
    """With the session and span that remember it, where it names no source."""
    made_by = author()
    if made_by is None or record.source != _NO_SOURCE:
        return record
    source = Source(session=made_by.session, trace_id=made_by.trace_id, span_id=made_by.span_id)
    return msgspec.structs.replace(record, source=source)


def _this_moment() -> Nanoseconds:
    return Nanoseconds(_now())
