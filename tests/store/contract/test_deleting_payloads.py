"""What a store promises about deleting payloads: the row of the span stays, and nothing of what it held."""

import pytest

from agentreplay.model.query import SpanFilter
from agentreplay.model.receipt import Target
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import all_hits, append, observe
from tests.store.world import World, answers


@pytest.fixture
def world() -> World:
    return World()


def test_a_deleted_payload_leaves_the_row_and_its_measures(store: Store, world: World) -> None:
    world.fill(store)
    span = world.batches["a1"].spans[2]
    before = observe(store, world.make.tenant, world.probe())

    receipt = store.delete(world.target(payload=span))

    found = store.spans.get(span.key)
    assert found is not None
    assert (found.kept, found.context) == ((), None)
    after = observe(store, world.make.tenant, world.probe())
    for unchanged in ("rows", "children", "ancestors", "sessions", "session spans", "measures"):
        assert after[unchanged] == before[unchanged]
    assert (receipt.sessions, receipt.spans, receipt.links, receipt.contents) == (0, 0, 1, 1)


def test_a_deleted_payload_is_not_found_any_more(store: Store, world: World) -> None:
    world.fill(store)
    (span,) = world.batches["b"].spans
    where = SpanFilter(tenant=world.make.tenant)

    store.delete(world.target(payload=span))

    assert all_hits(store, "gamma", where) == all_hits(store, "invoice", where) == set()
    assert all_hits(store, "plan", where) == {span.key}
    assert all(store.contents.get(span.tenant, one.hash) is None for one in span.kept)
    assert span.context is not None
    assert len(store.contexts.read(span.tenant, span.context.id)) == 0


def test_a_deleted_payload_leaves_what_the_span_says_of_itself(store: Store, make: Maker) -> None:
    content = make.content()
    span = make.span(status="error", status_message="failed badly", attributes={"a": 1}, kept=answers(content))
    append(store, batch_of(span, content))

    store.delete(Target(tenant=make.tenant, project=make.project, trace_id=span.trace_id, span_id=span.span_id))

    found = store.spans.get(span.key)
    assert found is not None
    assert (found.status_message, found.attributes, found.end) == ("failed badly", {"a": 1}, span.end)
    assert all_hits(store, "badly", SpanFilter(tenant=make.tenant)) == {span.key}


def test_a_deleted_payload_does_not_come_back_with_the_span(store: Store, world: World) -> None:
    """Whoever flushes once more must not bring back what somebody wanted gone."""
    world.fill(store)
    (span,) = world.batches["b"].spans
    store.delete(world.target(payload=span))

    append(store, batch_of(span))

    found = store.spans.get(span.key)
    assert found is not None
    assert (found.kept, found.context) == ((), None)
    assert store.statistics().conflicts == 0
    assert all_hits(store, "gamma", SpanFilter(tenant=world.make.tenant)) == set()


def test_a_deleted_payload_does_not_come_back_when_the_span_is_closed(store: Store, make: Maker) -> None:
    content, answer = make.content("alpha"), make.content("beta")
    span = make.span(end=None, kept=answers(content))
    append(store, batch_of(span, content))
    store.delete(Target(tenant=make.tenant, project=make.project, trace_id=span.trace_id, span_id=span.span_id))

    closed = make.span(trace_id=span.trace_id, span_id=span.span_id, kept=answers(content, answer))
    append(store, batch_of(closed, answer))

    found = store.spans.get(span.key)
    assert found is not None
    assert (found.end, found.kept) == (closed.end, ())
    assert all_hits(store, "alpha", SpanFilter(tenant=make.tenant)) == set()
    assert all_hits(store, "beta", SpanFilter(tenant=make.tenant)) == set()
