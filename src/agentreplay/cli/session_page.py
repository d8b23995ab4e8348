"""One session as a page in a terminal: what it adds up to, and its spans as a tree."""

from collections.abc import Iterator, Mapping, Sequence

from agentreplay.cli import human, output
from agentreplay.cli.output import DIM, PLAIN, Cell, Column, Style
from agentreplay.core import scores
from agentreplay.core.sessions import Branch
from agentreplay.model.ids import SessionId
from agentreplay.model.score import GivenScore
from agentreplay.model.session import Program, Session, SessionRow
from agentreplay.model.span import SpanRow
from agentreplay.model.usage import Usage

__all__ = ["STATUS_STYLES", "describe", "tree"]

STATUS_STYLES: dict[str, Style] = {
    "completed": {"fg": "green"},
    "failed": {"fg": "red"},
    "interrupted": {"fg": "yellow"},
    "running": {"fg": "cyan"},
}

_COLUMNS = (
    Column("#", right=True),
    Column("SPAN", elastic=True),
    Column("DURATION", right=True),
    Column("TOKENS", right=True),
    Column("COST", right=True),
    Column("STATUS"),
)
_DEEPEST = 40
_SPAN_STYLES: dict[str, Style] = {"error": {"fg": "red"}, "open": {"fg": "cyan"}}


def describe(
    row: SessionRow, now: int, others: Sequence[SessionId] = (), given: Sequence[GivenScore] = ()
) -> Iterator[str]:
    """The lines that say what the session is, what it adds up to and was scored, and which others tell of the run."""
    scored = [scores.spell(score) for score in given if score.trace_id is None]
    of_spans = sum(score.trace_id is not None for score in given)
    scored += [f"and {human.noun(of_spans, 'score')} of its spans"] if of_spans else []
    for title, text in (*_facts(row, now), ("scores", ", ".join(scored)), ("same run", ", ".join(others))):
        if text:
            yield output.paint(f"{title:<9}", DIM) + " " + output.clean(text)


def tree(branches: Sequence[Branch]) -> Iterator[str]:
    """The lines of the tree, the place in the session before each span."""
    if branches:
        yield from output.table(_COLUMNS, [_cells(branch) for branch in branches])


def _facts(row: SessionRow, now: int) -> Iterator[tuple[str, str]]:
    session, summary = row.session, row.summary
    yield "session", session.id
    yield "project", session.project
    yield "name", session.name
    yield "agent", session.agent or ", ".join(summary.agents)
    yield "status", row.status
    yield "source", session.source
    yield "started", f"{human.time_of(row.started)} ({human.relative(row.started, now)})"
    yield "duration", human.duration(summary.duration)
    yield "spans", _spans(row)
    yield "tools", _counted(summary.tools)
    yield "models", _counted(summary.models)
    yield "tokens", _tokens(summary.usage)
    yield "cost", human.money(summary.cost)
    yield "labels", ", ".join(f"{key}={value}" for key, value in session.labels.items())
    yield "forked", _origin(session)
    yield "program", "" if session.program is None else _program(session.program)


def _spans(row: SessionRow) -> str:
    summary = row.summary
    extras = [f"{summary.errors:,} failed"] if summary.errors else []
    extras += [f"{summary.open:,} open"] if summary.open else []
    extras += [human.noun(summary.iterations, "iteration")] if summary.iterations else []
    return f"{summary.spans:,}: " + ", ".join([*extras, _counted(summary.kinds)]) if summary.spans else "none"


def _tokens(usage: Usage) -> str:
    buckets = zip(usage.__struct_fields__, usage.counts, strict=True)
    parts = ", ".join(f"{name.replace('_', ' ')} {tokens:,}" for name, tokens in buckets if tokens)
    return f"{usage.total:,}" + (f": {parts}" if parts else "")


def _counted(counts: Mapping[str, int]) -> str:
    most_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {number:,}" for name, number in most_first)


def _origin(session: Session) -> str:
    return "" if session.origin is None else f"from {session.origin.session} at step {session.origin.seq}"


def _program(program: Program) -> str:
    commit = f" (commit {program.commit})" if program.commit else ""
    return " ".join(program.argv) + commit


def _cells(branch: Branch) -> list[Cell | str]:
    span = branch.span
    state = "open" if span.end is None else span.status
    return [
        Cell(str(span.seq), DIM),
        "  " * min(branch.depth, _DEEPEST) + _title(span),
        human.duration(span.duration),
        human.count(span.usage.total) if span.usage.total else "",
        "" if span.cost is None else human.money(span.cost),
        Cell(state if state in _SPAN_STYLES else "", _SPAN_STYLES.get(state, PLAIN)),
    ]


def _title(span: SpanRow) -> str:
    """The kind, the name, and the model or tool where the name does not say it."""
    subject = span.model or span.tool or ""
    extra = subject if subject and subject not in span.name else ""
    return " ".join(part for part in (span.kind, span.name, extra) if part)
