"""Columns as JSON tells them."""

from agentreplay.core.columns import SpanColumns, told_columns
from agentreplay.model.columns import columns_of
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanRow, narrow
from agentreplay.testing import Maker


def told(make: Maker, *spans: SpanRow) -> SpanColumns:
    key = SessionKey(make.tenant, make.project, make.session_id)
    return told_columns(key, columns_of([narrow(span) for span in spans], 1))


def test_times_are_told_relative_to_the_first(make: Maker) -> None:
    columns = told(make, make.span(start=1 << 60, end=None), make.span(start=(1 << 60) + 5, end=(1 << 60) + 7))

    assert (columns.count, columns.base) == (2, str(1 << 60))
    assert (columns.start, columns.duration) == ([0, 5], [None, 2])


def test_numbers_that_readers_would_round_are_text(make: Maker) -> None:
    early, late = make.span(start=0, end=1 << 60, iteration=-(1 << 60)), make.span(start=1 << 60, end=(1 << 60) + 1)

    columns = told(make, early, late)

    assert columns.start == [0, str(1 << 60)]
    assert columns.duration == [str(1 << 60), 1]
    assert columns.iteration == [str(-(1 << 60)), None]


def test_no_spans_are_no_trouble(make: Maker) -> None:
    columns = told(make)

    assert (columns.count, columns.base, columns.start, columns.kind.words) == (0, "0", [], [])
