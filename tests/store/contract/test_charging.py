"""What a store promises about calls that several layers report: they are charged once."""

from collections.abc import Callable

import pytest

from agentreplay.model.session import SessionKey, Summary
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import Probe, append, assert_same_answers, in_every_order, measures, observe

USED = Usage(input=100, output=10)


def call(make: Maker, parent: Span | None = None, **fields: object) -> Span:
    told = {"kind": "llm", "model": "gpt-5-mini", "usage": USED, "cost": NanoDollars(45)} | fields
    return make.span(parent, **told)


def summary(store: Store, span: Span) -> Summary:
    row = store.sessions.get(SessionKey(span.tenant, span.project, span.session))
    assert row is not None
    return row.summary


@pytest.mark.parametrize("carrier", ["", "http"])
def test_the_inner_of_two_tellings_counts_in_whatever_order_they_come(
    new_store: Callable[[], Store], make: Maker, carrier: str
) -> None:
    outer = call(make, cost=NanoDollars(44))
    between = [make.span(outer, kind="http")] if carrier else []
    inner = call(make, (between or [outer])[0], model="openai/gpt-5-mini-2025-08-07")
    told = [batch_of(span) for span in (outer, *between, inner)]
    seen: list[dict[str, object]] = []

    for store in in_every_order(new_store, told):
        assert (summary(store, outer).usage, summary(store, outer).cost) == (USED, 45)
        assert sum(measure.cost for measure in measures(store, make.tenant)) == 45
        assert store.statistics().conflicts == 0
        seen.append(observe(store, make.tenant, Probe()))
    for answers in seen[1:]:
        assert_same_answers(answers, seen[0])


def test_each_tells_what_the_other_does_not(store: Store, make: Maker) -> None:
    outer = call(make, cost=NanoDollars(7))
    inner = call(make, outer, cost=None)

    append(store, batch_of(outer), batch_of(inner))

    assert (summary(store, outer).usage, summary(store, outer).cost) == (USED, 7)
    stored = store.spans.get(outer.key)
    assert stored is not None
    assert (stored.usage, stored.cost) == (NO_USAGE, 7)


def test_a_span_that_is_open_is_compared_when_it_is_closed(store: Store, make: Maker) -> None:
    outer = call(make, end=None)
    inner = call(make, outer)
    append(store, batch_of(outer, inner))

    append(store, batch_of(outer.close(Nanoseconds(inner.start + 1))))

    assert summary(store, outer).cost == 45


@pytest.mark.parametrize(
    ("between", "model"), [("tool", "gpt-5-mini"), ("agent", "gpt-5-mini"), ("http", "gemini-2.5-pro")]
)
def test_another_call_is_charged_too(store: Store, make: Maker, between: str, model: str) -> None:
    outer = call(make)
    step = make.span(outer, kind=between)
    inner = call(make, step, model=model)

    append(store, batch_of(outer, step, inner))

    assert summary(store, outer).cost == 90


def test_retries_below_one_call_count_each(store: Store, make: Maker) -> None:
    outer = call(make)

    append(store, batch_of(outer), batch_of(call(make, outer), call(make, outer, usage=NO_USAGE, cost=None)))

    assert summary(store, outer).cost == 45
