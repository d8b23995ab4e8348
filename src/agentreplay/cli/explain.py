"""`agentreplay explain`: how a cost came about."""

from collections.abc import Iterator

import click

from agentreplay.cli import human, output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.output import BOLD, DIM, Column
from agentreplay.core.explain import SessionCost, SpanCost, explain_session, explain_span
from agentreplay.core.plain import plain
from agentreplay.core.prices import book_of
from agentreplay.core.sessions import resolve
from agentreplay.model.ids import check_span_id, check_trace_id
from agentreplay.model.span import SpanKey

__all__ = ["explain"]

_COLUMNS = (
    Column("BUCKET"),
    Column("TOKENS", right=True),
    Column("PER MILLION", right=True),
    Column("COST", right=True),
)


@click.command(cls=Command)
@click.argument("what", metavar="SESSION|TRACE/SPAN")
@with_invocation
def explain(invocation: Invocation, /, *, what: str) -> None:
    """Say how the cost of a session or of a span came about.

    Each call is shown with its tokens by bucket, the price of each and where that price comes from, what its emitter
    reported, and why it counts or does not. A span is named by its trace and its own id, as --json shows them.
    """
    book = book_of(invocation.settings.db_path)
    with invocation.reading() as store:
        if "/" in what:
            trace_id, _, span_id = what.partition("/")
            key = SpanKey(invocation.tenant, invocation.project, check_trace_id(trace_id), check_span_id(span_id))
            found: SpanCost | SessionCost = explain_span(store, book, key)
        else:
            row = resolve(store.sessions, invocation.tenant, invocation.project, what)
            found = explain_session(store, book, row.session.key)
    if invocation.wants_json:
        output.document(plain(found))
        return
    for line in _of_span(found) if isinstance(found, SpanCost) else _of_session(found):
        output.data(line)


def _of_session(found: SessionCost) -> Iterator[str]:
    total = f"{human.money(found.cost)} for {human.noun(found.usage.total, 'token')}"
    yield output.paint(output.clean(f"session {found.session}: {total}"), BOLD)
    if found.origin is not None:
        yield output.clean(
            f"  the past it shares with {found.origin.session}, up to step {found.origin.seq}, is charged there"
        )
    for call in found.calls:
        yield ""
        yield from _of_span(call)
    if found.left_out:
        yield output.paint(f"… and {human.noun(found.left_out, 'call')} more, which are in the sums", DIM)


def _of_span(found: SpanCost) -> Iterator[str]:
    span = found.span
    title = f"#{span.seq} {span.kind} {span.name}: {human.money(span.cost)}"
    yield output.paint(output.clean(title), BOLD)
    yield output.paint(output.clean(f"  {span.trace_id}/{span.span_id}"), DIM)
    if found.estimate is not None:
        estimate = found.estimate
        tier = f", tier {estimate.service_tier}" if estimate.service_tier else ""
        since = f" since {human.time_of(estimate.since)}" if estimate.since else ""
        told = f"{human.money(estimate.cost)} at the prices of {span.provider} for {span.model}"
        yield output.clean(f"  {told} ({estimate.source}{since}{tier})")
        rows = [
            (
                charge.bucket if charge.paid_as == charge.bucket else f"{charge.bucket} as {charge.paid_as}",
                human.count(charge.tokens),
                human.money(charge.rate),
                human.money(round(charge.cost)),
            )
            for charge in estimate.charges
        ]
        for line in output.table(_COLUMNS, rows):
            yield f"  {line}"
    if found.reported is not None:
        yield output.clean(f"  {human.money(found.reported)} reported by its emitter")
    for reason in found.reasons:
        yield output.clean(f"  {reason}")
