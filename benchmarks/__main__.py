"""`python -m benchmarks NAME`: measures, prints figures, fails if a budget is broken.

NAME is one of store, context, sdk, replay, otlp, answers, gateway and ui, or all.
"""

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.answers import measure_answers
from benchmarks.context import measure_context
from benchmarks.figures import Report
from benchmarks.gateway import measure_gateway
from benchmarks.otlp import measure_otlp
from benchmarks.replaying import measure_replay
from benchmarks.sdk import measure_sdk
from benchmarks.store import measure_store
from benchmarks.ui import measure_ui

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; 1 when a budget is broken."""
    wanted = _parser().parse_args(arguments)
    report = Report(lambda line: print(line, flush=True), as_json=wanted.json)
    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=wanted.folder) as folder:
        if wanted.benchmark in {"store", "all"}:
            measure_store(Path(folder), wanted.spans, report)
        if wanted.benchmark in {"context", "all"}:
            measure_context(Path(folder), report)
        if wanted.benchmark in {"sdk", "all"}:
            measure_sdk(Path(folder), report)
        if wanted.benchmark in {"replay", "all"}:
            measure_replay(Path(folder), report)
        if wanted.benchmark in {"otlp", "all"}:
            measure_otlp(Path(folder), wanted.requests, report)
        if wanted.benchmark in {"answers", "all"}:
            measure_answers(Path(folder), wanted.spans, report)
        if wanted.benchmark in {"gateway", "all"}:
            measure_gateway(Path(folder), report)
        if wanted.benchmark in {"ui", "all"}:
            measure_ui(Path(folder), report)
    if wanted.benchmark == "all":
        kept = report.keep(datetime.now(UTC))
        print(f"kept in {kept.parent.name}/{kept.name}", file=sys.stderr)
    for figure in report.broken:
        print(f"broken: {figure.name}, {figure.value:.4g} {figure.unit}", file=sys.stderr)
    return 1 if report.broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "benchmark", choices=("store", "context", "sdk", "replay", "otlp", "answers", "gateway", "ui", "all")
    )
    parser.add_argument("--spans", type=int, default=1_000_000, help="of store and answers; default %(default)s")
    parser.add_argument("--requests", type=int, default=2_000, help="of 20 spans, to otlp; default %(default)s")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")
    parser.add_argument("--folder", type=Path, help="where to work; a million spans take 10 GB for a while")
    return parser


if __name__ == "__main__":
    sys.exit(main())
