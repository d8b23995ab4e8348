"""Searches memories by meaning: vectors of texts kept in the store, and an index of them beside it.

The store is the truth. An index only makes it quick; it is brought up to the store before each search, and made anew
where it is damaged, or where too much in it is gone from the store.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from blake3 import blake3

from agentreplay.core.memory_embedding import serving_model
from agentreplay.embeddings.opening import open_embedder
from agentreplay.embeddings.protocol import Embedder
from agentreplay.errors import ExtraMissing, VectorsDamaged, VectorsForeign
from agentreplay.model.memory import CollectionKey, Forgotten, Held, MemoryFilter, RecordId, RecordNumber
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store
from agentreplay.store.words import searched_text
from agentreplay.vectors.opening import open_index, rebuild_index
from agentreplay.vectors.protocol import VectorIndex

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["StoredMeaning", "forget_for_good", "meaning_of", "vectors_of"]

_AT_ONCE = 64
"""So many texts are embedded together."""
_DURING_A_SEARCH = 16
"""So many that lack a vector get one when somebody searches, who does not want to wait; more of them wait for
`agentreplay memory reembed`."""
_STRETCH = 10_000
_NEAREST, _TIMES = 200, 4
"""So many, or so many times what is asked for, are looked at before the filter is told to the index."""
_STALE = 0.1
_FEW = 100


class StoredMeaning:
    """See `Meaning`. It belongs to one thread; the embedders, which are slow to open, are shared."""

    def __init__(self, store: Store, folder: Path, model: str, embedder_of: Callable[[str], Embedder]) -> None:
        """`folder` is that of all indexes; `embedder_of` opens embeddings by their name."""
        self._store = store
        self._folder = folder
        self._model = model
        self._embedder_of = embedder_of
        self._met: dict[RecordNumber, tuple[CollectionKey, str]] = {}
        self._asked: dict[tuple[str, str], NDArray[np.float32]] = {}

    def near(
        self, collections: Sequence[CollectionKey], text: str, where: MemoryFilter, count: int
    ) -> Sequence[tuple[Held, float]]:
        """See Meaning.near."""
        found: list[tuple[Held, float]] = []
        for collection in dict.fromkeys(collections):
            model = self._serving(collection)
            embedder = self._embedder_of(model)
            asked = self._question(text, model)
            if model == self._model:
                self._embed(collection, embedder, _DURING_A_SEARCH)
            with closing(self._index(collection, model, embedder.dimensions)) as index:
                for held, cosine in self._nearest(index, asked, collection, where, count):
                    self._met[held.number] = (collection, model)
                    found.append((held, cosine))
        return sorted(found, key=lambda one: -one[1])[:count]

    def compare(self, text: str, records: Sequence[tuple[CollectionKey, RecordNumber]]) -> Sequence[float | None]:
        """See Meaning.compare."""
        serving = {collection: self._serving(collection) for collection, _ in records}
        found: list[float | None] = []
        for collection, number in records:
            model = serving[collection]
            vector = self._vector(collection, model, number)
            if vector is None:
                found.append(None)
                continue
            self._met[number] = (collection, model)
            found.append(min(1.0, float(self._question(text, model)[0] @ vector)))
        return found

    def alike(self, numbers: Sequence[RecordNumber]) -> Sequence[Sequence[float]] | None:
        """See Meaning.alike; where a search went by several models, or by words too, nobody compared them all."""
        if len({self._met.get(number, (None, ""))[1] for number in numbers}) != 1 or numbers[0] not in self._met:
            return None
        import numpy as np  # optional extra

        rows: list[NDArray[np.float32]] = []
        for number in numbers:
            if number not in self._met:
                return None
            vector = self._vector(*self._met[number], number)
            if vector is None:
                return None
            rows.append(vector)
        together = np.stack(rows)
        told: list[list[float]] = (together @ together.T).tolist()
        return told

    def lacking(self, collections: Sequence[CollectionKey]) -> int:
        """How many records have no vector of the model that serves."""
        memories = self._store.memories
        return sum(
            memories.count(key) - memories.models(key).get(self._serving(key), 0) for key in dict.fromkeys(collections)
        )

    def reembed(self, collection: CollectionKey, tell: Callable[[int, int], object] | None = None) -> int:
        """Give every record a vector of the model that is wanted, and then forget those of others; how many are new.

        Until the last is there, those of the model before serve.
        """
        memories = self._store.memories
        embedder = self._embedder_of(self._model)
        total = memories.count(collection) - memories.models(collection).get(self._model, 0)
        done = 0
        while made := self._embed(collection, embedder, _AT_ONCE):
            done += made
            if tell is not None:
                tell(done, max(done, total))
        for model in memories.models(collection):
            if model != self._model:
                memories.drop_embeddings(collection, model)
                shutil.rmtree(_place(self._folder, collection, model), ignore_errors=True)
        with closing(self._rebuild(collection, self._model, embedder.dimensions)) as index:
            index.settle()
        return done

    def _question(self, text: str, model: str) -> "NDArray[np.float32]":
        """The vector of what is asked, as the only row; that of the last question is kept."""
        if (text, model) not in self._asked:
            if any(text != other for other, _ in self._asked):
                self._asked.clear()
            self._asked[text, model] = self._embedder_of(model).embed([text], "query")
        return self._asked[text, model]

    def _vector(self, collection: CollectionKey, model: str, number: RecordNumber) -> "NDArray[np.float32] | None":
        import numpy as np  # optional extra

        found = self._store.memories.embeddings(collection, model, RecordNumber(number - 1), 1)
        return np.frombuffer(found[0][1], "<f4") if found and found[0][0] == number else None

    def _serving(self, collection: CollectionKey) -> str:
        return serving_model(self._store.memories, collection, self._model)

    def _embed(self, collection: CollectionKey, embedder: Embedder, most: int) -> int:
        """Make vectors of texts that have none, the oldest first; how many were made."""
        made = 0
        while made < most:
            lacking = self._store.memories.unembedded(collection, embedder.name, min(_AT_ONCE, most - made))
            if not lacking:
                break
            rows = embedder.embed([searched_text(held.record).strip() for held in lacking], "passage")
            vectors = {held.number: row.astype("<f4").tobytes() for held, row in zip(lacking, rows, strict=True)}
            self._store.memories.embed(collection, embedder.name, vectors)
            made += len(lacking)
        return made

    def _index(self, collection: CollectionKey, model: str, dimensions: int) -> VectorIndex:
        """The index as the store has it now."""
        stored = self._store.memories.models(collection).get(model, 0)
        try:
            index = open_index(_place(self._folder, collection, model), dimensions, model)
        except (VectorsDamaged, VectorsForeign):
            return self._rebuild(collection, model, dimensions)
        last = index.position
        for keys, rows, last in self._stretches(collection, model, RecordNumber(index.position)):  # noqa: B007
            index.add(keys, rows)
        if last != index.position:
            index.flush(last)
        if abs(len(index) - stored) > max(_FEW, _STALE * stored) or len(index) < stored:
            index.close()
            return self._rebuild(collection, model, dimensions)
        return index

    def _rebuild(self, collection: CollectionKey, model: str, dimensions: int) -> VectorIndex:
        last = 0

        def batches() -> "Iterator[tuple[NDArray[np.uint64], NDArray[np.float32]]]":
            nonlocal last
            for keys, rows, last in self._stretches(collection, model, RecordNumber(0)):  # noqa: B007
                yield keys, rows

        index = rebuild_index(_place(self._folder, collection, model), dimensions, model, batches())
        index.flush(last)
        return index

    def _stretches(
        self, collection: CollectionKey, model: str, after: RecordNumber
    ) -> "Iterator[tuple[NDArray[np.uint64], NDArray[np.float32], int]]":
        """Numbers and vectors from the store behind a number, and the last of the numbers."""
        import numpy as np  # optional extra

        while found := self._store.memories.embeddings(collection, model, after, _STRETCH):
            keys = np.array([number for number, _ in found], dtype=np.uint64)
            rows = np.frombuffer(b"".join(data for _, data in found), "<f4").reshape(len(found), -1)
            after = found[-1][0]
            yield keys, rows, int(after)

    def _nearest(
        self,
        index: VectorIndex,
        asked: "NDArray[np.float32]",
        collection: CollectionKey,
        where: MemoryFilter,
        count: int,
    ) -> Sequence[tuple[Held, float]]:
        """The nearest of those that are meant. Most filters leave enough of the very nearest: that is tried first."""
        import numpy as np  # optional extra

        most = max(_NEAREST, count * _TIMES)
        found = self._held(*index.search(asked, most), where)
        if len(found) >= count or len(index) <= most:
            return found[:count]
        allowed = np.array(self._store.memories.numbers(collection, where), dtype=np.uint64)
        return self._held(*index.search(asked, count, allowed), where)

    def _held(
        self, keys: "NDArray[np.uint64]", scores: "NDArray[np.float32]", where: MemoryFilter
    ) -> list[tuple[Held, float]]:
        near = {int(key): float(score) for key, score in zip(keys[0], scores[0], strict=True) if score >= -1.0 - 1e-3}
        held = self._store.memories.held([RecordNumber(number) for number in near])
        return [(one, min(1.0, near[one.number])) for one in held if where.holds(one.version)]


def meaning_of(store: Store, settings: Settings) -> StoredMeaning:
    """Meaning as the settings say: with the embeddings they name, and the indexes in the data folder."""

    def embedder_of(name: str) -> Embedder:
        address = settings.embeddings_url if name == settings.embeddings else ""
        return _opened(name, settings.models, address)

    return StoredMeaning(store, vectors_of(settings), settings.embeddings, embedder_of)


def vectors_of(settings: Settings) -> Path:
    """The folder of all indexes."""
    return settings.db_path / "vectors"


@lru_cache(maxsize=4)
def _opened(name: str, models: Path, address: str) -> Embedder:
    return open_embedder(name, models, os.environ, address)


def forget_for_good(store: Store, folder: Path, collection: CollectionKey, records: Sequence[str]) -> Forgotten:
    """Remove records from the store, and what was made of them from the indexes beside it."""
    memories = store.memories
    widths = {model: len(memories.embeddings(collection, model)[0][1]) // 4 for model in memories.models(collection)}
    went = memories.forget(collection, [RecordId(one) for one in records])
    for place in _folder_of(folder, collection).glob("*"):
        model = next((one for one in widths if _place(folder, collection, one) == place), None)
        try:
            if model is None:
                shutil.rmtree(place)
            else:
                _remove(place, widths[model], model, went.numbers)
        except (ExtraMissing, VectorsDamaged, VectorsForeign):
            shutil.rmtree(place)
    return went


def _remove(place: Path, dimensions: int, model: str, numbers: Sequence[RecordNumber]) -> None:
    with closing(open_index(place, dimensions, model)) as index:
        import numpy as np  # optional extra

        index.remove(np.array(numbers, dtype=np.uint64))
        index.flush()


def _folder_of(folder: Path, collection: CollectionKey) -> Path:
    """The indexes of a collection: named so that any name of a collection makes a name of a folder."""
    return folder / blake3("\0".join(collection).encode()).hexdigest(length=12)


def _place(folder: Path, collection: CollectionKey, model: str) -> Path:
    return _folder_of(folder, collection) / blake3(model.encode()).hexdigest(length=6)
