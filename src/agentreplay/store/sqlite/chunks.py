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


def read_chunks(goals: Goals, *, thorough: bool = False) -> Iterator[Chunk]:
    """Chunk after chunk, in the order of each journal; `thorough` as in `prepare`."""
    collected = _Collected(thorough=thorough)
    for name, frame in _frames(goals):
        collected.add(name, frame)
        if collected.spans >= _SPANS or collected.bytes >= _BYTES:
            yield collected.chunk()
            collected = _Collected(thorough=thorough)
    if collected.offsets:
        yield collected.chunk()


class _Collected:
    """The frames of one chunk."""

    def __init__(self, *, thorough: bool) -> None:
        self._thorough = thorough
        self.offsets: dict[str, int] = {}
        self.spans = 0
        self.bytes = 0
        self._batches: list[tuple[Batch, str, Frame]] = []
        self._unreadable: list[tuple[str, int, int, str]] = []

    def add(self, name: str, frame: Frame) -> None:
        self.offsets[name] = frame.end
        try:
            batch = batch_of(frame)
        except AgentReplayError as error:
            self._give_up(name, frame, error.message)
        else:
            self._batches.append((batch, name, frame))
            self.spans += len(batch.spans)
            self.bytes += len(frame.payload)

    def chunk(self) -> Chunk:
        try:
            prepared = prepare((batch for batch, _, _ in self._batches), thorough=self._thorough)
        except Exception:  # noqa: BLE001 - whatever is wrong with one batch, it must not keep the others out
            prepared = prepare(self._sound(), thorough=self._thorough)
        return Chunk(prepared, self.offsets, self._unreadable)

    def _sound(self) -> Iterator[Batch]:
        for batch, name, frame in self._batches:
            try:
                prepare([batch])
            except Exception as error:  # noqa: BLE001 - as above; it is told in the list of losses
                self._give_up(name, frame, f"{type(error).__name__}: {error}")
            else:
                yield batch

    def _give_up(self, name: str, frame: Frame, problem: str) -> None:
        self._unreadable.append((name, frame.end, len(frame.payload), problem))


def _frames(goals: Goals) -> Iterator[tuple[str, Frame]]:
    for name, (offset, until) in goals.journals.items():
        path = Path(goals.folder) / JOURNAL_FOLDER / name
        for frame in read_frames(path, offset, until):
            if not _is_known(frame):
                break  # This frame and what follows is kept for the version that wrote it.
            yield name, frame


def _is_known(frame: Frame) -> bool:
    return (frame.kind, frame.version) == (BATCH, BATCH_VERSION)


def batch_of(frame: Frame) -> Batch:
    """The batch in a frame; raises one of ours when this version cannot read it."""
    if not _is_known(frame):
        raise FrameUnknown(kind=frame.kind, version=frame.version)
    batch: Batch = decode(frame.payload, Batch)
    return batch
