"""`agentreplay retrievals`: what a session found is looked for again, and compared."""

import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import click

from agentreplay.cli import human, output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.output import BOLD, DIM
from agentreplay.core.plain import plain
from agentreplay.core.retrievals import Checked, Wanted, asking, check_retrievals, recalling
from agentreplay.core.sessions import resolve
from agentreplay.core.timeline import Timeline
from agentreplay.errors import ValueInvalid
from agentreplay.model.time import Nanoseconds
from agentreplay.playback.tape import read_tape

__all__ = ["retrievals"]

_DIFFERENT = 1
_SEARCH, _TOLD = "memory.search", ("text", "count", "position", "time_ns", "session", "step")
"""Of a search of memory only this is shown; --json has all of it."""
_SIGNS = {"same": "=", "more": "+", "fewer": "-", "reordered": "~", "rescored": "~", "changed": "!", "failed": "!"}


@click.command(cls=Command)
@click.argument("session")
@click.option(
    "--with", "function", metavar="MODULE:FUNCTION", help="Ask this function again, with what was asked then."
)
@click.option("--recall", is_flag=True, help="Ask the memory again, as it is now, what was asked of it then.")
@click.option("--from", "start", metavar="PLACE", default="1", help="Begin at this step or checkpoint.")
@click.option("--top-k", type=click.IntRange(min=0), metavar="COUNT", help="Ask for so many documents.")
@click.option("--threshold", type=float, metavar="SCORE", help="Ask for documents with at least this score.")
@click.option("--skip", metavar="NAME", multiple=True, help="Leave these retrievers out; may be given several times.")
@click.option("--stop-on-mismatch", is_flag=True, help="Stop at the first that finds something else.")
@with_invocation
def retrievals(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation,
    /,
    *,
    session: str,
    function: str | None,
    recall: bool,
    start: str,
    top_k: int | None,
    threshold: float | None,
    skip: Sequence[str],
    stop_on_mismatch: bool,
) -> int:
    """Look again for what a session found with its retrievers, and compare it by ids, order and scores.

    With --with, a function of the program is asked what was asked then; --top-k and --threshold stand for the
    arguments of these names. With --recall, the memory is asked what the session asked `agentreplay.Memory`. With
    neither, nothing is asked: what was found is cut to so many documents, or to those with such a score. Exits with 1
    when something else is found.
    """
    ask = None if function is None else asking(_load(function))
    with invocation.reading() as store:
        key = resolve(store.sessions, invocation.tenant, invocation.project, session).session.key
        wanted = Wanted(start=Timeline(store, key).find(start), top_k=top_k, threshold=threshold, skip=frozenset(skip))
        tape = read_tape(store, key)
        again = recalling(store, invocation.settings, Nanoseconds(invocation.now())) if recall else None
        found: list[Checked] = []
        for one in check_retrievals(tape, wanted, ask, again):
            found.append(one)
            if stop_on_mismatch and one.outcome != "same":
                break
    differ = sum(one.outcome != "same" for one in found)
    if invocation.wants_json:
        output.document({"same": not differ, "items": plain(found)})
        return _DIFFERENT if differ else 0
    for text in _lines(found):
        output.data(text)
    output.note(f"{human.noun(len(found), 'retrieval')}, {differ} of them found something else")
    return _DIFFERENT if differ else 0


def _lines(found: Sequence[Checked]) -> Iterator[str]:
    for one in found:
        shown = {name: item for name, item in one.arguments.items() if name in _TOLD or one.operation != _SEARCH}
        asked = ", ".join(f"{name}={item!r}" for name, item in shown.items())
        head = f"{_SIGNS[one.outcome]} #{one.seq} {one.operation}({asked})"
        told = f"{len(one.before)} → {len(one.after)}, {one.outcome}"
        yield output.paint(output.clean(head), BOLD) + output.paint(f"  {told}", DIM)
        for title, ids in (("added", one.added), ("dropped", one.dropped), ("moved", one.moved)):
            if ids:
                yield output.clean(f"    {title:<8} {', '.join(ids)}")
        before, after = ({item.id: item.score for item in side} for side in (one.before, one.after))
        for key in one.rescored:
            yield output.clean(f"    rescored {key}: {before[key]} → {after[key]}")
        if one.problem:
            yield output.clean(f"    {one.problem}")


def _load(text: str) -> Callable[..., Any]:
    """The function; modules of the folder we stand in are found, as `python -m` finds them."""
    module, _, name = text.partition(":")
    if not name:
        raise click.UsageError(f"--with takes MODULE:FUNCTION, and {text!r} is no such thing.")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise ValueInvalid(what=f"the function {text!r}", problem=str(error)) from error
    finally:
        sys.path.remove(str(Path.cwd()))
    if not callable(found):
        raise ValueInvalid(what=f"the function {text!r}", problem="it cannot be called")
    return cast("Callable[..., Any]", found)
