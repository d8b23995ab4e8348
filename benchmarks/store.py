"""The store benchmark: how fast, how small, and how quick to read at a million spans.

1. A corpus is made and written to disk; nothing of that counts.
2. Four processes fill journals, one process drains them; then both at once; then the four write against time.
3. The closed store is weighed, and read by fresh processes, in turns with one of a tenth of the size.
"""

import shutil
from functools import partial
from pathlib import Path

from benchmarks.acknowledging import measure_acknowledging
from benchmarks.compressing import report_compressing
from benchmarks.corpus import STREAMS, Corpus
from benchmarks.disk import measure_disk
from benchmarks.figures import Report, at_least, at_most
from benchmarks.indexing import Filled, fill, fill_while_writing
from benchmarks.reading import ask_all, measure_tree, report_growth, report_latencies

__all__ = ["measure_store"]

_ROUNDS = 3


def measure_store(folder: Path, spans: int, report: Report) -> None:
    """Measure everything and report it; the folder is empty again when this returns."""
    corpus = Corpus.make(folder / "corpus", spans)
    _report_corpus(corpus, report)
    each = spans // STREAMS
    measure_acknowledging(folder / "acknowledged", corpus.streams, report)

    seconds = fill_while_writing(folder / "concurrent", corpus.streams, each)
    large = fill(folder / "large", corpus.streams, each)
    assert large.statistics.spans == corpus.sum("spans"), "the store lost spans, or has too many"
    report.add("store.visible", large.rate, "spans/s", at_least(12_000))
    report.add("store.visible_while_writing", corpus.sum("spans") / seconds, "spans/s", at_least(12_000))
    report.add("store.indexer_memory", large.peak_bytes / 2**20, "MiB")
    _report_disk(folder / "large", large, report)

    fill(folder / "small", corpus.streams, each // 10)
    few, many = partial(ask_all, folder / "small"), partial(ask_all, folder / "large")
    # In turns: how fast the machine is changes while they are asked.
    rounds = [(few(corpus.probes(spans // 10), spans // 10), many(corpus.probes(spans), spans)) for _ in range(_ROUNDS)]
    report_latencies(report, [asked for _, asked in rounds])
    report_growth(report, rounds)

    for name in ("corpus", "small", "large"):
        shutil.rmtree(folder / name)
    measure_tree(folder / "tree", report)
    shutil.rmtree(folder / "tree")


def _report_corpus(corpus: Corpus, report: Report) -> None:
    spans, contents = corpus.sum("spans"), corpus.sum("contents")
    report.add("corpus.spans", spans, "spans")
    report.add("corpus.sessions", corpus.sum("sessions"), "sessions")
    report.add("corpus.queried_sessions", corpus.sum("queried_sessions"), "sessions")
    report.add("corpus.payload", corpus.sum("content_bytes") / spans, "bytes/span")
    report.add("corpus.contents", contents / spans, "per span")
    report.add("corpus.repeated_contents", 100 * corpus.sum("repeated") / contents, "%")
    report.add("corpus.repeated_bytes", 100 * corpus.sum("repeated_bytes") / corpus.sum("content_bytes"), "%")
    report.add("corpus.attributes", corpus.sum("attributes") / spans, "per span")
    report.add("corpus.errors", 100 * corpus.sum("errors") / spans, "%")
    report_compressing([sample for facts in corpus.facts for sample in facts.samples], report)


def _report_disk(folder: Path, filled: Filled, report: Report) -> None:
    disk = measure_disk(folder)
    spans = filled.statistics.spans
    report.add("store.bytes", disk.without_text / spans, "bytes/span", at_most(1_400))
    report.add("store.bytes.with_full_text", disk.total / spans, "bytes/span")
    report.add("store.bytes.without_fts5", disk.without_fts5 / spans, "bytes/span")
    for name, size in sorted({**disk.trees, **disk.full_text}.items(), key=lambda item: -item[1])[:12]:
        report.add(f"store.bytes.{name}", size / spans, "bytes/span")
    statistics = filled.statistics
    if statistics.content_bytes:
        ratio = statistics.stored_bytes / statistics.content_bytes
        report.add("store.content_ratio", ratio, "stored/given")
