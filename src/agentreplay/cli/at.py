"""`agentreplay at`: a session as it was at one of its steps."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from agentreplay.cli import human, output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.output import BOLD, DIM, Cell, Column
from agentreplay.core.checkout import CheckedOut, root_of
from agentreplay.core.checkout import checkout as fill
from agentreplay.core.checkpoints import each_checkpoint
from agentreplay.core.edited_files import EditedFile, edited_files
from agentreplay.core.known_facts import restore_state
from agentreplay.core.plain import plain
from agentreplay.core.sessions import resolve
from agentreplay.core.state import tell_transaction
from agentreplay.core.state_transaction import new_transaction_id
from agentreplay.core.timeline import State, Timeline
from agentreplay.model.fact import Transaction
from agentreplay.model.session import Summary
from agentreplay.model.span import SpanRow
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Facts

__all__ = ["at"]

_CHECKPOINTS = (Column("STEP", right=True), Column("CHECKPOINT", elastic=True), Column("AGENT"), Column("TIME"))
_OPEN = (Column("STEP", right=True), Column("OPEN", elastic=True), Column("SINCE", right=True))
_SEEN = (Column("STEP", right=True), Column("AGENT", elastic=True), Column("MODEL"), Column("CONTEXT"))
_EDITS = (Column("EDITED", right=True), Column("FILE", elastic=True), Column("CONTENT"))
_DIFFERENT = 1
_SHOWN = 10


@click.command(cls=Command)
@click.argument("session")
@click.argument("place", required=False)
@click.option("--expect", metavar="HASH", help="Exit with 1 unless the state there has this hash.")
@click.option("--checkout", metavar="FOLDER", help="Put the files as they were into this folder, which must be empty.")
@click.option("--edits", "wants_edits", is_flag=True, help="List the files that a coding agent edits, as they were.")
@click.option("--restore", metavar="NAMESPACE", help="Give the facts and memories of then back in this namespace.")
@click.option("--force", is_flag=True, help="Check out into a folder that is not empty, and replace files there.")
@with_invocation
def at(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation,
    /,
    *,
    session: str,
    place: str | None,
    expect: str | None,
    checkout: str | None,
    wants_edits: bool,
    restore: str | None,
    force: bool,
) -> int:
    """Show a session as it was at one of its steps, or list its checkpoints.

    The place is a step, as `agentreplay sessions show` numbers them, the name of a checkpoint, or `end`. The state is
    that of the moment at which the step began: what was open, what the models had seen, and what it came to so far.
    Without a place, the checkpoints are listed.
    """
    if place is None and (checkout or expect or restore or wants_edits):
        raise click.UsageError("--checkout, --edits, --restore and --expect need a place.")
    with invocation.reading() as store:
        key = resolve(store.sessions, invocation.tenant, invocation.project, session).session.key
        line = Timeline(store, key)
        if place is None:
            _list(invocation, list(each_checkpoint(store, key)), len(line))
            return 0
        state, more = line.at(place), _More()
        if wants_edits:
            more.edits = edited_files(store, key, state.at)
        if checkout is not None:
            more.checkout = fill(store, invocation.tenant, root_of(store, state), Path(checkout), over=force)
        if restore is not None:
            more.restored = _restore(invocation, store.facts, line, state, restore)
    if invocation.wants_json:
        output.document({**plain(state), **more.told})
    else:
        for text in (*_lines(state, len(line)), *_edit_lines(more.edits or ())):
            output.data(text)
    more.tell(checkout or "", restore or "", state)
    if expect is not None and expect != state.hash:
        output.fail(f"the state at step {state.seq} is another one: its hash is {state.hash}")
        return _DIFFERENT
    return 0


@dataclass
class _More:
    """What was asked for beside the state."""

    checkout: CheckedOut | None = None
    edits: list[EditedFile] | None = None
    restored: Transaction | None = None

    @property
    def told(self) -> dict[str, Any]:
        restored = None if self.restored is None else tell_transaction(self.restored)
        told = {"checkout": self.checkout, "edits": self.edits, "restored": restored}
        return {name: plain(found) for name, found in told.items() if found is not None}

    def tell(self, folder: str, namespace: str, state: State) -> None:
        if self.checkout is not None:
            _tell(self.checkout, folder)
        if self.restored is not None:
            facts, records = sum(one.keys for one in state.facts), sum(one.records for one in state.memory)
            told = human.noun(facts, "fact") + f" and {human.noun(records, 'record')}" * (records > 0)
            output.note(output.clean(f"{told} restored in namespace {namespace}"))


def _restore(invocation: Invocation, facts: Facts, line: Timeline, state: State, namespace: str) -> Transaction:
    if state.span is None:
        raise click.UsageError("--restore needs a step or a checkpoint: behind the end, the facts are as they are now.")
    transaction = new_transaction_id(Nanoseconds(invocation.now()), os.urandom(10))
    return restore_state(facts, state.span, namespace, transaction, line.collections)


def _list(invocation: Invocation, rows: list[SpanRow], steps: int) -> None:
    rows.reverse()
    if invocation.wants_json:
        output.document({"steps": steps, "checkpoints": plain(rows)})
        return
    if not rows:
        output.note(f"the session has {human.noun(steps, 'step')} and no checkpoint")
        return
    cells = [(Cell(str(row.seq), DIM), row.name, row.agent or "", human.time_of(row.start)) for row in rows]
    for text in output.table(_CHECKPOINTS, cells):
        output.data(text)


def _tell(out: CheckedOut, folder: str) -> None:
    output.note(f"{human.noun(out.files, 'file')}, {human.size(out.bytes)}, in {output.clean(folder)}")
    for one in out.redacted[:_SHOWN]:
        output.warn(output.clean(f"{one.path} is not as it was: secrets were taken out of it"))
    for one in out.left_out[:_SHOWN]:
        output.warn(output.clean(f"{one.path} was not kept: {one.entry.why}"))
    if len(out.left_out) > _SHOWN or len(out.redacted) > _SHOWN:
        output.hint("--json names them all")


def _lines(state: State, steps: int) -> Iterator[str]:
    if state.span is None:
        what = f"the end, behind {human.noun(steps, 'step')}"
    else:
        what = f"step {state.seq} of {steps}: {state.span.kind} {state.span.name}"
    yield output.paint(output.clean(what), BOLD)
    for title, text in _facts(state):
        yield output.paint(f"{title:<10}", DIM) + " " + output.clean(text)
    if state.open:
        yield ""
        cells = [
            (Cell(str(row.seq), DIM), f"{row.kind} {row.name}", human.duration(state.at - row.start))
            for row in state.open
        ]
        yield from output.table(_OPEN, cells)
    if state.contexts:
        yield ""
        seen = [
            (Cell(str(one.span.seq), DIM), one.agent or "-", one.span.model or "-", one.context or "-")
            for one in state.contexts
        ]
        yield from output.table(_SEEN, seen)


def _edit_lines(edits: Sequence[EditedFile]) -> Iterator[str]:
    if edits:
        yield ""
        cells = [
            (Cell(str(one.edit.seq) if one.is_edited else "-", DIM), one.path, one.content or "not known, or not there")
            for one in edits
        ]
        yield from output.table(_EDITS, cells)


def _facts(state: State) -> Iterator[tuple[str, str]]:
    yield "time", human.time_of(state.at)
    yield "spans", _counted(state.summary)
    yield "tokens", human.count(state.summary.usage.total)
    yield "cost", human.money(state.summary.cost)
    if state.checkpoint is not None:
        yield "checkpoint", f"{state.checkpoint.name} (step {state.checkpoint.seq})"
    for known in state.facts:
        held = "no longer known" if known.hash is None else human.noun(known.keys, "key")
        yield "facts", f"{held} of {known.agent} in {known.namespace}"
    for one in state.memory:
        held = "no longer known" if one.hash is None else human.noun(one.records, "record")
        yield "memory", f"{held} in {one.collection}" + f" of {one.owner}" * (one.owner != "")
    if state.facts or state.memory:
        yield "position", str(state.position)
    if state.files is not None:
        yield "files", f"as they were since step {state.files.seq}"
    yield "hash", state.hash


def _counted(summary: Summary) -> str:
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in sorted(summary.kinds.items()))
    return f"{summary.spans:,}: {kinds}" + (f"; {summary.errors:,} failed" if summary.errors else "")
