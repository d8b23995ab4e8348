"""The index: segments that never change, a manifest that says which of them count, and what is pending."""

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Generator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from agentreplay.errors import DiskFailing, VectorsBusy, VectorsDamaged, VectorsForeign, VectorsUnfit
from agentreplay.one_core import on_one_core
from agentreplay.platform import lock_file, unlock_file
from agentreplay.vectors import learning
from agentreplay.vectors.manifest import MANIFEST, Manifest, Part, read_manifest, write_manifest
from agentreplay.vectors.merging import Source, merge, to_merge
from agentreplay.vectors.pending import Pending
from agentreplay.vectors.protocol import Found
from agentreplay.vectors.quantiser import Quantiser
from agentreplay.vectors.searching import best, nearest_exactly, nearest_quantised, none_found
from agentreplay.vectors.segment import Segment, write_array

__all__ = ["SegmentedIndex"]

_LOCK = "lock"
_PATIENCE = 120.0
_PAUSE = 0.01
_MOST_PENDING = 32_768
_TRIES = 10


class _State:
    """What a manifest names, opened."""

    def __init__(self, folder: Path, manifest: Manifest, before: "_State | None" = None) -> None:
        self.manifest = manifest
        opened: dict[Part, Segment] = {}
        if before is not None:
            opened.update(zip(before.manifest.parts, before.segments, strict=True))
        self.segments: list[Segment] = [
            opened.get(part) or Segment(folder / part.segment, folder / part.gone if part.gone else None)
            for part in manifest.parts
        ]
        for part, segment in zip(manifest.parts, self.segments, strict=True):
            found = segment.layout.rows, segment.layout.dimensions, segment.layout.lists > 0
            if found != (part.rows, manifest.dimensions, part.quantiser != ""):
                raise VectorsDamaged(place=str(folder), problem=f"{part.segment} is not the one that was written")
        known = {} if before is None else before.quantisers
        names = {part.quantiser for part in manifest.parts} | {manifest.quantiser}
        self.quantisers: dict[str, Quantiser] = {
            name: known.get(name) or Quantiser.read(folder / name, manifest.dimensions) for name in names - {""}
        }

    @property
    def coded(self) -> dict[str, list[Segment]]:
        """The segments that have codes, by the file of what made these."""
        found: dict[str, list[Segment]] = {}
        for part, segment in zip(self.manifest.parts, self.segments, strict=True):
            if part.quantiser:
                found.setdefault(part.quantiser, []).append(segment)
        return found

    def sources(self, begin: int = 0) -> list[Source]:
        """The segments from a place on, to read from."""
        after = zip(self.segments[begin:], self.manifest.parts[begin:], strict=True)
        return [Source(segment, self.quantisers.get(part.quantiser)) for segment, part in after]


class SegmentedIndex:
    """A VectorIndex in a folder."""

    def __init__(self, folder: Path, dimensions: int, model: str) -> None:
        self.dimensions = dimensions
        self._folder = folder
        self._model = model
        self._guard = threading.RLock()
        self._pending = Pending(dimensions)
        self._seen: tuple[int, int, int] | None = None
        self._wiped: set[str] = set()
        self._state = _State(folder, Manifest(model=model, dimensions=dimensions))
        self._learning = learning.Learning(folder, dimensions, lambda: SegmentedIndex(folder, dimensions, model))
        self._refresh()

    @property
    def position(self) -> int:
        """See VectorIndex."""
        with self._guard:
            self._refresh()
            return self._state.manifest.position

    def __len__(self) -> int:
        with self._guard:
            self._refresh()
            return sum(map(len, self._state.segments)) + len(self._pending)

    def add(self, keys: NDArray[np.uint64], vectors: NDArray[np.float32]) -> None:
        """See VectorIndex."""
        keys, vectors = np.asarray(keys, np.uint64), self._unit(vectors)
        if keys.shape != vectors.shape[:1]:
            raise VectorsUnfit(problem=f"{len(vectors)} vectors came for {keys.size} keys", dimensions=self.dimensions)
        for start in range(0, len(keys), _MOST_PENDING):
            part = slice(start, start + _MOST_PENDING)
            with self._guard:
                self._hide(keys[part])
                self._pending.add(keys[part], vectors[part])
                if len(self._pending) >= _MOST_PENDING:
                    self.flush()

    def remove(self, keys: NDArray[np.uint64]) -> None:
        """See VectorIndex."""
        keys = np.asarray(keys, np.uint64)
        with self._guard:
            self._hide(keys)
            self._pending.remove(keys)

    def search(self, vectors: NDArray[np.float32], count: int, allowed: NDArray[np.uint64] | None = None) -> Found:
        """See VectorIndex."""
        if allowed is not None:
            allowed = _ascending(np.asarray(allowed, np.uint64))
        questions = self._unit(vectors)
        keys = np.zeros((len(questions), max(count, 0)), np.uint64)
        scores = np.full(keys.shape, -np.inf, np.float32)
        with on_one_core():
            for row, vector in enumerate(questions if count > 0 else ()):
                found = self._nearest(vector, count, allowed)
                keys[row, : len(found.keys)] = found.keys
                scores[row, : len(found.scores)] = found.scores
        return Found(keys, scores)

    def _nearest(self, vector: NDArray[np.float32], count: int, allowed: NDArray[np.uint64] | None) -> Found:
        with self._guard:
            self._refresh()
            state = self._state
            found = [self._pending.search(vector, allowed) if len(self._pending) else none_found()]
        for name, coded in state.coded.items():
            found.append(nearest_quantised(coded, state.quantisers[name], vector, count, allowed))
        found.extend(
            nearest_exactly(segment, vector, count, allowed) for segment in state.segments if not segment.layout.lists
        )
        return best(found, count)

    def flush(self, position: int | None = None) -> None:
        """See VectorIndex."""
        with self._guard, self._locked(), on_one_core():
            self._refresh()
            before = self._state.manifest
            position = before.position if position is None else position
            if self._pending or position != before.position:
                with self._telling():
                    after = self._written(position)
                    write_manifest(self._folder, after)
                self._pending = Pending(self.dimensions)
                self._refresh()
                self._clean(before)
            is_due = learning.is_due(len(self), self._state.manifest.trained)
        if is_due:
            self._learning.start()

    def settle(self) -> None:
        """See VectorIndex."""
        self.flush()
        self._learning.wait()

    def look(self) -> tuple[tuple[Part, ...], list[Source]]:
        """See Learnable."""
        with self._guard:
            self._refresh()
            return self._state.manifest.parts, self._state.sources()

    def replace(self, learnt: learning.Learnt) -> None:
        """See Learnable."""
        with self._guard, self._locked(), self._telling():
            self._refresh()
            before = self._state.manifest
            count = len(learnt.parts)
            if before.parts[:count] != learnt.parts:
                return
            generation = before.generation + 1
            quantiser = f"quantiser-{generation}"
            learnt.quantiser.rename(self._folder / quantiser)
            parts: list[Part] = []
            for path, rows in learnt.segments:
                parts.append(Part(segment=f"segment-{generation}-{len(parts)}", rows=rows, quantiser=quantiser))
                path.rename(self._folder / parts[-1].segment)
            after = msgspec.structs.replace(
                before,
                generation=generation,
                quantiser=quantiser,
                trained=parts[0].rows,
                parts=(*parts, *before.parts[count:]),
            )
            write_manifest(self._folder, after)
            self._refresh()
            self._clean(before)

    def close(self) -> None:
        """See VectorIndex. Mapped files are let go of with the last array that shows them."""
        with self._guard:
            self._pending = Pending(self.dimensions)
            self._state = _State(self._folder, Manifest(model=self._model, dimensions=self.dimensions))
            self._seen = None

    def _written(self, position: int) -> Manifest:
        """Write what is new, and return the manifest that will name it."""
        before = self._state.manifest
        generation = before.generation + 1
        kept = self._to_keep()
        parts = [self._kept(place, generation) for place in range(kept)]
        sources = [*self._state.sources(kept), Source((self._pending.keys, self._pending.vectors))]
        if any(map(len, sources)):
            segment = f"segment-{generation}"
            quantiser = self._state.quantisers.get(before.quantiser)
            rows = merge(self._folder / segment, sources, self.dimensions, quantiser)
            parts.append(Part(segment=segment, rows=rows, quantiser=before.quantiser))
        return msgspec.structs.replace(before, generation=generation, position=position, parts=tuple(parts))

    def _to_keep(self) -> int:
        """How many segments, from the first, are left as they are: those of which something is being learnt, and of the
        others those that are not worth merging.
        """
        parts = self._state.manifest.parts
        kept = to_merge(self._state.segments, len(self._pending))
        if self._state.manifest.quantiser:
            # What came while the first was being learnt has no codes yet, and would be compared one by one.
            kept = min([kept, *(place for place, part in enumerate(parts) if not part.quantiser)])
        learnt = learning.learnt_of(self._folder)
        return max([kept, *(place + 1 for place, part in enumerate(parts) if part.segment in learnt)])

    def _kept(self, place: int, generation: int) -> Part:
        part, segment = self._state.manifest.parts[place], self._state.segments[place]
        if segment.dead == part.gone_rows:
            return part
        name = f"gone-{generation}-{place}"
        write_array(self._folder / name, segment.gone.astype(np.uint32))
        return msgspec.structs.replace(part, gone=name, gone_rows=segment.dead)

    def _clean(self, before: Manifest) -> None:
        """Take from the disk what counts no longer."""
        learnt = learning.learnt_of(self._folder)
        if any(part.segment in learnt and part not in self._state.manifest.parts for part in before.parts):
            shutil.rmtree(self._folder / learning.LEARNING, ignore_errors=True)
        for part, segment in zip(self._state.manifest.parts, self._state.segments, strict=True):
            if part.gone and part.gone not in self._wiped:
                segment.wipe()
                self._wiped.add(part.gone)
        named = self._state.manifest.files | {MANIFEST, _LOCK, learning.LEARNING, learning.LOCK}
        for path in self._folder.iterdir():
            if path.name not in named:
                # Windows keeps a file that another process has mapped; the next flush takes it.
                with contextlib.suppress(PermissionError):
                    path.unlink()

    def _hide(self, keys: NDArray[np.uint64]) -> None:
        self._refresh()
        for segment in self._state.segments:
            segment.hide(segment.find(keys))

    def _refresh(self) -> None:
        """Open what the manifest names now. A file may be gone again before it is opened: then there is a newer one."""
        for attempt in range(_TRIES):
            seen = _seen(self._folder / MANIFEST)
            if seen == self._seen:
                return
            try:
                state = self._opened(seen)
            except FileNotFoundError as error:
                if attempt == _TRIES - 1:
                    problem = f"{Path(error.filename).name} is missing"
                    raise VectorsDamaged(place=str(self._folder), problem=problem) from error
                continue
            hidden = self._pending.hidden
            for segment in state.segments:
                segment.hide(segment.find(hidden))
            self._state, self._seen = state, seen
            return

    def _opened(self, seen: tuple[int, int, int] | None) -> _State:
        manifest = None if seen is None else read_manifest(self._folder)
        manifest = manifest or Manifest(model=self._model, dimensions=self.dimensions)
        found, wanted = _kind(manifest.model, manifest.dimensions), _kind(self._model, self.dimensions)
        if found != wanted:
            raise VectorsForeign(place=str(self._folder), found=found, wanted=wanted)
        return _State(self._folder, manifest, self._state)

    @contextlib.contextmanager
    def _telling(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise DiskFailing(path=str(self._folder), problem=error.strerror or str(error)) from error

    @contextlib.contextmanager
    def _locked(self) -> Generator[None]:
        with self._telling():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # somebody may have thrown it away
            descriptor = os.open(self._folder / _LOCK, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            until = time.monotonic() + _PATIENCE
            while not lock_file(descriptor):
                if time.monotonic() > until:
                    raise VectorsBusy(place=str(self._folder), seconds=round(_PATIENCE))
                time.sleep(_PAUSE)
            try:
                yield
            finally:
                unlock_file(descriptor)
        finally:
            os.close(descriptor)

    def _unit(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        rows = np.array(vectors, np.float32, ndmin=2)
        if rows.ndim != 2 or rows.shape[1] != self.dimensions:  # noqa: PLR2004  # rows of numbers
            raise VectorsUnfit(problem=f"they have the shape {rows.shape}", dimensions=self.dimensions)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(lengths).all():
            raise VectorsUnfit(problem="not all of their numbers are finite", dimensions=self.dimensions)
        rows /= np.maximum(lengths, np.finfo(np.float32).tiny)
        return rows


def _kind(model: str, dimensions: int) -> str:
    return f"{model} with {dimensions} numbers each"


def _seen(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _ascending(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return keys if bool(np.all(keys[1:] > keys[:-1])) else np.unique(keys)
