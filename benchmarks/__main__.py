"""`python -m benchmarks NAME`: measures, prints figures, fails if a budget is broken.

NAME is one of those that `--help` lists, or all.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.answers import measure_answers
from benchmarks.context import measure_context
from benchmarks.facts import measure_facts
from benchmarks.figures import Report
from benchmarks.frameworks import measure_frameworks
from benchmarks.gateway import measure_gateway
from benchmarks.hook import measure_hook
from benchmarks.mcp import measure_mcp
from benchmarks.memory import measure_memory
from benchmarks.otlp import measure_otlp
from benchmarks.peers import PEERS, measure_peer
from benchmarks.replaying import measure_replay
from benchmarks.retrieval import measure_retrieval
from benchmarks.saver import measure_saver
from benchmarks.sdk import measure_sdk
from benchmarks.snapshots import measure_snapshots
from benchmarks.soak import measure_soak
from benchmarks.store import measure_store
from benchmarks.transcripts import measure_transcripts
from benchmarks.ui import measure_ui
from benchmarks.workspace import measure_workspace

__all__ = ["main"]


def _measure_otlp(folder: Path, wanted: argparse.Namespace, report: Report) -> None:
    measure_otlp(folder, wanted.requests, report)
    for peer in wanted.peer:
        measure_peer(peer, folder, wanted.peer_requests, report)


_BENCHMARKS: dict[str, Callable[[Path, argparse.Namespace, Report], None]] = {
    "store": lambda folder, wanted, report: measure_store(folder, wanted.spans, report),
    "context": lambda folder, _, report: measure_context(folder, report),
    "sdk": lambda folder, _, report: measure_sdk(folder, report),
    "replay": lambda folder, _, report: measure_replay(folder, report),
    "snapshots": lambda folder, _, report: measure_snapshots(folder, report),
    "otlp": _measure_otlp,
    "facts": lambda folder, wanted, report: measure_facts(folder, wanted.operations, report),
    "answers": lambda folder, wanted, report: measure_answers(folder, wanted.spans, report),
    "gateway": lambda folder, _, report: measure_gateway(folder, report),
    "hook": lambda folder, _, report: measure_hook(folder, report),
    "workspace": lambda folder, _, report: measure_workspace(folder, report),
    "mcp": lambda folder, wanted, report: measure_mcp(folder, wanted.spans, report),
    "memory": lambda folder, wanted, report: measure_memory(
        folder, wanted.vectors, report, python=wanted.memory_peers, most_for_peers=wanted.memory_peers_most
    ),
    "retrieval": lambda folder, _, report: measure_retrieval(folder, report),
    "ui": lambda folder, _, report: measure_ui(folder, report),
    "soak": lambda folder, wanted, report: measure_soak(folder, wanted.minutes, report),
    "saver": lambda folder, _, report: measure_saver(folder, report),
    "transcripts": lambda folder, wanted, report: measure_transcripts(folder, wanted.megabytes, report),
    "frameworks": lambda folder, wanted, report: measure_frameworks(folder, report, wanted.programs),
}


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; 1 when a budget is broken."""
    # Where this is set, every process compiles the package anew. One that is installed is compiled already.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    wanted = _parser().parse_args(arguments)
    report = Report(lambda line: print(line, flush=True), as_json=wanted.json)
    try:
        with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=wanted.folder) as folder:
            for name, measure in _BENCHMARKS.items():
                if wanted.benchmark in {name, "all"}:
                    measure(Path(folder), wanted, report)
    finally:
        # What an hour measured is not lost with the last of them.
        if wanted.benchmark == "all":
            kept = report.keep(datetime.now(UTC))
            print(f"kept in {kept.parent.name}/{kept.name}", file=sys.stderr)
    for figure in report.broken:
        print(f"broken: {figure.name}, {figure.value:.4g} {figure.unit}", file=sys.stderr)
    return 1 if report.broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("benchmark", choices=(*_BENCHMARKS, "all"))
    parser.add_argument("--spans", type=int, default=1_000_000, help="of store, answers and mcp; default %(default)s")
    parser.add_argument("--operations", type=int, default=1_000_000, help="of facts; default %(default)s")
    parser.add_argument("--requests", type=int, default=2_000, help="of 20 spans, to otlp; default %(default)s")
    parser.add_argument(
        "--peer",
        nargs="+",
        choices=sorted(PEERS),
        default=[],
        help="send the load of otlp to these on the PATH too",
    )
    parser.add_argument("--peer-requests", type=int, default=200, help="of 20 spans, to each; default %(default)s")
    parser.add_argument("--megabytes", type=int, default=1_000, help="of transcripts; default %(default)s")
    parser.add_argument(
        "--vectors", type=int, nargs="+", default=[100_000, 1_000_000], help="of memory; default %(default)s"
    )
    parser.add_argument("--memory-peers", metavar="PATH", help="a Python with chromadb and lancedb, to measure beside")
    parser.add_argument("--memory-peers-most", type=int, default=100_000, help="vectors for them; default %(default)s")
    parser.add_argument("--programs", nargs="+", metavar="PROGRAM", help="of frameworks; default: all of them")
    parser.add_argument("--minutes", type=float, default=30, help="of soak; default %(default)s")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")
    parser.add_argument("--folder", type=Path, help="where to work; a million spans take 10 GB for a while")
    return parser


if __name__ == "__main__":
    sys.exit(main())
