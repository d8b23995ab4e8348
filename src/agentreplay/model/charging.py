"""Which spans tell again what another one used: several layers may report one call, and it is charged once.

Where a call to a model stands below another one, with nothing between them but HTTP, both are the same call seen from
two sides: that of a framework and that of a client, or of an instrumentation and of a gateway. The inner one is
nearer to what happened, so what it tells counts, and of the outer one only what the inner one does not tell. A call
below a tool or an agent is another call.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import NamedTuple

__all__ = ["CARRIER", "CHARGED", "COST", "KINDS", "USAGE", "Call", "repeated", "same_model"]

CHARGED = frozenset({"llm", "embedding", "rerank"})
"""Kinds of which each span is a call that is charged."""
CARRIER = "http"
KINDS = CHARGED | {CARRIER}
USAGE, COST = 1, 2
"""What a span tells, or tells again, as bits."""

_DEEPEST = 8


class Call(NamedTuple):
    """As much of a finished span as decides whether it tells again what others tell."""

    key: Hashable
    kind: str
    model: str | None
    tells: int
    """Whether it tells tokens and a cost, be it again or not."""


_Above = Callable[[Call], Call | None]
_Below = Callable[[Call], Iterable[Call]]


def repeated(calls: Iterable[Call], above: _Above, below: _Below) -> dict[Hashable, int]:
    """Of these and of those around them, the ones that tell something again, and what.

    `above` finds the parent of a span and `below` its children, if they are finished and of one of KINDS. It is
    enough to ask for what is new: the answer for all of a trace is what was answered for its parts.
    """
    found: dict[Hashable, int] = {}
    for call in calls:
        outer = _outer(call, above)
        inner = list(_inner(call, below))
        if call.kind == CARRIER:
            pairs = [(outer, one) for one in inner]
        else:
            pairs = [(outer, call), *[(call, one) for one in inner]]
        for one, other in pairs:
            again = 0 if one is None else _again(one, other)
            if one is not None and again:
                found[one.key] = found.get(one.key, 0) | again
    return found


def same_model(one: str | None, other: str | None) -> bool:
    """Whether two layers may mean the same model: one of them with its date, its vendor, or without a name."""
    if one is None or other is None:
        return True
    one, other = one.rpartition("/")[2], other.rpartition("/")[2]
    return one.startswith(other) or other.startswith(one)


def _again(outer: Call, inner: Call) -> int:
    is_same = outer.key != inner.key and outer.kind == inner.kind and same_model(outer.model, inner.model)
    return outer.tells & inner.tells if is_same else 0


def _outer(call: Call, above: _Above) -> Call | None:
    for _ in range(_DEEPEST):
        found = above(call)
        if found is None or found.kind != CARRIER:
            return found
        call = found
    return None


def _inner(call: Call, below: _Below, depth: int = _DEEPEST) -> Iterator[Call]:
    for found in below(call):
        if found.kind != CARRIER:
            yield found
        elif depth:
            yield from _inner(found, below, depth - 1)
