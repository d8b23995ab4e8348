"""Sessions found by the beginning of their id, outlined and deleted, with every store."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core.sessions import Branch, delete, each, get, outline, resolve
from agentreplay.errors import SessionMissing, ValueInvalid
from agentreplay.model.query import SessionFilter
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker

Keep = Callable[..., None]


def _depths(branches: list[Branch]) -> list[tuple[int, str]]:
    return [(branch.depth, branch.span.name) for branch in branches]


def test_a_whole_id_is_found_even_when_it_begins_another(store: Store, make: Maker, keep: Keep) -> None:
    keep(make.session(id="run"), make.session(id="run-2"))

    assert resolve(store.sessions, make.tenant, make.project, "run").session.id == "run"


def test_the_beginning_of_an_id_is_enough_in_either_case(store: Store, make: Maker, keep: Keep) -> None:
    keep(make.session(id="01ABCD"), make.session(id="01ABXY"))

    assert resolve(store.sessions, make.tenant, make.project, "01abc").session.id == "01ABCD"


def test_a_beginning_that_fits_several_names_the_candidates(store: Store, make: Maker, keep: Keep) -> None:
    keep(*(make.session(id=f"run-{number}") for number in range(7)))

    with pytest.raises(ValueInvalid) as raised:
        resolve(store.sessions, make.tenant, make.project, "run-")

    assert "7 sessions begin with it" in raised.value.message
    assert "run-" in raised.value.message
    assert "and 2 more" in raised.value.message


@pytest.mark.parametrize("beginning", ["nothing", "run-1x"])
def test_a_beginning_that_fits_none_is_missing(store: Store, make: Maker, keep: Keep, beginning: str) -> None:
    keep(make.session(id="run-1"))

    with pytest.raises(SessionMissing, match=beginning):
        resolve(store.sessions, make.tenant, make.project, beginning)


def test_the_last_session_of_a_project_needs_no_id(store: Store, make: Maker, keep: Keep) -> None:
    keep(make.span(session="run-1"))
    keep(make.span(session="run-2"))
    keep(make.span(session="run-3", project="other"))

    assert resolve(store.sessions, make.tenant, make.project, "last").session.id == "run-2"


def test_a_session_that_is_called_last_is_found_by_its_id(store: Store, make: Maker, keep: Keep) -> None:
    keep(make.span(session="last"))
    keep(make.span(session="run-2"))

    assert resolve(store.sessions, make.tenant, make.project, "last").session.id == "last"


def test_where_nothing_is_stored_there_is_no_last_session(store: Store, make: Maker) -> None:
    with pytest.raises(SessionMissing, match="last"):
        resolve(store.sessions, make.tenant, make.project, "last")


def test_nothing_is_not_the_beginning_of_the_only_session(store: Store, make: Maker, keep: Keep) -> None:
    keep(make.session())

    with pytest.raises(ValueInvalid):
        resolve(store.sessions, make.tenant, make.project, "")


def test_sessions_of_others_are_not_candidates(store: Store, make: Maker, keep: Keep) -> None:
    keep(make.session(id="run-1"), make.session(id="run-2", project="other"))
    keep(make.session(id="run-3", tenant="rival"), tenant="rival")

    assert resolve(store.sessions, make.tenant, make.project, "run").session.id == "run-1"


def test_each_goes_through_all_pages(store: Store, make: Maker, keep: Keep) -> None:
    spans = [make.span(session=f"run-{number}") for number in range(1100)]
    keep(*spans)

    found = [row.session.id for row in each(store.sessions, SessionFilter(tenant=make.tenant))]

    assert found == [span.session for span in reversed(spans)]


def test_get_raises_for_what_is_not_there(store: Store, make: Maker) -> None:
    with pytest.raises(SessionMissing):
        get(store.sessions, make.session().key)


def test_deleting_gives_a_receipt_and_leaves_nothing(store: Store, make: Maker, keep: Keep) -> None:
    keep(make.session(), make.span(), make.span())
    key = SessionKey(make.tenant, make.project, make.session_id)

    receipt = delete(store, key)

    assert (receipt.sessions, receipt.spans) == (1, 2)
    with pytest.raises(SessionMissing):
        delete(store, key)


def test_an_outline_has_children_right_below_their_parents(make: Maker) -> None:
    root = make.span(name="root")
    left = make.span(root, name="left")
    right = make.span(root, name="right")
    low = make.span(left, name="low")

    branches = list(outline([root, left, right, low]))

    assert _depths(branches) == [(0, "root"), (1, "left"), (2, "low"), (1, "right")]


def test_an_outline_shows_spans_whose_parent_is_missing(make: Maker) -> None:
    orphan = make.span(make.span(), name="orphan")

    assert _depths(list(outline([orphan]))) == [(0, "orphan")]


def test_an_outline_keeps_traces_apart(make: Maker) -> None:
    """Span ids are unique in a trace only."""
    one = make.span(name="one")
    other = make.span(name="other", span_id=one.span_id)
    child = make.span(other, name="child")

    assert _depths(list(outline([one, other, child]))) == [(0, "one"), (0, "other"), (1, "child")]


def test_an_outline_shows_a_circle_once(make: Maker) -> None:
    first = make.span(name="first")
    second = make.span(first, name="second")
    closed = make.span(second, name="first", span_id=first.span_id)
    itself = make.span(name="itself")
    alone = make.span(itself, name="itself", span_id=itself.span_id)

    branches = list(outline([closed, second, alone]))

    assert _depths(branches) == [(0, "first"), (1, "second"), (0, "itself")]


@given(st.lists(st.integers(0, 9), min_size=10, max_size=10), st.permutations(range(10)))
def test_an_outline_has_every_span_once_whatever_the_parents(parents: list[int], order: list[int]) -> None:
    make = Maker()
    ids = [make.new_span_id() for _ in parents]
    trace = make.new_trace_id()
    spans = [
        make.span(trace_id=trace, span_id=ids[number], parent_id=ids[parent]) for number, parent in enumerate(parents)
    ]

    found = [branch.span.span_id for branch in outline(spans[number] for number in order)]

    assert sorted(found) == sorted(ids)


def test_an_outline_of_a_very_deep_session_does_not_overflow(make: Maker) -> None:
    spans: list[Span] = []
    for _ in range(5_000):
        spans.append(make.span(spans[-1] if spans else None))

    assert [branch.depth for branch in outline(spans)] == list(range(5_000))
