"""`agentreplay score`: what somebody found a session or a span to be worth."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import click

from agentreplay.cli import human, output
from agentreplay.cli.command import Command, Group, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.ledger import writing
from agentreplay.cli.output import DIM, Cell, Column
from agentreplay.core import scores
from agentreplay.core.memory_writing import redactor_for
from agentreplay.core.plain import plain
from agentreplay.core.sessions import resolve
from agentreplay.model.ids import check_span_id, check_trace_id
from agentreplay.model.score import GivenScore, Score
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanKey
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Store

__all__ = ["add", "remove", "score"]

F = TypeVar("F", bound=Callable[..., Any])

_RANDOM_BYTES = 10
_COLUMNS = (
    Column("NAME"),
    Column("SCORE", right=True),
    Column("AUTHOR"),
    Column("OF"),
    Column("GIVEN"),
    Column("COMMENT", elastic=True),
)


@click.group(cls=Group)
def score() -> None:
    """Score sessions and spans, and list what they were scored.

    `agentreplay sessions list 'score.helpful>0.5'` finds sessions by their scores and by those of their spans,
    `agentreplay search` spans by their own.
    """


def _what(command: F) -> F:
    command = click.option("--author", default="", metavar="NAME", help="Who says so.")(command)
    return click.argument("what", metavar="SESSION|TRACE/SPAN")(command)


@score.command(cls=Command)
@_what
@click.argument("name")
@click.argument("value", type=float)
@click.option("--comment", default="", metavar="TEXT", help="Why.")
@with_invocation
def add(  # noqa: PLR0913  # each comes by its name
    invocation: Invocation, /, *, what: str, name: str, value: float, author: str, comment: str
) -> None:
    """Score a session or a span: a NAME and a number.

    A negative VALUE stands behind two dashes: `add SESSION helpful -- -1`. What the same author said under this name
    before stays in the history.
    """
    made = Score(name=name, value=value, author=author, comment=comment)
    with writing(invocation) as store:
        key = _key(invocation, store, what)
        given = scores.add(
            store, key, made, **_now(invocation), redactor=redactor_for(invocation.settings, key.project)
        )
    _tell(invocation, given)


@score.command("list", cls=Command)
@click.argument("what", metavar="SESSION|TRACE/SPAN")
@click.option("--past", is_flag=True, help="Every version, in the order in which they were given.")
@with_invocation
def _list(invocation: Invocation, /, *, what: str, past: bool) -> None:
    """List the scores of a session and of its spans, or of one span."""
    with invocation.reading() as store:
        key = _key(invocation, store, what)
        found = scores.past(store, key) if past else scores.of(store, key)
    if invocation.wants_json:
        output.items([plain(scores.tell(given)) for given in found])
        return
    for line in output.table(_COLUMNS, [_cells(given) for given in found]) if found else ():
        output.data(line)
    output.note(human.noun(len(found), "score"))


@score.command(cls=Command)
@_what
@click.argument("name")
@with_invocation
def remove(invocation: Invocation, /, *, what: str, name: str, author: str) -> None:
    """Take back the score of this NAME. What it was stays in the history."""
    with writing(invocation) as store:
        given = scores.remove(store, _key(invocation, store, what), name, author, **_now(invocation))
    _tell(invocation, given)


def _key(invocation: Invocation, store: Store, what: str) -> SessionKey | SpanKey:
    store.drain()
    if "/" in what:
        trace_id, _, span_id = what.partition("/")
        return SpanKey(invocation.tenant, invocation.project, check_trace_id(trace_id), check_span_id(span_id))
    return resolve(store.sessions, invocation.tenant, invocation.project, what).session.key


def _now(invocation: Invocation) -> dict[str, Any]:
    return {"now": Nanoseconds(invocation.now()), "randomness": os.urandom(_RANDOM_BYTES)}


def _tell(invocation: Invocation, given: GivenScore) -> None:
    if invocation.wants_json:
        output.document(plain(scores.tell(given)))
    else:
        output.note(f"{output.clean(scores.spell(given))} (version {given.version})")


def _cells(given: GivenScore) -> Sequence[Cell | str]:
    return list(_columns(given))


def _columns(given: GivenScore) -> Iterator[Cell | str]:
    score = given.score
    yield given.name
    yield "taken back" if score is None else f"{score.value:g}"
    yield given.author
    yield "session" if given.trace_id is None else f"{given.trace_id}/{given.span_id}"
    yield Cell(human.time_of(given.given), DIM)
    yield "" if score is None else score.comment
