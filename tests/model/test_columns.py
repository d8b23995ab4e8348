"""Spans as columns."""

from agentreplay.model.columns import Columns, columns_of
from agentreplay.model.span import SpanRow, narrow
from agentreplay.model.usage import Usage
from agentreplay.testing import Maker


def columns(*spans: SpanRow, first: int = 1) -> Columns:
    return columns_of([narrow(span) for span in spans], first)


def test_what_repeats_is_told_once_and_what_all_share_is_not_pointed_at(make: Maker) -> None:
    told = columns(*[make.span(kind=kind, name="same") for kind in ("llm", "tool", "llm")])

    assert (told.kind.words, told.kind.at) == (["llm", "tool"], [0, 1, 0])
    assert (told.name.words, told.name.at) == (["same"], [])
    assert (told.model.words, told.model.at) == ([None], [])


def test_parents_are_told_by_their_places_and_by_id_outside_of_the_stretch(make: Maker) -> None:
    root = make.span()
    below = make.span(root)
    other = make.span()
    lone = make.span(other, parent_id="ab" * 8)
    spans = [root, other, below, lone, make.span(other), make.span(below)]

    whole, part = columns(*spans), columns(*spans[1:5], first=2)

    assert (whole.parent, whole.outer_parents) == ([0, 0, 1, 0, 2, 3], {4: "ab" * 8})
    assert (part.parent, part.outer_parents) == ([0, 0, 0, 2], {3: root.span_id, 4: "ab" * 8})


def test_a_parent_of_another_trace_is_none(make: Maker) -> None:
    root = make.span()
    stranger = make.span(parent_id=root.span_id)

    told = columns(root, stranger)

    assert (told.parent, told.outer_parents) == ([0, 0], {2: root.span_id})


def test_what_nobody_knows_takes_no_room(make: Maker) -> None:
    told = columns(make.span(), make.span())

    assert (told.iteration, told.tokens, told.cost) == ([], [], [])


def test_figures_stand_where_somebody_knows_them(make: Maker) -> None:
    told = columns(make.span(end=None), make.span(iteration=3, cost=0, usage=Usage(input=2, output=5)))

    assert (told.iteration, told.tokens, told.cost) == ([None, 3], [0, 7], [None, 0])
    assert told.duration == [None, 250_000_000]


def test_where_a_clock_went_backwards_nothing_lasted(make: Maker) -> None:
    assert columns(make.span(start=10, end=9)).duration == [0]


def test_no_spans_are_no_trouble() -> None:
    told = columns(first=7)

    assert (told.first, told.start, told.parent, told.kind.words) == (7, [], [], [])
