"""The memory benchmark: what search by meaning costs, and how much of what is nearest it finds.

The figures of searching are taken in a process of its own, which opens what another one wrote. Times are processor
time: of each question the least of three, for others may use the machine too. Memory is what the process holds itself
beyond its program, and the whole of what is read of each vector, its code; pages of full vectors are the system's to
drop, and are told beside it. Peers are asked in the same run where an environment that has them is named.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agentreplay.one_core import on_one_core
from agentreplay.vectors import open_index
from benchmarks.clusters import DIMENSIONS, Clusters, Nearest
from benchmarks.figures import Budget, Report, at_least, at_most
from benchmarks.processes import apart

__all__ = ["measure_memory"]

_COUNT = 10
_QUESTIONS = 200
_BATCH = 1_000
_ROUNDS = 3
_MODEL = "clusters"
_PEERS = ("chromadb", "lancedb")


def measure_memory(
    folder: Path, sizes: Sequence[int], report: Report, *, python: str | None = None, most_for_peers: int = 100_000
) -> None:
    """Measure an index of each size, the largest against all budgets."""
    for size in sizes:
        place = folder / f"vectors-{size}"
        place.mkdir()
        _fill(place, size, report)
        _report_search(place, size, report, is_largest=size == max(sizes))
        if size > most_for_peers:
            continue
        for peer in _PEERS:
            if python is None:
                print(f"{peer}: not measured, as --memory-peers names no Python that has it", file=sys.stderr)
            else:
                _measure_peer(peer, python, place, size, report)


def _fill(place: Path, size: int, report: Report) -> None:
    clusters = Clusters()
    (questions,) = clusters.draw(_QUESTIONS)
    nearest = Nearest(questions, _COUNT)
    index = open_index(place / "index", DIMENSIONS, _MODEL)
    written = np.lib.format.open_memmap(place / "vectors.npy", "w+", np.float32, (size, DIMENSIONS))
    batches: list[float] = []
    added = 0
    everything = time.process_time() - time.thread_time()
    # So that what other threads take is what is learnt behind whoever adds.
    with on_one_core():
        for vectors in clusters.draw(size):
            nearest.see(vectors)
            written[added : added + len(vectors)] = vectors
            for start in range(0, len(vectors), _BATCH):
                keys = np.arange(added + start, added + min(start + _BATCH, len(vectors)), dtype=np.uint64)
                begun = time.thread_time()
                index.add(keys, vectors[start : start + _BATCH])
                batches.append(time.thread_time() - begun)
            added += len(vectors)
        begun = time.thread_time()
        index.flush()
        batches.append(time.thread_time() - begun)
        index.settle()
    learning = time.process_time() - time.thread_time() - everything
    index.close()
    written.flush()
    np.save(place / "questions.npy", questions)
    np.save(place / "nearest.npy", nearest.rows)
    name = f"memory.{size}.insert"
    report.add(f"{name}.p50", statistics.median(batches) / _BATCH * 1e3, "ms/vector", at_most(1))
    # With merging, which a few batches pay for all, and with what is learnt behind them.
    report.add(f"{name}.mean", (sum(batches) + learning) / size * 1e3, "ms/vector")
    report.add(f"{name}.longest", max(batches), "s")
    report.add(f"{name}.learning", learning, "s")
    stored = sum(path.stat().st_size for path in (place / "index").iterdir())
    report.add(f"memory.{size}.disk", stored / size, "B/vector")


def _report_search(place: Path, size: int, report: Report, *, is_largest: bool) -> None:
    found = apart(_search, place)

    def if_largest(budget: Budget) -> Budget | None:
        return budget if is_largest else None

    report.add(f"memory.{size}.recall", found["recall"], "of 1", at_least(0.95))
    report.add(f"memory.{size}.search.p50", found["p50"], "ms", if_largest(at_most(5)))
    report.add(f"memory.{size}.search.p99", found["p99"], "ms")
    report.add(f"memory.{size}.held", found["held"] / size, "B/vector", if_largest(at_most(60)))
    report.add(f"memory.{size}.mapped", found["mapped"] / size, "B/vector")
    report.add(f"memory.{size}.open", found["open"], "ms")
    for part, spent in found["filtered"].items():
        report.add(f"memory.{size}.search.allowed_{part}", spent, "ms")


def _search(place: Path) -> dict[str, Any]:
    questions, nearest = np.load(place / "questions.npy"), np.load(place / "nearest.npy")
    _ = questions @ questions.T  # the library of linear algebra takes its memory now,
    open_index(place / "nothing", DIMENSIONS, _MODEL).close()  # and so does what the program itself is made of
    before, before_mapped = _resident("RssAnon"), _resident("RssFile")
    begun = time.process_time()
    index = open_index(place / "index", DIMENSIONS, _MODEL)
    opened = time.process_time() - begun
    size, hits = len(index), 0
    times: list[float] = []
    for question, rows in zip(questions, nearest, strict=True):
        spent: list[float] = []
        found = index.search(question, _COUNT)
        for _ in range(_ROUNDS):
            begun = time.process_time()
            found = index.search(question, _COUNT)
            spent.append(time.process_time() - begun)
        times.append(min(spent) * 1e3)
        hits += len(set(found.keys[0].tolist()) & set(rows.tolist()))
    # The codes of all vectors are counted, whether they were read this time or not.
    held = _resident("RssAnon") - before + size * DIMENSIONS // 8
    mapped = _resident("RssFile") - before_mapped
    filtered: dict[str, float] = {}
    for share in (0.001, 0.01, 0.1, 0.5):
        allowed = np.arange(0, size, round(1 / share), dtype=np.uint64)
        spent = []
        for question in questions[:20]:
            begun = time.process_time()
            index.search(question, _COUNT, allowed)
            spent.append(time.process_time() - begun)
        filtered[f"{share:.1%}"] = statistics.median(spent) * 1e3
    times.sort()
    return {
        "recall": hits / nearest.size,
        "p50": statistics.median(times),
        "p99": times[int(0.99 * len(times))],
        "held": held,
        "mapped": mapped,
        "open": opened * 1e3,
        "filtered": filtered,
    }


def _resident(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def _measure_peer(peer: str, python: str, place: Path, size: int, report: Report) -> None:
    script = Path(__file__).with_name("memory_peers.py")
    done = subprocess.run(
        [python, str(script), peer, str(place), str(_COUNT)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"{peer}: not measured: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return
    found = json.loads(done.stdout.splitlines()[-1])
    name = f"memory.{size}.peer.{peer}"
    report.add(f"{name}.insert.mean", found["insert"] / size * 1e3, "ms/vector")
    report.add(f"{name}.recall", found["recall"], "of 1")
    report.add(f"{name}.search.p50", found["p50"], "ms")
    report.add(f"{name}.held", found["held"] / size, "B/vector")
    report.add(f"{name}.disk", found["disk"] / size, "B/vector")
