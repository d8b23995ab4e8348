"""Reads journals in chunks that are worth a transaction, and prepares them; needs no database."""

import heapq
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, cast

import msgspec

from agentreplay.errors import AgentReplayError, FrameUnknown
from agentreplay.model.batch import Batch
from agentreplay.model.values import decode
from agentreplay.store.journal.frame import BATCH, Frame
from agentreplay.store.journal.packing import FRAME_HEADER, JOURNAL_FOLDER
from agentreplay.store.journal.reader import is_readable, read_frames, sizes_in
from agentreplay.store.journal.writer import BATCH_VERSION
from agentreplay.store.registry import FRAMES, frame_reader
from agentreplay.store.sqlite.completing import complete
from agentreplay.store.sqlite.prepare import Named, Preparation, named_contents, prepare
from agentreplay.store.sqlite.prepared import Prepared
from agentreplay.store.sqlite.told import Told, read_told

__all__ = ["Chunk", "Goals", "batch_of", "read_chunks"]

_SPANS = 12_000
"""What hours and days measure is added to once a chunk, so large ones take less time in all. But while a chunk is
applied, for a second or so, nobody else can write to the database."""
_BYTES = 6 << 20
"""Of frames. Prepared they take twice as much, and that in two processes."""
_FIRST = 16
"""The first chunk for one who waits for it is by so much smaller; the next ones are twice as large each, and the last
ones take half of what is left each."""
_WORTH_GOING_ON = 1 << 20
"""So many bytes that came meanwhile."""
_REMEMBERED = 100_000
_AT_ONCE = 8
"""So many journals are read at the same time."""


class Goals(msgspec.Struct, array_like=True):
    """Which journals to read: for each, from where on and how far."""

    folder: str
    journals: dict[str, tuple[int, int]]
    patience: float = 0.0
    """For so many seconds what comes meanwhile is read too, in these journals and in new ones, if it is worth it."""

    @property
    def bytes(self) -> int:
        """How much there is to read."""
        return sum(max(0, until - offset) for offset, until in self.journals.values())

    def rest(self, reached: Mapping[str, int]) -> "Goals":
        """What is left of it for one who came so far."""
        left = {name: (reached.get(name, offset), until) for name, (offset, until) in self.journals.items()}
        return Goals(self.folder, left)

    def renewed(self, reached: dict[str, int]) -> "Goals":
        """What there is to read now for one who came so far."""
        known = {name: offset for name, (offset, _) in self.journals.items()} | reached
        folder = Path(self.folder)
        sizes = {
            name: size
            for name, size in sizes_in(folder).items()
            if name in known or is_readable(folder / JOURNAL_FOLDER / name)
        }
        return Goals(self.folder, {name: (known.get(name, 0), size) for name, size in sizes.items()})


class Chunk(msgspec.Struct, array_like=True):
    """What was prepared, how far that is in each journal, and what could not be read."""

    prepared: Prepared
    offsets: dict[str, int]
    unreadable: list[tuple[str, int, int, str]] = []
    """Frames that are whole and make no sense: journal, end, size and what is wrong."""


class _Read(NamedTuple):
    """A frame of a journal that was read."""

    time: int
    """When what it tells began."""
    name: str
    frame: Frame
    batch: Told | Batch | None
    problem: str = ""
    """Why there is no batch."""


def read_chunks(goals: Goals, *, thorough: bool = False, gently: bool = False) -> Iterator[Chunk]:
    """Chunk after chunk, in the order of each journal; `thorough` as in `complete`.

    `gently` is for one who applies each while the next is made: small ones come first, so that he can begin, and
    last, so that little is left to do when all are made. It is left to him to `complete` them.
    """
    recent = _Recent()
    collected = _Collected(goals.folder, recent, thorough=thorough, gently=gently)
    least = _SPANS // _FIRST
    most = least if gently else _SPANS
    for left, read in _read_on(goals):
        collected.add(read)
        is_half = gently and collected.spans >= least and collected.bytes >= left
        if collected.spans >= most or collected.bytes >= _BYTES or is_half:
            yield collected.chunk()
            collected = _Collected(goals.folder, recent, thorough=thorough, gently=gently)
            most = min(2 * most, _SPANS)
    if collected.offsets:
        yield collected.chunk()


class _Recent:
    """The contents that the last chunks brought: who applies the next one has stored them, or is not asked to.

    While journals are drained nothing is deleted, so what one chunk brought the next ones need not bring again.
    """

    def __init__(self) -> None:
        self._young: set[Named] = set()
        self._old: set[Named] = set()

    def __contains__(self, name: object) -> bool:
        if name in self._young:
            return True
        is_old = name in self._old
        if is_old:
            self._young.add(cast("Named", name))
        return is_old

    def add(self, names: Iterable[Named]) -> None:
        if len(self._young) >= _REMEMBERED:
            self._young, self._old = set(), self._young
        self._young.update(names)


class _Collected:
    """The frames of one chunk. They are prepared as they are read, because what was read is large."""

    def __init__(self, folder: str, recent: "_Recent", *, thorough: bool, gently: bool) -> None:
        self._folder = Path(folder)
        self._recent = recent
        self._thorough = thorough
        self._gently = gently
        self._preparation: Preparation | None = Preparation(recent)
        self.offsets: dict[str, int] = {}
        self.spans = 0
        self.bytes = 0
        self._frames: list[tuple[str, Frame]] = []
        self._unreadable: list[tuple[str, int, int, str]] = []

    def add(self, read: _Read) -> None:
        _, name, frame, batch, problem = read
        self.offsets[name] = frame.end
        if batch is None:
            self._give_up(name, frame, problem)
            return
        self._frames.append((name, frame))
        self.spans += len(batch.spans)
        self.bytes += len(frame.payload)
        if self._preparation is not None:
            try:
                self._preparation.add(batch)
            except Exception:  # noqa: BLE001 - whatever is wrong with one batch, it must not keep the others out
                self._preparation = None

    def chunk(self) -> Chunk:
        prepared = self._finished() or prepare(self._sound(), stored=self._recent, thorough=self._thorough)
        self._recent.add(named_contents(prepared))
        self._frames.clear()
        self._preparation = None
        return Chunk(prepared, self.offsets, self._unreadable)

    def _finished(self) -> Prepared | None:
        if self._preparation is None:
            return None
        try:
            prepared = self._preparation.finish()
            if not self._gently:
                complete(prepared, thorough=self._thorough)
        except Exception:  # noqa: BLE001 - as above
            return None
        return prepared

    def _sound(self) -> Iterator[Told | Batch]:
        """The batches once more, but for those that cannot be prepared."""
        for name, frame in self._frames:
            try:
                prepare([_batch_in(frame, self._folder)])
            except AgentReplayError as error:
                self._give_up(name, frame, error.message)
            except Exception as error:  # noqa: BLE001 - as above; it is told in the list of losses
                self._give_up(name, frame, f"{type(error).__name__}: {error}")
            else:
                yield _batch_in(frame, self._folder)

    def _give_up(self, name: str, frame: Frame, problem: str) -> None:
        self._unreadable.append((name, frame.end, len(frame.payload), problem))


def _read_on(goals: Goals) -> Iterator[tuple[int, _Read]]:
    """Read all, and as long as there is patience what came meanwhile; with what is left as far as is known."""
    deadline = time.monotonic() + goals.patience
    reached: dict[str, int] = {}
    while True:
        before, left = dict(reached), goals.bytes
        for read in _read_all(goals):
            reached[read.name] = read.frame.end
            left -= FRAME_HEADER.size + len(read.frame.payload)
            yield left, read
        # Nothing more is read of what only a newer version understands.
        if reached == before or time.monotonic() > deadline:
            return
        goals = goals.renewed(reached)
        if goals.bytes < _WORTH_GOING_ON:
            return


def _read_all(goals: Goals) -> Iterator[_Read]:
    """Some journals at the same time, so that what happened at the same time comes together.

    Then a chunk touches fewer rollups, and adds to indexes that go by time in one place.
    """
    names = [name for name, (offset, until) in goals.journals.items() if offset < until]
    for first in range(0, len(names), _AT_ONCE):
        journals = [_read_journal(goals, name) for name in names[first : first + _AT_ONCE]]
        yield from heapq.merge(*journals, key=lambda read: read.time)


def _read_journal(goals: Goals, name: str) -> Iterator[_Read]:
    time = 0
    for frame in read_frames(Path(goals.folder) / JOURNAL_FOLDER / name, *goals.journals[name]):
        if not _is_known(frame):
            break  # This frame and what follows is kept for the version that wrote it.
        try:
            batch = _batch_in(frame, Path(goals.folder))
        except AgentReplayError as error:
            yield _Read(time, name, frame, None, error.message)
        else:
            time = batch.spans[0].start if batch.spans else time
            yield _Read(time, name, frame, batch)


def _batch_in(frame: Frame, folder: Path) -> Told | Batch:
    return read_told(frame.payload) if frame.kind == BATCH else batch_of(frame, folder)


def _is_known(frame: Frame) -> bool:
    return (frame.kind, frame.version) == (BATCH, BATCH_VERSION) or (frame.kind, frame.version) in FRAMES


def batch_of(frame: Frame, folder: Path | None = None) -> Batch:
    """The batch in a frame, of a data folder if it is one's; raises one of ours when this version cannot read it."""
    if (frame.kind, frame.version) == (BATCH, BATCH_VERSION):
        batch: Batch = decode(frame.payload, Batch)
        return batch
    read = frame_reader(frame.kind, frame.version)
    if read is None:
        raise FrameUnknown(kind=frame.kind, version=frame.version)
    return read(frame.payload, folder)
