"""Every cost can be explained: its tokens, their prices, and what does not count."""

from pathlib import Path
from typing import Any

import pytest

from agentreplay.core.explain import explain_session, explain_span
from agentreplay.core.ingest import KIND, VERSION, Request, payload_of
from agentreplay.core.prices import book_of, own_price, set_price
from agentreplay.errors import SpanMissing
from agentreplay.intake.price_book import PUBLIC
from agentreplay.model.ids import ProjectId, SessionId, TenantId, TraceId
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span, SpanKey
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.memory import MemoryStore
from agentreplay.store.registry import open_store
from agentreplay.testing import Maker, batch_of
from tests.server.requests import START, trace_request

USED = Usage(input=1_000, cache_read=500, output=100, reasoning=50)


def call(make: Maker, parent: Span | None = None, **fields: Any) -> Span:
    told = {
        "kind": "llm",
        "provider": "openai",
        "model": "gpt-4.1-mini",
        "attributes": {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4.1-mini",
            "gen_ai.usage.input_tokens": 1_500,
            "gen_ai.usage.output_tokens": 150,
            "gen_ai.usage.cache_read.input_tokens": 500,
            "gen_ai.usage.reasoning.output_tokens": 50,
        },
        "usage": USED,
        "cost": NanoDollars(690_000),
    } | fields
    return make.span(parent, **told)


def test_the_charges_add_up_to_the_cost(make: Maker) -> None:
    store, span = MemoryStore(), call(make)
    store.append(batch_of(span))

    found = explain_span(store, PUBLIC, span.key)

    assert found.estimate is not None
    assert {(one.bucket, one.tokens, one.paid_as) for one in found.estimate.charges} == {
        ("input", 1_000, "input"),
        ("cache_read", 500, "cache_read"),
        ("output", 100, "output"),
        ("reasoning", 50, "output"),
    }
    assert round(sum(one.cost for one in found.estimate.charges)) == found.estimate.cost == span.cost
    assert found.estimate.source == "list"
    assert found.reasons == ()


def test_a_call_that_is_reported_twice_says_where_it_counts(make: Maker) -> None:
    store, outer = MemoryStore(), call(make)
    inner = call(make, outer)
    store.append(batch_of(outer, inner))

    found = explain_session(store, PUBLIC, SessionKey(make.tenant, make.project, outer.session))

    assert found.cost == 690_000
    assert [(one.counted_at, one.span.cost) for one in found.calls] == [(inner.span_id, None), (None, 690_000)]
    assert found.calls[0].told == USED
    assert "below it" in found.calls[0].reasons[0]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"model": "nobody-knows-me", "cost": None, "attributes": {}}, "no price is known"),
        ({"usage": Usage(), "cost": None, "attributes": {}}, "how many tokens"),
        ({"provider": None, "cost": None, "attributes": {}}, "which model"),
        ({"model": "nobody-knows-me", "cost": 7, "attributes": {}}, "reported"),
        ({"cost": 7, "attributes": {}}, "were others"),
        ({"end": None}, "open"),
        ({"kind": "agent", "cost": None, "attributes": {}}, "the calls below it are"),
    ],
)
def test_each_says_why_it_costs_what_it_costs(make: Maker, fields: dict[str, Any], reason: str) -> None:
    store, span = MemoryStore(), call(make, **fields)
    store.append(batch_of(span))

    found = explain_span(store, PUBLIC, span.key)

    assert reason in " ".join(found.reasons)


def test_a_span_that_is_not_there_cannot_be_explained(make: Maker) -> None:
    with pytest.raises(SpanMissing):
        explain_span(MemoryStore(), PUBLIC, make.span().key)


def test_who_indexes_uses_the_prices_of_the_data_folder(tmp_path: Path) -> None:
    set_price(tmp_path, own_price("house-model", {"input": "2", "output": "4"}, project="default"))
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "house",
        "gen_ai.request.model": "house-model",
        "gen_ai.usage.input_tokens": 1_000,
        "gen_ai.usage.output_tokens": 100,
        "session.id": "s",
    }
    request = Request(
        tenant=TenantId("local"),
        project=ProjectId("default"),
        signal="traces",
        encoding="protobuf",
        received=Nanoseconds(START),
        body=trace_request(1, attributes).SerializeToString(),
    )
    writer = JournalWriter(tmp_path, "process")
    writer.append_payloads(KIND, VERSION, [payload_of(request)])
    writer.close()
    store = open_store(tmp_path)
    store.drain()

    found = explain_session(store, book_of(tmp_path), SessionKey(request.tenant, request.project, SessionId("s")))
    trace = TraceId(found.calls[0].span.trace_id)
    alone = explain_span(
        store, book_of(tmp_path), SpanKey(request.tenant, request.project, trace, found.calls[0].span.span_id)
    )
    store.close()

    assert found.cost == 2_400_000
    assert alone.estimate is not None
    assert alone.estimate.source == "own"
