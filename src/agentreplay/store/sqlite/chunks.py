"""Reads journals in chunks that are worth a transaction, and prepares them; needs no database."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from agentreplay.errors import AgentReplayError, FrameUnknown
from agentreplay.model.batch import Batch
from agentreplay.model.values import decode
from agentreplay.store.journal.frame import BATCH, Frame
from agentreplay.store.journal.reader import read_frames
from agentreplay.store.journal.writer import BATCH_VERSION, JOURNAL_FOLDER
from agentreplay.store.sqlite.prepare import prepare
from agentreplay.store.sqlite.prepared import Prepared

__all__ = ["Chunk", "Goals", "batch_of", "read_chunks"]

_SPANS = 8_000
_BYTES = 32 << 20


class Goals(msgspec.Struct, array_like=True):
    """Which journals to read: for each, from where on and how far."""

    folder: str
    journals: dict[str, tuple[int, int]]

    @property
    def bytes(self) -> int:
        """How much there is to read."""
        return sum(max(0, until - offset) for offset, until in self.journals.values())


class Chunk(msgspec.Struct, array_like=True):
    """What was prepared, how far that is in each journal, and what could not be read."""

    prepared: Prepared
    offsets: dict[str, int]
    unreadable: list[tuple[str, int, int, str]] = []
    """Frames that are whole and make no sense: journal, end, size and what is wrong."""


def read_chunks(goals: Goals) -> Iterator[Chunk]:
    """Chunk after chunk, in the order of each journal."""
    batches: list[Batch] = []
    offsets: dict[str, int] = {}
    unreadable: list[tuple[str, int, int, str]] = []
    spans = size = 0
    for name, frame in _frames(goals):
        offsets[name] = frame.end
        try:
            batch = batch_of(frame)
        except AgentReplayError as error:
            unreadable.append((name, frame.end, len(frame.payload), error.message))
        else:
            batches.append(batch)
            spans += len(batch.spans)
            size += len(frame.payload)
        if spans >= _SPANS or size >= _BYTES:
            yield Chunk(prepare(batches), offsets, unreadable)
            batches, offsets, unreadable, spans, size = [], {}, [], 0, 0
    if offsets:
        yield Chunk(prepare(batches), offsets, unreadable)


def _frames(goals: Goals) -> Iterator[tuple[str, Frame]]:
    for name, (offset, until) in goals.journals.items():
        path = Path(goals.folder) / JOURNAL_FOLDER / name
        for frame in read_frames(path, offset, until):
            yield name, frame


def batch_of(frame: Frame) -> Batch:
    """The batch in a frame; raises one of ours when this version cannot read it."""
    if (frame.kind, frame.version) != (BATCH, BATCH_VERSION):
        raise FrameUnknown(kind=frame.kind, version=frame.version)
    batch: Batch = decode(frame.payload, Batch)
    return batch
