"""`agentreplay diff`: what differs between two sessions."""

from collections.abc import Iterator, Sequence

import click

from agentreplay.cli import output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.output import BOLD, DIM
from agentreplay.core.compare import Pair, align, compare_sessions, differing_outputs
from agentreplay.core.plain import plain
from agentreplay.core.sessions import resolve
from agentreplay.errors import ValueInvalid
from agentreplay.model.session import SessionKey
from agentreplay.playback.difference import Difference, shown
from agentreplay.playback.tape import read_tape
from agentreplay.store.protocol import Store

__all__ = ["diff", "pair_lines"]

_SIGNS = {"same": " ", "changed": "~", "removed": "-", "added": "+"}
_DIFFERENT = 1


@click.command(cls=Command)
@click.argument("before")
@click.argument("after", required=False)
@click.option("--all", "everything", is_flag=True, help="Show the calls that are the same too.")
@with_invocation
def diff(invocation: Invocation, /, *, before: str, after: str | None, everything: bool) -> int:
    """Align the calls of two sessions, and show the first difference and all others.

    A fork alone is compared with the session it came from. Threads and tasks that only took turns otherwise are no
    difference. Exits with 0 when they are the same, and with 1 when they differ.
    """
    with invocation.reading() as store:
        keys = _pair(store, invocation, before, after)
        if invocation.wants_json:
            comparison = compare_sessions(store, *keys)
            output.document(plain(comparison))
            return 0 if comparison.same else _DIFFERENT
        tapes = [read_tape(store, key) for key in keys]
    pairs = list(align(*tapes))
    outputs = differing_outputs(tapes[0].outputs, tapes[1].outputs)
    for line in pair_lines(pairs, everything=everything):
        output.data(line)
    if outputs:
        output.data(f"~ the programs put out something else: {', '.join(outputs)}")
    if outputs or any(pair.kind != "same" for pair in pairs):
        return _DIFFERENT
    output.note("they are the same")
    return 0


def _pair(store: Store, invocation: Invocation, before: str, after: str | None) -> tuple[SessionKey, SessionKey]:
    first = resolve(store.sessions, invocation.tenant, invocation.project, before).session
    if after is not None:
        return first.key, resolve(store.sessions, invocation.tenant, invocation.project, after).session.key
    if first.origin is None:
        raise ValueInvalid(what=f"the session {first.id!r}", problem="it is no fork; name a second session beside it")
    return SessionKey(first.tenant, first.project, first.origin.session), first.key


def pair_lines(pairs: Sequence[Pair], *, everything: bool) -> Iterator[str]:
    """The pairs for a person; what is the same is only counted, unless everything is wanted."""
    skipped = 0
    for pair in pairs:
        if pair.kind == "same" and not everything:
            skipped += 1
            continue
        if skipped:
            yield output.paint(f"  {skipped} the same", DIM)
            skipped = 0
        steps = "/".join(str(call.seq) for call in (pair.before, pair.after) if call is not None)
        named = pair.call.label or pair.call.request.operation
        head = output.clean(f"{_SIGNS[pair.kind]} #{steps} {named}")
        yield output.paint(head, BOLD) if pair.kind != "same" else head
        for side, differences in (("request", pair.request), ("answer", pair.answer)):
            yield from _differences(side, differences)
    if skipped:
        yield output.paint(f"  {skipped} the same", DIM)


def _differences(side: str, differences: Sequence[Difference]) -> Iterator[str]:
    for difference in differences:
        before, after = shown(difference)
        yield output.clean(f"    {side} {difference.path}")
        yield output.paint(output.clean(f"      - {before}"), {"fg": "red"})
        yield output.paint(output.clean(f"      + {after}"), {"fg": "green"})
