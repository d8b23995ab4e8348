"""The log of a state, and the differences between two, as a person reads them."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice

from agentreplay.cli import human, output
from agentreplay.cli.output import Column
from agentreplay.core.exact import spell_exact
from agentreplay.core.state import Difference
from agentreplay.model.fact import Fact, Transaction
from agentreplay.model.values import Value

__all__ = ["differences", "transactions"]

_LOG = (
    Column("POSITION", right=True),
    Column("COMMITTED"),
    Column("KEY"),
    Column("VERSION", right=True),
    Column("VALUE", elastic=True),
)
_DIFFERENCES = (Column("KEY"), Column("BEFORE", elastic=True), Column("AFTER", elastic=True))
_LONGEST = 160
_AT_ONCE = 100


def transactions(entries: Iterator[Transaction], key: str | None, *, has_heading: bool = True) -> Iterator[str]:
    """A line for each operation, or for those on one key; laid out a hundred transactions at a time."""
    while chunk := list(islice(entries, _AT_ONCE)):
        rows = [
            (
                str(entry.position),
                human.time_of(entry.committed),
                done.key,
                str(done.version),
                "(deleted)" if done.is_deleted else _short(done.value),
            )
            for entry in chunk
            for done in entry.operations
            if key in {None, done.key}
        ]
        yield from islice(output.table(_LOG, rows), 0 if has_heading else 1, None)
        has_heading = False


def differences(found: Sequence[Difference]) -> Iterator[str]:
    """A line for each key."""
    yield from output.table(_DIFFERENCES, [(one.key, _side(one.before), _side(one.after)) for one in found])


def _side(fact: Fact | None) -> str:
    return "(nothing)" if fact is None else _short(fact.value)


def _short(value: Value) -> str:
    text = json.dumps(spell_exact(value), ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
