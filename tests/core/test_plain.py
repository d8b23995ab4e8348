"""Stored values as JSON shows them."""

import json

from hypothesis import given

from agentreplay.core.plain import plain, plain_hit, plain_session, plain_span
from agentreplay.model.measure import Measure, Percentiles
from agentreplay.model.receipt import Receipt, Statistics, Target
from agentreplay.model.search import Hit
from agentreplay.model.session import SessionRow
from agentreplay.model.span import Span, narrow
from agentreplay.model.summary import summarise
from agentreplay.model.time import HOUR, Nanoseconds
from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.testing import DURATION, NEW_YEAR, Maker
from tests.strategies import spans


def test_times_are_strings_and_other_integers_numbers(make: Maker) -> None:
    span = make.span(usage=Usage(input=3, output=4), cost=NanoDollars(5))

    shown = plain_span(narrow(span))

    assert shown["start"] == str(span.start)
    assert shown["duration"] == str(DURATION)
    assert shown["cost"] == 5
    assert shown["usage"]["total"] == 7
    assert shown["parent_id"] is None


def test_an_open_span_has_neither_end_nor_duration(make: Maker) -> None:
    shown = plain_span(narrow(make.span(end=None)))

    assert shown["end"] is None
    assert shown["duration"] is None


def test_integers_beyond_what_readers_keep_are_strings() -> None:
    assert plain([1 << 53, (1 << 53) + 1, -(1 << 60), True]) == [
        1 << 53,
        str((1 << 53) + 1),
        str(-(1 << 60)),
        True,
    ]


def test_numbers_json_does_not_know_are_null() -> None:
    assert plain({"a": float("nan"), "b": float("inf"), "c": 0.5}) == {"a": None, "b": None, "c": 0.5}


def test_a_session_has_what_follows_from_its_spans_filled_in(make: Maker) -> None:
    session, span = make.session(), make.span()

    shown = plain_session(SessionRow(session=session, summary=summarise([span])))

    assert shown["id"] == session.id
    assert shown["status"] == "completed"
    assert (shown["started"], shown["ended"]) == (str(span.start), str(span.end))
    assert shown["duration"] == str(DURATION)
    assert shown["summary"]["spans"] == 1
    assert shown["summary"]["errors"] == 0


def test_a_measure_and_statistics_tell_their_times_as_strings() -> None:
    percentiles = Percentiles(p50=1.5, p90=2, p95=2, p99=2)
    measure = Measure(bucket=NEW_YEAR, spans=1, errors=0, duration=HOUR, percentiles=percentiles, sessions=1)
    statistics = Statistics(sessions=1, spans=1, contents=0, links=0, oldest=Nanoseconds(7))

    assert plain(measure)["bucket"] == str(NEW_YEAR)
    assert plain(measure)["duration"] == str(HOUR)
    assert plain(measure)["percentiles"]["p50"] == 1.5
    assert plain(statistics)["oldest"] == "7"
    assert plain(statistics)["newest"] is None


def test_a_receipt_names_its_target(make: Maker) -> None:
    receipt = Receipt(target=Target(tenant=make.tenant, project=make.project, session=make.session_id), spans=2)

    shown = plain(receipt)

    assert shown["target"]["session"] == make.session_id
    assert (shown["spans"], shown["contents"]) == (2, 0)


def test_a_hit_has_its_snippet_as_text_and_in_passages(make: Maker) -> None:
    hit = Hit(span=narrow(make.span()), score=1.0, snippet="an \x02order\x03")

    shown = plain_hit(hit)

    assert shown["snippet"] == "an order"
    assert shown["passages"] == [{"text": "an ", "matches": False}, {"text": "order", "matches": True}]


@given(spans)
def test_any_span_can_be_shown(span: Span) -> None:
    assert json.loads(json.dumps(plain_span(narrow(span)), allow_nan=False))["start"] == str(span.start)
