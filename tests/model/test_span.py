"""Spans lose nothing on the way to disk and back, and are checked where they are built."""

from typing import Any

import pytest
from hypothesis import given
from msgspec.structs import replace

from agentreplay.errors import ValueInvalid
from agentreplay.model.ids import SpanId
from agentreplay.model.span import Span, SpanRow, narrow
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import Usage
from agentreplay.model.values import decode, encode
from agentreplay.testing import Maker
from tests import strategies


@given(strategies.spans)
def test_a_span_loses_nothing(span: Span) -> None:
    again: Span = decode(encode(span), Span)

    # Encodings are compared, because NaN is not equal to itself.
    assert encode(again) == encode(span)
    assert type(again.events) is tuple


@given(strategies.spans)
def test_a_row_is_the_span_without_what_is_heavy(span: Span) -> None:
    row = narrow(span)

    assert type(row) is SpanRow
    assert all(getattr(row, name) == getattr(span, name) for name in SpanRow.__struct_fields__)
    assert encode(decode(encode(row), SpanRow)) == encode(row)


def test_an_absent_text_is_not_an_empty_one(make: Maker) -> None:
    absent, empty = make.span(tool=None, cost=None), make.span(tool="", cost=0)

    again: list[Span] = [decode(encode(span), Span) for span in (absent, empty)]

    assert [(span.tool, span.cost) for span in again] == [(None, None), ("", 0)]


def test_upper_case_ids_become_lower_case(make: Maker) -> None:
    span = make.span(trace_id="AB" * 16, span_id="CD" * 8, parent_id="EF" * 8)

    assert (span.trace_id, span.span_id, span.parent_id) == ("ab" * 16, "cd" * 8, "ef" * 8)


@pytest.mark.parametrize(
    "fields",
    [
        {"trace_id": ""},
        {"trace_id": "a" * 31},
        {"trace_id": "a" * 33, "span_id": "b" * 15},
        {"trace_id": "g" * 32},
        {"trace_id": "ab " * 10 + "ab"},
        {"span_id": ""},
        {"span_id": "b" * 17},
        {"span_id": "0x" + "b" * 14},
        {"parent_id": ""},
        {"parent_id": "c" * 15},
        {"trace_id": "\N{FULLWIDTH DIGIT ONE}" * 32},
        {"tenant": ""},
        {"project": "line\nbreak"},
        {"session": "x" * 513},
        {"session": "\ud800"},
        {"start": 1 << 63},
        {"end": -(1 << 63) - 1},
        {"seq": -1},
        {"iteration": 1 << 63},
        {"usage": Usage(output=1 << 40, input=1)},
        {"status": "weird"},
        {"cost": -1},
        {"cost": 1 << 53},
    ],
    ids=str,
)
def test_what_cannot_be_a_span_is_refused_where_it_is_built(make: Maker, fields: dict[str, Any]) -> None:
    with pytest.raises(ValueInvalid):
        make.span(**fields)


def test_a_lone_surrogate_in_a_name_is_spelled_out(make: Maker) -> None:
    span = make.span(name="a\ud800b", status_message="\udfff")

    assert (span.name, span.status_message) == ("a\\ud800b", "\\udfff")


def test_closing_fills_the_end_and_keeps_the_rest(make: Maker) -> None:
    span = make.span(end=None, attributes={"a": 1})

    closed = span.close(Nanoseconds(span.start + 5), "error")

    assert (closed.end, closed.status, closed.attributes) == (span.start + 5, "error", {"a": 1})


def test_a_duration_is_never_negative(make: Maker) -> None:
    open_span, backwards = make.span(end=None), make.span(start=10, end=5)

    assert open_span.duration is None
    assert backwards.duration == 0


def test_the_key_of_the_parent_is_in_the_same_trace(make: Maker) -> None:
    root = make.span()
    child = make.span(root)

    assert root.parent_key is None
    assert child.parent_key == root.key
    assert child.parent_id == SpanId(root.span_id)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("attributes", {1: 2}),
        ("attributes", {"a": 1, None: 2}),
        ("attributes", ["a"]),
        ("tenant", 5),
        ("trace_id", 5),
        ("kind", 5),
        ("name", None),
        ("name", b"work"),
        ("agent", 0),
        ("tool", ["grep"]),
        ("start", 1.5),
        ("start", "1"),
        ("end", 0.0),
        ("seq", None),
        ("iteration", 2.0),
        ("cost", 0.5),
        ("usage", {"input": 1}),
        ("status_message", None),
    ],
)
def test_what_is_of_another_type_is_refused_where_the_span_is_built(make: Maker, field: str, value: Any) -> None:
    """Whoever indexed it later could only note that it was lost."""
    span = make.span()

    with pytest.raises(ValueInvalid, match=f"the {field} of a span|the name of an attribute"):
        replace(span, **{field: value})
