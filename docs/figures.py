"""The page of the reference that says how fast and how small it is, beside others that did the same in the same run.

What it says stands in `benchmarks/history`, where `make bench` keeps all that it measured.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["figures"]

SIGNS = {"<=": "≤", ">=": "≥"}
UNITS = {"us": "µs", "of 1": "", "x": "times", "x less": "times"}
_THOUSAND = 1_000
HISTORY = Path(__file__).resolve().parent.parent / "benchmarks" / "history"


class Row(NamedTuple):
    """What is promised, the figure of it, and those of others that did the same."""

    what: str
    figure: str
    beside: tuple[tuple[str, str], ...] = ()
    """Each with its name."""


ROWS = (
    Row(
        "OTLP over HTTP until durable and readable, spans of 2.5 KB",
        "otlp.http",
        (("Arize Phoenix", "otlp.peer.phoenix"), ("MLflow", "otlp.peer.mlflow")),
    ),
    Row("the same over gRPC", "otlp.grpc"),
    Row("memory while it takes that in", "otlp.http.memory", (("MLflow", "otlp.peer.mlflow.memory"),)),
    Row("a single span over HTTP, p50", "otlp.http.single.p50"),
    Row("server start to the first answer", "otlp.start"),
    Row("its memory when idle", "otlp.idle"),
    Row("acknowledged by journals, 4 processes, one span at a time", "store.acknowledged.one_by_one"),
    Row("one of these, p50", "store.acknowledged.one_by_one.p50"),
    Row("the longest of them", "store.acknowledged.one_by_one.worst"),
    Row("through the loss of power, batches of 500", "store.acknowledged.power.batches_of_500"),
    Row("until visible, 1,000,000 spans of 1.5 KB", "store.visible"),
    Row("bytes on disk of such a span, without full text", "store.bytes"),
    Row("a span of 1,000,000, p50", "store.read.span.p50"),
    Row("newest 100, p50", "store.read.newest_100.p50"),
    Row("50 sessions, p50", "store.read.sessions_50.p50"),
    Row("children, p50", "store.read.children.p50"),
    Row("ancestors, p50", "store.read.ancestors.p50"),
    Row("p95 of a day by model, p50", "store.read.day_p95_by_model.p50"),
    Row("tree of a session of 100,000 spans", "store.tree_100k"),
    Row("over HTTP: a trace, p50", "answers.trace.p50"),
    Row("over HTTP: newest 100, p50", "answers.newest_100.p50"),
    Row("over HTTP: 50 sessions, p50", "answers.sessions_50.p50"),
    Row("over HTTP: children, p50", "answers.children.p50"),
    Row("over HTTP: by an attribute, p50", "answers.by_attribute.p50"),
    Row("over HTTP: p95 by model, p50", "answers.p95_by_model.p50"),
    Row(
        "a session of 200 calls that grows to 150,000 tokens, of its distinct messages, compressed",
        "context.growing.drained_once.of_distinct_messages",
    ),
    Row("less than its calls, compressed one by one", "context.growing.drained_once.less_than_compressed"),
    Row(
        "a span of a program, on its thread, p50",
        "sdk.span.median",
        (("OpenTelemetry", "sdk.span.opentelemetry.median"),),
    ),
    Row("a call kept before its answer is returned, p50", "sdk.call.process.median"),
    Row("the same through the loss of power", "sdk.call.power"),
    Row("a recorded call over HTTP", "sdk.http.agentreplay", (("VCR.py", "sdk.http.vcrpy"),)),
    Row("`import agentreplay`", "sdk.import"),
    Row("a hook of a coding agent, processor time of the process", "hook, the whole process, CPU, median"),
    Row("a served call of a replay", "replay.served"),
    Row("added by the gateway to the first piece of a stream, p50", "gateway.stream.first_chunk.added.p50"),
    Row("facts, streamed", "facts.stream", (("a table in SQLite", "facts.peer.stream"),)),
    Row("state at any place of 1,000,000 operations", "facts.at", (("a table in SQLite", "facts.peer.at"),)),
    Row("a step that changed one file of 20,000", "workspace.step", (("git add", "git.step"),)),
    Row("a session of 100,000 spans in the browser, first paint with data", "ui.open.first_paint"),
    Row("scrubbing it, a frame, p95", "ui.scrub.frame.p95"),
    Row("memory of that tab", "ui.memory.tab"),
    Row("transcripts of coding agents until acknowledged", "transcripts.acknowledged.clock"),
    Row("until readable", "transcripts.visible.clock"),
    Row(
        "memory by meaning, 100,000 of 384, p50",
        "memory.100000.search.p50",
        (("chromadb", "memory.100000.peer.chromadb.search.p50"), ("lancedb", "memory.100000.peer.lancedb.search.p50")),
    ),
    Row(
        "its recall of ten",
        "memory.100000.recall",
        (("chromadb", "memory.100000.peer.chromadb.recall"), ("lancedb", "memory.100000.peer.lancedb.recall")),
    ),
    Row(
        "its bytes of memory a vector",
        "memory.100000.held",
        (("chromadb", "memory.100000.peer.chromadb.held"), ("lancedb", "memory.100000.peer.lancedb.held")),
    ),
    Row("the same of 1,000,000: p50", "memory.1000000.search.p50"),
    Row("recall of ten", "memory.1000000.recall"),
    Row("a thread of LangGraph, less than in its SQLite saver", "saver.agent.smaller"),
    Row("a run of an agent of LlamaIndex, longer by, at 50 ms a call", "frameworks.llama_index.longer"),
    Row("the same of LangGraph", "frameworks.langgraph.longer"),
    Row("growth of memory in half an hour of everything at once", "soak.memory.growth"),
)


def figures() -> Iterator[str]:
    """The lines of the page."""
    about, found = _newest()
    machine, versions = about["machine"], about["versions"]
    yield "What `make bench` measured, all of it in one run that is kept in `benchmarks/history`. A budget is what"
    yield "is promised; a figure that falls short of it says so. Beside it stands what others took for the same, in the"
    yield "same run: the machine is shared, and the same work takes from one to three times as long from hour to hour,"
    yield "so two figures beside one another say more than one by itself. [Evidence](../evidence.md) has what was seen"
    yield "in other hours."
    yield ""
    yield (
        f"{about['time'][:10]}, {machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']:.0f} GiB, "
        f"{machine['system']}, Python {versions['python']}, SQLite {versions['sqlite']}, commit {about['commit']}."
    )
    yield ""
    yield "| what | figure | budget | holds | beside it |"
    yield "|---|---|---|---|---|"
    for row in ROWS:
        figure = found[row.figure]
        beside = ", ".join(f"{name} {_told(found[other])}" for name, other in row.beside if other in found)
        holds = {True: "yes", False: "**no**", None: ""}[figure["holds"]]
        yield f"| {row.what} | {_told(figure)} | {_signed(figure['budget'] or '')} | {holds} | {beside} |"
    yield ""
    yield "`python -m benchmarks NAME` repeats one, and `--help` lists them. Others are asked where they are installed:"
    yield ""
    yield "```"
    yield "python -m benchmarks otlp --peer phoenix mlflow          # found on the PATH"
    yield "python -m benchmarks memory --memory-peers PYTHON        # of an environment with chromadb and lancedb"
    yield "```"


def _newest() -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """What is said of the newest run, and its figures by their names."""
    runs: list[tuple[dict[str, Any], dict[str, dict[str, Any]]]] = []
    for path in HISTORY.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            told = json.loads(line)
            if "figure" in told:
                runs[-1][1][told["figure"]] = told
            else:
                runs.append((told, {}))
    return max(runs, key=lambda run: run[0]["time"])


def _told(figure: dict[str, Any]) -> str:
    value = figure["value"]
    number = f"{value:,}" if abs(value) >= _THOUSAND else f"{value:g}"
    return f"{number} {UNITS.get(figure['unit'], figure['unit'])}".rstrip()


def _signed(budget: str) -> str:
    sign, _, bound = budget.partition(" ")
    return f"{SIGNS[sign]} {float(bound):,g}" if budget else ""
