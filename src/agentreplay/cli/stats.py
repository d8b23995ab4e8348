"""`agentreplay stats`: spans, tokens, cost and durations of a period, or what the store itself takes."""

from collections.abc import Iterator, Sequence

import click

from agentreplay.cli import human, output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.options import all_projects, period
from agentreplay.cli.output import Cell, Column
from agentreplay.cli.progress import shown
from agentreplay.core.measure import heaviest, window
from agentreplay.core.plain import plain
from agentreplay.model.measure import DIMENSIONS, GRAINS, Dimension, Grain, Measure, MeasureQuery
from agentreplay.model.receipt import Statistics
from agentreplay.model.time import DAY, Nanoseconds

__all__ = ["stats"]

_USUAL_PERIOD = 7 * DAY
_FAILED = {"fg": "red"}
_FIGURES = (
    Column("SPANS", right=True),
    Column("ERRORS", right=True),
    Column("SESSIONS", right=True),
    Column("TOKENS", right=True),
    Column("COST", right=True),
    Column("P50", right=True),
    Column("P95", right=True),
    Column("P99", right=True),
)


@click.command(cls=Command)
@click.option("--by", type=click.Choice(DIMENSIONS), multiple=True, help="Split by this; may be given again.")
@click.option("--grain", type=click.Choice([*GRAINS, "all"]), default="all", help="Split by time, in UTC.")
@period
@all_projects
@click.option("--store", "of_store", is_flag=True, help="What the store holds and takes, of all projects.")
@with_invocation
def stats(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation,
    /,
    *,
    by: tuple[Dimension, ...],
    grain: Grain,
    since: Nanoseconds | None,
    until: Nanoseconds | None,
    all_projects: bool,
    of_store: bool,
) -> None:
    """Measure spans, tokens, cost and durations.

    Of finished spans, by default those that started in the last 7 days. Sessions are counted within 1 %, and
    percentiles of the durations lie within 1 % of the exact ones.
    """
    if of_store:
        _print_statistics(invocation)
        return
    end = until if until is not None else Nanoseconds(invocation.now() + 1)
    first, last = window(since if since is not None else Nanoseconds(end - _USUAL_PERIOD), end, grain)
    query = MeasureQuery(
        tenant=invocation.tenant,
        project=None if all_projects else invocation.project,
        since=first,
        until=last,
        grain=grain,
        by=by,
    )
    with invocation.reading() as store, shown("measuring"):
        measures = heaviest(store.measure(query))
    if invocation.wants_json:
        output.items([plain(measure) for measure in measures])
        return
    output.note(f"from {human.time_of(first)} to {human.time_of(last)}")
    for line in _lines(measures, query):
        output.data(line)


def _lines(measures: Sequence[Measure], query: MeasureQuery) -> Iterator[str]:
    if not measures:
        output.note("no span that started in it has ended")
        return
    times = (Column(query.grain.upper()),) if query.grain != "all" else ()
    columns = (*times, *(Column(name.upper(), elastic=True) for name in query.by), *_FIGURES)
    yield from output.table(columns, [_cells(measure, query) for measure in measures])


def _cells(measure: Measure, query: MeasureQuery) -> list[Cell | str]:
    times = [] if measure.bucket is None else [human.time_of(measure.bucket)]
    return [
        *times,
        *(measure.dimensions.get(name) or "-" for name in query.by),
        human.count(measure.spans),
        Cell(human.count(measure.errors), _FAILED if measure.errors else output.PLAIN),
        human.count(measure.sessions),
        human.count(measure.usage.total),
        human.money(measure.cost),
        human.duration(measure.percentiles.p50),
        human.duration(measure.percentiles.p95),
        human.duration(measure.percentiles.p99),
    ]


def _print_statistics(invocation: Invocation) -> None:
    with invocation.reading() as store, shown("counting"):
        statistics = store.statistics()
    if invocation.wants_json:
        output.document({**plain(statistics), "reuse": plain(statistics.reuse)})
        return
    for title, text in _facts(statistics):
        output.data(f"{title:<10} {text}")


def _facts(statistics: Statistics) -> Iterator[tuple[str, str]]:
    yield "sessions", human.count(statistics.sessions)
    yield "spans", human.count(statistics.spans)
    yield (
        "contents",
        (
            f"{human.count(statistics.contents)}: {human.size(statistics.content_bytes)}, "
            f"{human.size(statistics.stored_bytes)} on disk, each held {statistics.reuse:.1f} times"
        ),
    )
    yield "links", human.count(statistics.links)
    yield "file", f"{human.size(statistics.bytes)}, {human.size(statistics.free_bytes)} of it free"
    yield "log", human.size(statistics.wal_bytes)
    if statistics.oldest is not None and statistics.newest is not None:
        yield "recorded", f"{human.time_of(statistics.oldest)} to {human.time_of(statistics.newest)}"
    if statistics.conflicts:
        yield "conflicts", human.count(statistics.conflicts)
    for name, octets in sorted(statistics.table_bytes.items(), key=lambda item: -item[1]):
        yield "table", f"{name} {human.size(octets)}"
