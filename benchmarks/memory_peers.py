"""What chromadb and lancedb do with the vectors of the memory benchmark. Run by a Python that has them, and no other.

    python benchmarks/memory_peers.py chromadb|lancedb FOLDER COUNT

Both are as they come, but for the measure: cosine. For lancedb an index is made by its defaults, and of what it finds
ten times as many are compared by their full vectors, which is its own way to a better recall.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["main"]

_Array = NDArray[np.float32]
_Search = Callable[[_Array, int], Sequence[int]]
_BATCH = 1_000
_ROUNDS = 3
_REFINED = 10


def main(peer: str, folder: Path, count: int) -> None:
    """Insert all, search, and print one line of JSON."""
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    questions, nearest = np.load(folder / "questions.npy"), np.load(folder / "nearest.npy")
    place = folder / peer
    insert, opened = {"chromadb": (_fill_chromadb, _open_chromadb), "lancedb": (_fill_lancedb, _open_lancedb)}[peer]
    before = _resident()
    begun = time.process_time()
    state = insert(place, vectors)
    spent = time.process_time() - begun
    search = opened(state)
    times: list[float] = []
    hits = 0
    for question, rows in zip(questions, nearest, strict=True):
        taken: list[float] = []
        found: Sequence[int] = ()
        for _ in range(_ROUNDS):
            begun = time.process_time()
            found = search(question, count)
            taken.append(time.process_time() - begun)
        times.append(min(taken) * 1e3)
        hits += len(set(found) & set(rows.tolist()))
    disk = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    told = {"insert": spent, "recall": hits / nearest.size, "p50": statistics.median(times)}
    print(json.dumps({**told, "held": _resident() - before, "disk": disk}))


def _fill_chromadb(place: Path, vectors: _Array) -> Any:
    client = import_module("chromadb").PersistentClient(str(place))
    collection = client.create_collection("vectors", metadata={"hnsw:space": "cosine"}, embedding_function=None)
    for start in range(0, len(vectors), _BATCH):
        batch = np.array(vectors[start : start + _BATCH])
        collection.add(ids=[str(start + row) for row in range(len(batch))], embeddings=batch)
    return collection


def _open_chromadb(collection: Any) -> _Search:
    def search(question: _Array, count: int) -> Sequence[int]:
        found = collection.query(query_embeddings=question[None], n_results=count, include=["distances"])
        return [int(key) for key in found["ids"][0]]

    return search


def _fill_lancedb(place: Path, vectors: _Array) -> Any:
    arrow = import_module("pyarrow")
    database = import_module("lancedb").connect(place)
    width = vectors.shape[1]
    kind = arrow.schema([("key", arrow.int64()), ("vector", arrow.list_(arrow.float32(), width))])
    table = database.create_table("vectors", schema=kind)
    for start in range(0, len(vectors), _BATCH * 10):
        batch = np.array(vectors[start : start + _BATCH * 10])
        rows = arrow.FixedSizeListArray.from_arrays(arrow.array(batch.ravel()), width)
        table.add(arrow.table({"key": np.arange(start, start + len(batch)), "vector": rows}))
    table.create_index(metric="cosine", vector_column_name="vector")
    return table


def _open_lancedb(table: Any) -> _Search:
    def search(question: _Array, count: int) -> Sequence[int]:
        asked = table.search(question).metric("cosine").refine_factor(_REFINED).limit(count).select(["key"])
        return [int(key) for key in asked.to_arrow()["key"].to_pylist()]

    return search


def _resident() -> int:
    """What the process holds itself, in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
