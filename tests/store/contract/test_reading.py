"""What a store promises about reading spans, one by one and as trees."""

import math
from collections.abc import Sequence
from functools import partial

import msgspec
import pytest

from agentreplay.model.columns import columns_of
from agentreplay.model.content import Kept
from agentreplay.model.context import Marker
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.page import PageRequest
from agentreplay.model.session import SessionKey
from agentreplay.model.span import EARLIEST, LATEST, Event, Link, Span, SpanKey, SpanRow, narrow
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.usage import Usage
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import all_items, append, session_key, told


def keys(spans: Sequence[SpanRow]) -> list[SpanKey]:
    return [span.key for span in spans]


def with_parent(span: Span, parent: Span) -> Span:
    return msgspec.structs.replace(span, parent_id=parent.span_id)


def test_a_span_comes_back_with_all_that_was_told(store: Store, make: Maker) -> None:
    strange = {
        "integers": [0, -1, (1 << 63) - 1, 1 << 63, 1 << 64, -(1 << 200)],
        "floats": [math.nan, math.inf, -math.inf, -0.0, 1.0],
        "texts": ["", "\ud800", "a\x00b", "\N{PILE OF POO}"],
        "\udfff": {"": b"\x00\xff", "nested": [[], {}, [None, True]]},
    }
    talk = make.conversation("hello")
    assert talk.ref is not None
    span = make.span(
        make.span(),
        kind="of my own",
        name="näme",
        seq=7,
        status="error",
        agent="planner",
        iteration=3,
        model="m",
        provider="p",
        tool="",
        usage=Usage(input=1, cache_read=2, reasoning=3, image_out=4),
        cost=(1 << 53) - 1,
        status_message="failed\nbadly",
        attributes=strange,
        events=(Event(name="e\ud800", time=Nanoseconds(-1), attributes=strange, dropped_attributes=2),),
        links=(Link(trace_id=make.new_trace_id(), span_id=make.new_span_id(), trace_state="a=b", flags=1),),
        kept=(Kept(role="answer", hash=make.content().hash), Kept(role="stdout", hash=make.content().hash)),
        context=msgspec.structs.replace(talk.ref, markers=(Marker(0, ("content", 1, "x"), strange),)),
        trace_state="vendor=1",
        flags=257,
        resource=strange,
        scope={"name": "scope", "version": ""},
        dropped_attributes=1,
        dropped_events=2,
        dropped_links=3,
    )

    append(store, batch_of(span))

    assert told(store.spans.get(span.key)) == told(span)


def test_an_absent_text_is_not_an_empty_one(store: Store, make: Maker) -> None:
    absent, empty = make.span(), make.span(tool="", agent="", model="", provider="", iteration=0, cost=0)

    append(store, batch_of(absent, empty))

    assert told(store.spans.get(absent.key)) == told(absent)
    assert told(store.spans.get(empty.key)) == told(empty)
    assert [(row.tool, row.cost) for row in store.spans.read(session_key(absent))] == [(None, None), ("", 0)]


def test_what_is_not_there_is_none(store: Store, make: Maker) -> None:
    span = make.span()
    append(store, batch_of(span))

    key = span.key
    for other in (
        key._replace(tenant=TenantId("other")),
        key._replace(project=ProjectId("other")),
        key._replace(trace_id=make.new_trace_id()),
        key._replace(span_id=make.new_span_id()),
    ):
        assert store.spans.get(other) is None


def test_the_same_ids_in_two_projects_are_two_spans(store: Store, make: Maker) -> None:
    one = make.span(name="one")
    other = msgspec.structs.replace(one, project=ProjectId("other"), name="other")

    append(store, batch_of(one, make.span(one)), batch_of(other))

    assert told(store.spans.get(one.key)) == told(one)
    assert told(store.spans.get(other.key)) == told(other)
    assert store.spans.children(other.key).items == ()


def test_the_same_span_id_in_two_traces_is_two_spans(store: Store, make: Maker) -> None:
    one = make.span()
    other = make.span(span_id=one.span_id)

    append(store, batch_of(one, other, make.span(one)))

    assert told(store.spans.get(other.key)) == told(other)
    assert len(store.spans.children(one.key).items) == 1
    assert store.spans.children(other.key).items == ()


def test_a_session_is_read_in_the_order_of_start_then_seq_then_ids(store: Store, make: Maker) -> None:
    traces = [TraceId(f"{digit}" * 32) for digit in "12"]
    ids = [SpanId(f"{digit}" * 16) for digit in "19af"]
    ordered = [
        make.span(start=1, seq=9),
        make.span(start=2, seq=0, trace_id=traces[1]),
        make.span(start=2, seq=1, trace_id=traces[0], span_id=ids[3]),
        make.span(start=2, seq=1, trace_id=traces[1], span_id=ids[0]),
        make.span(start=2, seq=1, trace_id=traces[1], span_id=ids[1]),
        make.span(start=2, seq=1, trace_id=traces[1], span_id=ids[2]),
        make.span(start=2, seq=2, trace_id=traces[0]),
        make.span(start=3, seq=0),
    ]

    append(store, *map(batch_of, [ordered[place] for place in (3, 7, 0, 5, 2, 6, 1, 4)]))

    assert list(store.spans.read(session_key(ordered[0]))) == [
        msgspec.structs.replace(narrow(span), seq=place) for place, span in enumerate(ordered, 1)
    ]


def test_a_session_is_read_from_any_place(store: Store, make: Maker) -> None:
    spans = [make.span() for _ in range(10)]
    session = session_key(spans[0])
    append(store, batch_of(*spans))

    assert keys(store.spans.read(session, 4)) == keys(spans[3:])
    assert keys(store.spans.read(session, 4, 2)) == keys(spans[3:5])
    assert keys(store.spans.read(session, 10, 5)) == keys(spans[9:])
    assert keys(store.spans.read(session, 11)) == []
    assert [row.seq for row in store.spans.read(session, 4, 3)] == [4, 5, 6]


@pytest.mark.parametrize(("start", "limit"), [(1, None), (0, 3), (2, 4), (5, None), (6, 0), (9, 5)])
def test_columns_tell_what_rows_tell(store: Store, make: Maker, start: int, limit: int | None) -> None:
    """Also of open spans, of several traces, with parents elsewhere or nowhere, and with numbers of any size."""
    root = make.span(kind="agent", agent="planner", end=None, status="unset")
    call = make.span(root, kind="llm", name="näme", model="m", provider="p", usage=Usage(input=2, image_out=1), cost=0)
    spans = [
        root,
        call,
        make.span(call, kind="tool", tool="", iteration=-(1 << 62), span_id="ff" * 8),
        make.span(parent_id=call.span_id, status="error"),
        make.span(root, span_id="00" * 7 + "01", cost=(1 << 53) - 1, start=LATEST - 1, end=EARLIEST),
        make.span(start=EARLIEST, end=LATEST, usage=Usage(cache_read=1 << 40)),
        make.span(root, parent_id="ff" * 8),
    ]
    append(store, batch_of(*spans))
    session = session_key(root)

    columns = store.spans.columns(session, start, limit)

    assert columns == columns_of(store.spans.read(session, start, limit), max(start, 1))
    assert len(columns.start) == len(columns.span_id)


def test_columns_of_a_session_that_is_not_there_are_empty(store: Store, make: Maker) -> None:
    columns = store.spans.columns(SessionKey(make.tenant, make.project, SessionId("none")))

    assert columns == columns_of([], 1)


def test_a_late_span_takes_its_place(store: Store, make: Maker) -> None:
    first, late, last = make.span(), make.span(), make.span()
    append(store, batch_of(first, last))
    assert [row.seq for row in store.spans.read(session_key(first))] == [1, 2]

    append(store, batch_of(late))

    assert keys(store.spans.read(session_key(first))) == keys([first, late, last])
    assert [row.seq for row in store.spans.read(session_key(first))] == [1, 2, 3]


def test_rows_say_their_place_wherever_they_are_found(store: Store, make: Maker) -> None:
    root = make.span()
    child = make.span(root)
    append(store, batch_of(child), batch_of(root))

    assert [row.seq for row in store.spans.children(root.key).items] == [2]
    assert [row.seq for row in store.spans.descendants(root.key).items] == [2]
    assert [row.seq for row in store.spans.ancestors(child.key)] == [1]


def test_a_session_that_is_not_there_has_no_spans(store: Store, make: Maker) -> None:
    append(store, batch_of(make.span()))

    assert store.spans.read(SessionKey(make.tenant, make.project, SessionId("none"))) in ([], ())


def test_a_late_parent_finds_its_children(store: Store, make: Maker) -> None:
    """Exporters flush in any order."""
    parent = make.span()
    child = make.span(parent)

    append(store, batch_of(child))
    assert keys(store.spans.children(parent.key).items) == [child.key]
    append(store, batch_of(parent))

    assert keys(store.spans.children(parent.key).items) == [child.key]
    assert keys(store.spans.ancestors(child.key)) == [parent.key]


def test_children_come_in_the_order_of_the_session_and_in_pages(store: Store, make: Maker) -> None:
    root = make.span()
    children = [make.span(root) for _ in range(10)]
    append(store, batch_of(root, make.span(children[0]), make.span()), *map(batch_of, children[::-1]))

    found = all_items(lambda request: store.spans.children(root.key, request), 3)

    assert keys(found) == keys(children)


def test_children_that_began_together_come_in_the_order_of_the_session_too(store: Store, make: Maker) -> None:
    root = make.span()
    ids = [SpanId(digit * 16) for digit in "017f"]
    spans = [
        make.span(root, start=root.start, seq=seq, span_id=id_) for seq, id_ in zip((5, 5, 5, 5), ids, strict=True)
    ]
    spans.append(make.span(root, start=root.start, seq=6, span_id="3" * 16))
    append(store, batch_of(root, *spans[::-1]))

    for question in (store.spans.children, store.spans.descendants):
        for limit in (1, 2, 50):
            assert keys(all_items(partial(question, root.key), limit)) == keys(spans)
    assert keys(store.spans.read(session_key(root))) == keys([root, *spans])


def test_ancestors_go_up_to_the_root(store: Store, make: Maker) -> None:
    root = make.span()
    middle = make.span(root)
    leaf = make.span(middle)
    append(store, batch_of(leaf, root, middle))

    assert keys(store.spans.ancestors(leaf.key)) == keys([middle, root])
    assert keys(store.spans.ancestors(root.key)) == []


def test_ancestors_end_at_the_first_that_is_not_there(store: Store, make: Maker) -> None:
    missing = make.span(make.span())
    middle = make.span(missing)
    leaf = make.span(middle)
    append(store, batch_of(leaf, middle))

    assert keys(store.spans.ancestors(leaf.key)) == [middle.key]
    assert keys(store.spans.ancestors(middle.key)) == []
    assert keys(store.spans.ancestors(missing.key)) == []


def test_a_cycle_ends_the_walk_before_anything_comes_twice(store: Store, make: Maker) -> None:
    """Broken emitters make them."""
    first = make.span()
    second = make.span(first)
    third = make.span(second)
    first = with_parent(first, third)
    leaf = make.span(first)
    append(store, batch_of(first, second, third, leaf))

    assert keys(store.spans.ancestors(leaf.key)) == keys([first, third, second])
    assert keys(store.spans.ancestors(first.key)) == keys([third, second])
    assert keys(store.spans.descendants(first.key).items) == keys([second, third, leaf])
    assert keys(store.spans.descendants(third.key).items) == keys([first, second, leaf])


def test_a_span_that_is_its_own_parent_is_no_ancestor_of_itself(store: Store, make: Maker) -> None:
    span = make.span()
    span = with_parent(span, span)
    append(store, batch_of(span))

    assert keys(store.spans.ancestors(span.key)) == []
    assert keys(store.spans.descendants(span.key).items) == []


@pytest.mark.parametrize("limit", [1, 4, 100])
def test_descendants_come_once_and_in_the_order_of_the_session(store: Store, make: Maker, limit: int) -> None:
    root = make.span()
    below = [make.span(root), make.span(root)]
    for parent in (0, 1, 2, 0, 4, 5):
        below.append(make.span(below[parent]))
    append(store, batch_of(make.span()), *map(batch_of, below[::-1]))

    found = all_items(lambda request: store.spans.descendants(root.key, request), limit)

    assert keys(found) == keys(below)


@pytest.mark.parametrize("question", ["children", "descendants"])
def test_pages_of_a_tree_neither_repeat_nor_skip_while_it_grows(store: Store, make: Maker, question: str) -> None:
    root = make.span()
    early = [make.span(root) for _ in range(5)]
    spans = [make.span(root) for _ in range(9)]
    append(store, batch_of(root, *spans))
    ask = getattr(store.spans, question)

    page = ask(root.key, PageRequest(limit=3))
    found = list(page.items)
    while page.next is not None:
        append(store, batch_of(*early[:1], *([make.span(root)] if early else [])))
        del early[:1]
        page = ask(root.key, PageRequest(limit=3, after=page.next))
        found += page.items

    assert len(set(keys(found))) == len(found)
    assert set(keys(found)) >= set(keys(spans))


def test_a_deep_tree_is_walked_to_its_end(store: Store, make: Maker) -> None:
    spans = [make.span()]
    for _ in range(1_500):
        spans.append(make.span(spans[-1], start=spans[0].start + 1 * SECOND))
    append(store, batch_of(*spans))

    assert len(store.spans.ancestors(spans[-1].key)) == 1_500
    assert len(store.spans.descendants(spans[0].key, PageRequest(limit=2_000)).items) == 1_500


def test_rows_come_in_the_order_they_are_asked_for_without_those_that_are_not_there(store: Store, make: Maker) -> None:
    one, two, three = make.span(), make.span(), make.span()
    append(store, batch_of(one), batch_of(two))

    rows = store.spans.rows([two.key, three.key, one.key])

    assert [row.key for row in rows] == [two.key, one.key]
    assert {row.key: row for row in store.spans.read(session_key(one))}[one.key] == rows[1]
    assert store.spans.rows([]) in ([], ())
