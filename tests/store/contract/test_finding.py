"""What a store promises about finding spans by a filter, newest first and in pages."""

import math
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from agentreplay.errors import CursorInvalid, QueryInvalid
from agentreplay.model.ids import ProjectId
from agentreplay.model.page import Cursor, Page, PageRequest
from agentreplay.model.query import Attribute, AttributeMatch, Bounds, Match, SessionFilter, SpanFilter
from agentreplay.model.span import Span
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.store.protocol import Store
from agentreplay.testing import NEW_YEAR, Maker, batch_of
from tests.store.observation import all_spans, append, session_key

Condition = Callable[[Span], bool]


def same(name: str, value: object) -> tuple[dict[str, Any], Condition]:
    return {name: value}, lambda span: getattr(span, name) == value


def matching(field: Any, *words: str, **more: Any) -> dict[str, Any]:
    return {"matches": (Match(field=field, words=words, **more),)}


SESSIONS = ("morning", "evening")
FILTERS: list[tuple[dict[str, Any], Condition]] = [
    ({}, bool),
    same("project", "demo"),
    same("session", "morning"),
    same("trace_id", "ab" * 16),
    same("kind", "llm"),
    same("name", "say hello"),
    same("status", "error"),
    same("status", "unset"),
    same("agent", "planner"),
    same("model", "m2"),
    same("provider", "p1"),
    same("tool", "grep"),
    same("tool", ""),
    same("kind", "of nobody"),
    ({"since": NEW_YEAR + 20 * SECOND}, lambda span: span.start >= NEW_YEAR + 20 * SECOND),
    ({"until": NEW_YEAR + 20 * SECOND}, lambda span: span.start < NEW_YEAR + 20 * SECOND),
    (
        {"since": NEW_YEAR + 5 * SECOND, "until": NEW_YEAR + 6 * SECOND},
        lambda span: span.start == NEW_YEAR + 5 * SECOND,
    ),
    ({"label": ("team", "blue")}, lambda span: span.session == "evening" and span.project == "demo"),
    ({"label": ("team", "")}, lambda _: False),
    ({"attribute": Attribute("n", 1)}, lambda span: type(span.attributes.get("n")) is int),
    ({"attribute": Attribute("text", "yes")}, lambda span: "text" in span.attributes),
    (matching("kind", "llm", "tool"), lambda span: span.kind in {"llm", "tool"}),
    (matching("kind", "llm", negated=True), lambda span: span.kind != "llm"),
    (matching("kind", "of nobody"), lambda _: False),
    (matching("kind", "of nobody", negated=True), bool),
    (matching("kind"), lambda _: False),
    (matching("name", beginnings=("say ",)), lambda span: span.name == "say hello"),
    (matching("name", "", beginnings=("say ",)), lambda span: span.name != "say"),
    (matching("model", beginnings=("",)), lambda span: span.model is not None),
    (matching("model", beginnings=("",), negated=True), lambda span: span.model is None),
    (matching("model", "m1", negated=True), lambda span: span.model != "m1"),
    (matching("tool", beginnings=("",)), lambda span: span.tool is not None),
    (matching("status", "error", "unset"), lambda span: span.status != "ok"),
    (matching("status", beginnings=("e",), negated=True), lambda span: span.status != "error"),
    (matching("label", "red", "blue", label="team"), lambda span: span.project == "demo"),
    (
        matching("label", "red", label="team", negated=True),
        lambda span: (span.project, span.session) != ("demo", "morning"),
    ),
    (
        matching("label", beginnings=("bl",), label="team"),
        lambda span: span.session == "evening" and span.project == "demo",
    ),
    (
        {"attributes": (AttributeMatch(key="n", values=(1, True)),)},
        lambda span: type(span.attributes.get("n")) in {int, bool},
    ),
    ({"attributes": (AttributeMatch(key="n"),)}, lambda span: "n" in span.attributes),
    ({"attributes": (AttributeMatch(key="n", negated=True),)}, lambda span: "n" not in span.attributes),
    (
        {"attributes": (AttributeMatch(key="n", values=(1,), negated=True), AttributeMatch(key="n"))},
        lambda span: type(span.attributes.get("n")) in {float, bool},
    ),
    ({"cost": Bounds(least=5)}, lambda span: span.cost is not None and span.cost >= 5),
    ({"cost": Bounds(most=5)}, lambda span: span.cost is not None and span.cost <= 5),
    ({"cost": Bounds()}, lambda span: span.cost is not None),
    ({"tokens": Bounds(least=3, most=4)}, lambda span: 3 <= span.usage.total <= 4),
    ({"tokens": Bounds(most=0)}, lambda span: span.usage.total == 0),
    ({"duration": Bounds(most=0)}, lambda span: span.end is not None),
    ({"duration": Bounds(least=1)}, lambda _: False),
    (
        {"project": "demo", "kind": "llm", "model": "m2", "since": NEW_YEAR + 10 * SECOND},
        lambda span: (
            (span.project, span.kind, span.model) == ("demo", "llm", "m2") and span.start >= NEW_YEAR + 10 * SECOND
        ),
    ),
    (
        {"session": "evening", "status": "error", "tool": "grep"},
        lambda span: (span.session, span.status, span.tool) == ("evening", "error", "grep"),
    ),
    (
        {"project": "demo", "agent": "planner", "name": "say hello", "label": ("team", "red")},
        lambda span: (span.project, span.session, span.agent, span.name) == ("demo", "morning", "planner", "say hello"),
    ),
    (
        {
            "kind": "tool",
            "attribute": Attribute("text", "yes"),
            "provider": "p1",
            "until": NEW_YEAR + 30 * SECOND,
        },
        lambda span: (
            span.kind == "tool"
            and "text" in span.attributes
            and span.provider == "p1"
            and span.start < NEW_YEAR + 30 * SECOND
        ),
    ),
]


def population(make: Maker) -> list[Span]:
    """Forty spans in which each value of each field meets the others."""
    return [
        make.span(
            project=("demo", "demo", "other")[number % 3],
            session=SESSIONS[number // 2 % 2],
            kind=("llm", "tool", "custom")[number // 3 % 3],
            name=("say hello", "say", "")[number % 5 % 3],
            status=("ok", "error", "unset")[number // 4 % 3],
            agent=(None, "planner")[number // 5 % 2],
            model=(None, "m1", "m2", "m2")[number // 2 % 4],
            provider=(None, "p1")[number // 7 % 2],
            tool=(None, "grep", "")[number % 4 % 3],
            attributes=({}, {"n": 1}, {"n": 1.0}, {"n": True}, {"text": "yes"})[number % 5],
            end=None if number % 6 == 0 else NEW_YEAR,
            cost=(None, 0, 5, 9)[number % 4],
            usage=(NO_USAGE, Usage(input=2, output=1), Usage(cache_read=4), Usage(reasoning=9))[number // 3 % 4],
            trace_id="ab" * 16 if number % 8 == 0 else make.new_trace_id(),
        )
        for number in range(40)
    ]


@pytest.mark.parametrize(("fields", "holds"), FILTERS, ids=[str(fields) for fields, _ in FILTERS])
@pytest.mark.parametrize("limit", [3, 100])
def test_spans_are_found_by_each_filter(
    store: Store, make: Maker, fields: dict[str, Any], holds: Condition, limit: int
) -> None:
    spans = population(make)
    labelled = [
        make.session(id=session, labels={"team": team}) for session, team in zip(SESSIONS, ("red", "blue"), strict=True)
    ]
    append(store, batch_of(*labelled), *map(batch_of, spans), batch_of(Maker(tenant="stranger").span()))
    where = SpanFilter(tenant=make.tenant, **fields)

    page = store.spans.find(where, PageRequest(limit=limit))
    found = list(page.items)
    while page.next is not None:
        assert len(page.items) == limit
        page = store.spans.find(where, PageRequest(limit=limit, after=page.next))
        found += page.items

    expected = [span.key for span in sorted(spans, key=lambda span: -span.start) if holds(span)]
    assert [row.key for row in found] == expected


@pytest.mark.parametrize(
    "values", [(1, 1.0, True, "1", "True", b"1", [1]), (0, False, None, "", [], {}, b""), (math.nan, "nan")]
)
def test_an_attribute_has_the_type_it_is_asked_for(store: Store, make: Maker, values: tuple[object, ...]) -> None:
    spans = [make.span(attributes={"key": value}) for value in values]
    append(store, batch_of(*spans, make.span(), make.span(attributes={"other": values[0]})))

    for span, value in zip(spans, values, strict=True):
        where = SpanFilter(tenant=make.tenant, attribute=Attribute("key", value))
        assert [row.key for row in all_spans(store, where)] == [span.key]


@pytest.mark.parametrize("value", [1 << 100, "\ud800", [1, {"a": b"x"}], "long " * 1000], ids=ascii)
def test_a_strange_attribute_is_found_too(store: Store, make: Maker, value: object) -> None:
    span = make.span(attributes={"\udfff": value})
    append(store, batch_of(span, make.span(attributes={"\udfff": "other"})))

    where = SpanFilter(tenant=make.tenant, attribute=Attribute("\udfff", value))

    assert [row.key for row in all_spans(store, where)] == [span.key]


def test_long_attributes_of_one_length_are_told_apart(store: Store, make: Maker) -> None:
    spans = [make.span(attributes={"said": letter * 2_000}) for letter in "abc"]
    append(store, batch_of(*spans))

    found = [
        all_spans(store, SpanFilter(tenant=make.tenant, attribute=Attribute("said", letter * 2_000)))
        for letter in "abcd"
    ]

    assert [[row.key for row in rows] for rows in found] == [*[[span.key] for span in spans], []]


def test_a_closed_span_is_found_by_what_its_end_said(store: Store, make: Maker) -> None:
    opened = make.span(end=None, kind="tool", name="guess", tool="a", status="unset", attributes={"at": "start"})
    closed = msgspec.structs.replace(
        opened.close(opened.start), kind="llm", name="told", tool="b", attributes={"at": "end"}
    )
    append(store, batch_of(opened))
    append(store, batch_of(closed))

    def count(**fields: Any) -> int:
        return len(all_spans(store, SpanFilter(tenant=make.tenant, **fields)))

    assert [count(kind="tool"), count(name="guess"), count(tool="a"), count(status="unset")] == [0, 0, 0, 0]
    assert [count(kind="llm"), count(name="told"), count(tool="b"), count(status="ok")] == [1, 1, 1, 1]
    assert count(attribute=Attribute("at", "start")) == 0
    assert count(attribute=Attribute("at", "end")) == 1


def test_labels_told_later_count_for_earlier_spans(store: Store, make: Maker) -> None:
    span = make.span()
    where = SpanFilter(tenant=make.tenant, label=("team", "blue"))
    append(store, batch_of(span))
    assert all_spans(store, where) == []

    append(store, batch_of(make.session(revision=1, labels={"team": "blue"})))
    assert [row.key for row in all_spans(store, where)] == [span.key]

    append(store, batch_of(make.session(revision=2, labels={"team": "red"})))
    assert all_spans(store, where) == []


def test_a_page_holds_fifty_unless_asked_otherwise(store: Store, make: Maker) -> None:
    append(store, batch_of(*[make.span() for _ in range(51)]))

    page = store.spans.find(SpanFilter(tenant=make.tenant))

    assert len(page.items) == 50
    assert page.next is not None


def test_the_last_page_leads_nowhere(store: Store, make: Maker) -> None:
    append(store, batch_of(*[make.span() for _ in range(4)]))

    page = store.spans.find(SpanFilter(tenant=make.tenant), PageRequest(limit=4))

    assert page.next is None


def test_pages_neither_repeat_nor_skip_while_spans_arrive(store: Store, make: Maker) -> None:
    """Newer ones, older ones, and some that began at the very same time."""
    start = make.span().start
    spans = [make.span(start=start + number // 4, name="old") for number in range(20)]
    append(store, batch_of(*spans))
    where = SpanFilter(tenant=make.tenant)

    page = store.spans.find(where, PageRequest(limit=3))
    found = list(page.items)
    while page.next is not None:
        last = page.items[-1].start
        append(store, batch_of(*[make.span(start=last + step) for step in (-1000, 0, 1000) if len(found) < 15]))
        page = store.spans.find(where, PageRequest(limit=3, after=page.next))
        found += page.items

    keys = [row.key for row in found]
    assert len(keys) == len(set(keys))
    assert {row.key for row in found if row.name == "old"} == {span.key for span in spans}
    assert [-row.start for row in found] == sorted(-row.start for row in found)


def test_pages_over_all_projects_are_in_one_order(store: Store, make: Maker) -> None:
    spans = [make.span(project=ProjectId(f"project {number % 3}")) for number in range(12)]
    append(store, batch_of(*spans))

    found = all_spans(store, SpanFilter(tenant=make.tenant))

    assert [row.key for row in found] == [span.key for span in spans[::-1]]


def test_a_cursor_that_is_none_is_refused(store: Store, make: Maker) -> None:
    span = make.span()
    append(store, batch_of(span))
    where = SpanFilter(tenant=make.tenant)
    questions: list[Callable[[PageRequest], Page[Any]]] = [
        lambda request: store.spans.find(where, request),
        lambda request: store.spans.search("work", where, request),
        lambda request: store.spans.children(span.key, request),
        lambda request: store.spans.descendants(span.key, request),
        lambda request: store.sessions.find(SessionFilter(tenant=make.tenant), request),
    ]

    for text in ("nonsense", "", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "\ud800", "0" * 100_000):
        for question in questions:
            with pytest.raises(CursorInvalid):
                question(PageRequest(after=Cursor(text)))


@pytest.mark.parametrize("limit", [0, -1])
def test_a_page_without_room_is_refused(store: Store, make: Maker, limit: int) -> None:
    append(store, batch_of(make.span()))

    with pytest.raises(QueryInvalid):
        store.spans.find(SpanFilter(tenant=make.tenant), PageRequest(limit=limit))
    with pytest.raises(QueryInvalid):
        store.sessions.find(SessionFilter(tenant=make.tenant), PageRequest(limit=limit))


def test_a_cursor_of_another_list_is_refused(store: Store, make: Maker) -> None:
    append(store, *[batch_of(make.span(session=f"session {number}")) for number in range(4)])
    page = store.spans.find(SpanFilter(tenant=make.tenant), PageRequest(limit=2))
    request = PageRequest(limit=2, after=page.next)

    with pytest.raises(CursorInvalid):
        store.sessions.find(SessionFilter(tenant=make.tenant), request)


def test_a_row_is_found_as_it_was_told(store: Store, make: Maker) -> None:
    span = make.span(make.span(), seq=5, iteration=2, provider="p", cost=3)
    append(store, batch_of(span))

    (row,) = all_spans(store, SpanFilter(tenant=make.tenant))

    assert row.parent_key == span.parent_key
    assert (row.start, row.end, row.iteration, row.cost) == (span.start, span.end, 2, 3)
    assert row.duration == Nanoseconds(SECOND // 4)
    assert session_key(row) == session_key(span)
