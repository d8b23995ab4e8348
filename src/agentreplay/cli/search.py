"""`agentreplay search`: words in messages, tool calls, results, names and errors."""

from collections.abc import Iterator, Sequence
from typing import Any

import click

from agentreplay.cli import human, output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.filter_completion import filter_words
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.options import LABEL, all_projects, paged, period, typed
from agentreplay.cli.output import BOLD, DIM, Style
from agentreplay.cli.progress import shown
from agentreplay.core.filter import span_filter
from agentreplay.core.plain import plain_hit
from agentreplay.core.search import by_session, find, passages
from agentreplay.core.sessions import resolve
from agentreplay.model.page import Cursor, PageRequest
from agentreplay.model.query import SpanFilter
from agentreplay.model.search import Hit
from agentreplay.model.span import STATUSES

__all__ = ["search"]

_MATCH: Style = {"bold": True, "fg": "yellow"}


@click.command(cls=Command)
@click.argument("words", nargs=-1, required=True, shell_complete=filter_words("spans"))
@click.option("--session", metavar="SESSION", help="In this session.")
@click.option("--agent", metavar="NAME", help="By this agent.")
@click.option("--kind", metavar="KIND", help="In spans of this kind: llm, tool, retrieval …")
@click.option("--model", metavar="NAME", help="In calls of this model.")
@click.option("--provider", metavar="NAME", help="In calls of this provider.")
@click.option("--tool", metavar="NAME", help="In calls of this tool.")
@click.option("--status", type=click.Choice(STATUSES), help="In spans of this status.")
@click.option("--label", type=LABEL, metavar="KEY=VALUE", help="In sessions with this label.")
@period
@paged(default=20)
@all_projects
@with_invocation
def search(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation,
    /,
    *,
    words: Sequence[str],
    session: str | None,
    limit: int,
    after: str | None,
    all_projects: bool,
    **wanted: Any,
) -> None:
    """Find words in messages, tool calls, results, names and errors.

    All WORDS must stand in one span, in any case and order. A part in double quotes is a phrase, and a word
    that ends in * a beginning; both want quotes of the shell around them: '"order 7" ship*'. Conditions may stand
    among them, as docs/filters.md explains: kind:tool status:error 'cost>0.01'.
    """
    tenant, project = invocation.tenant, invocation.project
    request = PageRequest(limit=limit, after=Cursor(after) if after else None)
    with invocation.reading() as store, shown("searching"):
        within = resolve(store.sessions, tenant, project, session).session.id if session is not None else None
        anywhere = all_projects and within is None
        where = SpanFilter(tenant=tenant, project=None if anywhere else project, session=within, **wanted)
        page = find(store.spans, span_filter(typed(words), where, invocation.now), request)
    if invocation.wants_json:
        output.items([plain_hit(hit) for hit in page.items], page.next)
        return
    if not page.items:
        output.note("nothing was found")
    for line in _lines(page.items, invocation.now()):
        output.data(line)
    if page.next is not None:
        output.hint(f"there is more: the same with --after {page.next}")


def _lines(hits: Sequence[Hit], now: int) -> Iterator[str]:
    for number, (key, found) in enumerate(by_session(hits).items()):
        if number:
            yield ""
        yield output.paint(output.clean(key.session), BOLD)
        for hit in found:
            span = hit.span
            place = f"#{span.seq} {span.kind} {span.name}, {human.relative(span.start, now)}"
            yield "  " + output.paint(output.clean(place), DIM)
            if hit.snippet:
                yield "    " + _snippet(hit.snippet)


def _snippet(snippet: str) -> str:
    return "".join(
        output.paint(output.clean(part.text), _MATCH if part.matches else output.PLAIN) for part in passages(snippet)
    )
