"""What a store promises about measures: they equal what a look at every span would find."""

import math
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from agentreplay.model.measure import DIMENSIONS, GRAINS, Dimension, Grain, Measure, MeasureQuery, Percentiles
from agentreplay.model.query import Bounds, SessionFilter
from agentreplay.model.span import Span
from agentreplay.model.summary import summarise
from agentreplay.model.time import DAY, HOUR, MINUTE, SECOND, Nanoseconds
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage
from agentreplay.store.protocol import Store
from agentreplay.testing import NEW_YEAR, Maker, batch_of
from tests.store.observation import ALL_TIME, all_sessions, append, assert_same_measures, measures, session_key


def population(make: Maker) -> list[Span]:
    """Spans of four days, with absent values, errors, open ones and clocks that went backwards."""
    random = Random(5)
    spans = []
    for number in range(600):
        start = NEW_YEAR + random.randrange(4 * DAY // SECOND) * SECOND
        end = start + int(random.lognormvariate(18, 3))
        spans.append(
            make.span(
                project=random.choice(["demo", "demo", "other"]),
                session=f"session {random.randrange(60)}",
                start=start,
                end=None if number % 20 == 0 else start - 5 if number % 33 == 0 else end,
                kind=random.choice(["llm", "tool", "custom"]),
                status=random.choice(["ok", "ok", "error", "unset"]),
                agent=random.choice([None, "planner", "writer", ""]),
                model=random.choice([None, "m1", "m2"]),
                provider=random.choice([None, "p1"]),
                tool=random.choice([None, "grep", "\u00e9dit"]),
                usage=random.choice([NO_USAGE, Usage(input=random.randrange(1000), cache_write_1h=3, image_out=1)]),
                cost=random.choice([None, 0, random.randrange(10**9)]),
            )
        )
    return spans


def brute_force(spans: Sequence[Span], query: MeasureQuery) -> list[Measure]:
    groups: dict[tuple[int, tuple[tuple[bool, str], ...]], list[Span]] = {}
    for span in spans:
        if (
            span.tenant == query.tenant
            and query.project in (None, span.project)
            and span.end is not None
            and query.since <= span.start < query.until
            and all(getattr(span, name) == value for name, value in query.only.items())
        ):
            bucket = 0 if query.grain == "all" else span.start - span.start % GRAINS[query.grain]
            values = [getattr(span, name) for name in query.by]
            order = tuple((value is not None, value or "") for value in values)
            groups.setdefault((bucket, order), []).append(span)
    return [measure_of(groups[key], key[0], query) for key in sorted(groups)]


def measure_of(spans: list[Span], bucket: int, query: MeasureQuery) -> Measure:
    durations = sorted(max(0, span.end - span.start) for span in spans if span.end is not None)
    usage = NO_USAGE
    for span in spans:
        usage += span.usage
    return Measure(
        bucket=None if query.grain == "all" else Nanoseconds(bucket),
        dimensions={name: getattr(spans[0], name) for name in query.by},
        spans=len(spans),
        errors=len([span for span in spans if span.status == "error"]),
        duration=sum(durations),
        usage=usage,
        cost=NanoDollars(sum(span.cost or 0 for span in spans)),
        percentiles=Percentiles(
            **{f"p{share}": float(durations[math.ceil(share * len(durations) / 100) - 1]) for share in (50, 90, 95, 99)}
        ),
        sessions=len({session_key(span) for span in spans}),
    )


QUERIES: list[dict[str, Any]] = [
    {},
    *({"grain": grain} for grain in GRAINS),
    *({"by": (name,)} for name in DIMENSIONS),
    *({"by": (name,), "grain": "hour"} for name in DIMENSIONS),
    {"by": ("kind", "status"), "grain": "day"},
    {"by": ("status", "kind")},
    {"by": ("agent", "model", "tool")},
    {"by": DIMENSIONS, "grain": "day"},
    *(
        {"only": {name: value}}
        for name, value in [("agent", "planner"), ("agent", ""), ("model", "m1"), ("kind", "llm")]
    ),
    *({"only": {name: value}} for name, value in [("provider", "p1"), ("tool", "\u00e9dit"), ("project", "other")]),
    {"only": {"status": "error"}, "by": ("model",), "grain": "hour"},
    {"only": {"kind": "llm", "model": "m2"}, "by": ("kind", "status"), "grain": "day"},
    {"only": {"model": "unknown"}},
    {"project": "demo"},
    {"project": "demo", "by": ("project", "agent")},
    {"project": "unknown"},
    {"since": NEW_YEAR + DAY, "until": NEW_YEAR + 3 * DAY, "grain": "day", "by": ("model",)},
    {"since": NEW_YEAR + DAY + 5 * HOUR, "until": NEW_YEAR + 2 * DAY + 7 * HOUR, "grain": "hour"},
    {"since": NEW_YEAR + DAY + 5 * HOUR + 7 * MINUTE, "until": NEW_YEAR + 3 * DAY + 9 * HOUR + 59 * MINUTE},
    {"since": NEW_YEAR + 59 * MINUTE, "until": NEW_YEAR + 61 * MINUTE, "grain": "minute"},
    {"since": NEW_YEAR - DAY, "until": NEW_YEAR},
]


def test_measures_equal_a_look_at_every_span(store: Store, make: Maker) -> None:
    spans = population(make)
    append(store, *[batch_of(*spans[first : first + 100]) for first in range(0, len(spans), 100)])
    append(store, batch_of(Maker(tenant="stranger").span()))

    for fields in QUERIES:
        usual: dict[str, Any] = {"tenant": make.tenant, "since": ALL_TIME[0], "until": ALL_TIME[1]}
        asked = MeasureQuery(**usual | fields)
        assert_same_measures(store.measure(asked), brute_force(spans, asked))


def test_nothing_was_measured_in_an_empty_store(store: Store, make: Maker) -> None:
    assert list(measures(store, make.tenant)) == []
    assert list(measures(store, make.tenant, ("kind",), "hour")) == []


def test_the_first_moment_of_a_bucket_belongs_to_it(store: Store, make: Maker) -> None:
    starts = [NEW_YEAR, NEW_YEAR + HOUR - 1, NEW_YEAR + HOUR, NEW_YEAR - 1]
    append(store, batch_of(*[make.span(start=start) for start in starts]))

    found = measures(store, make.tenant, grain="hour")

    assert [(measure.bucket, measure.spans) for measure in found] == [
        (NEW_YEAR - HOUR, 1),
        (NEW_YEAR, 2),
        (NEW_YEAR + HOUR, 1),
    ]


def test_a_span_is_measured_once_however_often_it_is_told(store: Store, make: Maker) -> None:
    opened = make.span(end=None, model="guess", cost=9)
    closed = make.span(trace_id=opened.trace_id, span_id=opened.span_id, model="told", cost=5)
    append(store, batch_of(opened), batch_of(opened), batch_of(closed), batch_of(closed), batch_of(opened))

    found = measures(store, make.tenant, ("model",))

    assert [(measure.dimensions, measure.spans, measure.cost) for measure in found] == [({"model": "told"}, 1, 5)]


@pytest.mark.parametrize("grain", GRAINS)
def test_sums_beyond_64_bits_are_exact(store: Store, make: Maker, grain: Grain) -> None:
    """A clock that is off by centuries must not spoil the figures of the others."""
    latest, most, tokens = (1 << 63) - 1, (1 << 53) - 1, 1 << 40
    spans = [make.span(start=NEW_YEAR, end=latest, cost=most, usage=Usage(input=tokens)) for _ in range(1_500)]
    append(store, batch_of(*spans[:1_000]), batch_of(*spans[1_000:]))

    (found,) = measures(store, make.tenant, grain=grain)

    assert found.duration == 1_500 * (latest - NEW_YEAR)
    assert (found.cost, found.usage.input) == (1_500 * most, 1_500 * tokens)
    row = store.sessions.get(session_key(spans[0]))
    assert row is not None
    assert row.summary == summarise(spans)
    where = SessionFilter(tenant=make.tenant, cost=Bounds(least=most), tokens=Bounds(least=1_500 * tokens))
    assert all_sessions(store, where) == [make.session_id]


def test_unique_sessions_are_told_apart_by_project(store: Store, make: Maker) -> None:
    append(
        store,
        batch_of(*[make.span(project=f"project {number}") for number in range(5)], make.span(project="project 0")),
    )

    assert [measure.sessions for measure in measures(store, make.tenant)] == [5]


def test_many_sessions_are_counted_nearly(store: Store, make: Maker) -> None:
    spans = [make.span(session=f"session {number}") for number in range(3_000)]
    append(store, batch_of(*spans), batch_of(*spans[:1_000]))

    (found,) = measures(store, make.tenant)

    assert found.sessions == pytest.approx(3_000, rel=0.02)


def test_dimensions_come_in_order_and_absent_ones_first(store: Store, make: Maker) -> None:
    tools = ["b", None, "", "a", "\U0001f600", "\ufffd", "B"]
    append(store, batch_of(*[make.span(tool=tool) for tool in tools]))
    by: tuple[Dimension, ...] = ("tool",)

    found = [measure.dimensions["tool"] for measure in measures(store, make.tenant, by)]

    assert found == [None, "", "B", "a", "b", "\ufffd", "\U0001f600"]
