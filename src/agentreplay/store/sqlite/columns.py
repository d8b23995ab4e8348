"""Turns rows of the store into columns of light spans, without making anything of each row."""

import sys
from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, cast

from agentreplay.model.columns import Columns, Words, durations, known, numbered, places_of
from agentreplay.model.ids import SpanId
from agentreplay.model.span import STATUSES
from agentreplay.store.sqlite.reading import Names, Remembered
from agentreplay.store.sqlite.rows import span_id_of, total_usages

__all__ = ["to_columns"]

_WIDTH = 15
"""How many columns that query has."""


def to_columns(names: Names, found: Iterable[Sequence[Any]], first: int) -> Columns:
    """The columns of the rows of the query of that name; the first of them has the place `first`."""
    # One flat list first: a row that is not kept is made in the place of the one before, and a hundred thousand that
    # are kept keep the garbage collector busy for half as long as it takes to read them.
    flat: list[Any] = list(chain.from_iterable(found))
    numbers, parents, starts, ends, statuses, iterations, costs, usages, traces, *texts = [
        flat[column::_WIDTH] for column in range(_WIDTH)
    ]
    del flat
    told_traces = _words(names.traces, traces)
    places, outer = places_of(numbers, parents, told_traces.at, first)
    kind, name, agent, model, provider, tool = [_words(names.words, column) for column in texts]
    return Columns(
        first=first,
        start=starts,
        duration=durations(starts, ends),
        span_id=_span_ids(numbers),
        trace_id=told_traces,
        parent=places,
        outer_parents={place: span_id_of(number) for place, number in outer.items()},
        kind=kind,
        name=name,
        status=_statuses(statuses),
        agent=agent,
        model=model,
        provider=provider,
        tool=tool,
        iteration=known(iterations),
        tokens=_tokens(usages),
        cost=known(costs),
    )


def _words(names: Remembered, numbers: Sequence[int | None]) -> Words:
    found, at = numbered(numbers)
    names.learn_all(found)
    return Words(words=[names[number] for number in found], at=at)


def _statuses(numbers: Sequence[int]) -> Words:
    found, at = numbered(numbers)
    return Words(words=[STATUSES[number] for number in found], at=at)


def _span_ids(numbers: Sequence[int]) -> list[SpanId]:
    """What `span_id_of` gives for each, at once."""
    ids = array("q", numbers)
    if sys.byteorder == "little":
        ids.byteswap()
    return cast("list[SpanId]", ids.tobytes().hex(" ", ids.itemsize).split())


def _tokens(usages: Sequence[bytes | None]) -> list[int]:
    """All tokens of each, or nothing where none has any."""
    # Most spans have none.
    told = list(filter(None, usages))
    if not told:
        return []
    totals: dict[bytes | None, int] = {None: 0, **dict(zip(told, total_usages(told), strict=True))}
    return list(map(totals.__getitem__, usages))
