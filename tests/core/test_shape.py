"""The types of JSON: what `plain` makes of a value has the shape of its type."""

from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import given

from agentreplay.core.plain import plain
from agentreplay.core.shape import shape
from agentreplay.model.measure import Measure, Percentiles
from agentreplay.model.page import Cursor, Page
from agentreplay.model.receipt import Receipt, Target
from agentreplay.model.search import Hit
from agentreplay.model.session import SessionRow
from agentreplay.model.span import Span, SpanRow, narrow
from agentreplay.model.summary import summarise
from agentreplay.testing import Maker
from tests.strategies import spans


def fits(value: object, kind: Any) -> None:
    told = plain(value)
    read = msgspec.convert(told, shape(kind), strict=True)
    assert msgspec.to_builtins(read) == told


def test_what_is_shown_has_the_shape_of_its_type(make: Maker) -> None:
    span = make.span(attributes={"a": [1, b"x"]})
    row = SessionRow(session=make.session(labels={"a": "b"}), summary=summarise([span]))
    percentiles = Percentiles(p50=1.5, p90=2, p95=2, p99=2)

    fits(span, Span)
    fits(row, SessionRow)
    fits(Page(items=(row,), next=Cursor("x")), Page[SessionRow])
    fits(Hit(span=narrow(span), score=1.0, snippet="an \x02order\x03"), Hit)
    fits(Receipt(target=Target(tenant=make.tenant, project=make.project)), Receipt)
    fits(Measure(spans=1, errors=0, duration=7, percentiles=percentiles, sessions=1), Measure)


@given(spans)
def test_any_span_has_the_shape_of_its_type(span: Span) -> None:
    fits(narrow(span), SpanRow)


def test_times_are_text_and_equal_types_have_one_shape() -> None:
    assert shape(SpanRow) is shape(SpanRow)
    assert shape(Page[SpanRow]) is shape(Page[SpanRow])
    assert get_type_hints(shape(SpanRow))["start"] is str


@pytest.mark.parametrize(("kind", "expected"), [(int, int), (str | None, str | None), (tuple[int, ...], list[int])])
def test_what_json_knows_stays(kind: Any, expected: Any) -> None:
    assert shape(kind) == expected
