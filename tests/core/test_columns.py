"""Spans as columns."""

from agentreplay.core.columns import columns_of
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanRow
from agentreplay.model.usage import Usage
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of


def rows_of(*things: object) -> tuple[SessionKey, list[SpanRow]]:
    store = MemoryStore()
    store.append(batch_of(*things))  # type: ignore[arg-type]
    make = Maker()
    key = SessionKey(make.tenant, make.project, make.session_id)
    return key, list(store.spans.read(key))


def test_what_repeats_is_told_once_and_what_all_share_is_not_pointed_at(make: Maker) -> None:
    spans = [make.span(kind=kind, name="same") for kind in ("llm", "tool", "llm")]

    told = columns_of(*rows_of(*spans), first=1)

    assert (told.kind.words, told.kind.at) == (["llm", "tool"], [0, 1, 0])
    assert (told.name.words, told.name.at) == (["same"], [])
    assert (told.model.words, told.model.at) == ([None], [])


def test_parents_are_told_by_their_places_and_by_id_outside_of_the_stretch(make: Maker) -> None:
    root = make.span()
    below = make.span(root)
    other = make.span()
    lone = make.span(other, parent_id="ab" * 8)
    key, rows = rows_of(root, below, make.span(below), other, make.span(other), lone)

    assert columns_of(key, rows, 1).parent == [0, 1, 0, 0, 2, 3]
    assert columns_of(key, rows, 1).outer_parents == {4: "ab" * 8}
    assert columns_of(key, rows[1:5], 2).parent == [0, 0, 0, 2]
    assert columns_of(key, rows[1:5], 2).outer_parents == {2: root.span_id, 4: "ab" * 8}


def test_what_nobody_knows_takes_no_room(make: Maker) -> None:
    key, rows = rows_of(make.span(), make.span())

    told = columns_of(key, rows, 1)

    assert (told.iteration, told.tokens, told.cost) == ([], [], [])


def test_figures_stand_where_somebody_knows_them(make: Maker) -> None:
    spans = [make.span(end=None), make.span(iteration=3, cost=0, usage=Usage(input=2, output=5))]

    told = columns_of(*rows_of(*spans), first=1)

    assert (told.iteration, told.tokens, told.cost) == ([None, 3], [0, 7], [None, 0])
    assert told.duration == [None, 250_000_000]


def test_numbers_that_readers_would_round_are_text(make: Maker) -> None:
    early, late = make.span(start=0, end=1), make.span(start=1 << 60, end=(1 << 60) + 1)

    told = columns_of(*rows_of(early, late), first=1)

    assert (told.start, told.duration) == ([0, str(1 << 60)], [1, 1])


def test_no_spans_are_no_trouble(make: Maker) -> None:
    told = columns_of(SessionKey(make.tenant, make.project, make.session_id), [], 7)

    assert (told.count, told.start, told.parent, told.kind.words) == (0, [], [], [])
